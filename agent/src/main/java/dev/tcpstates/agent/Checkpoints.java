// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.lang.reflect.Proxy;

/**
 * Calls back around the checkpoints of a JDK with CRaC (Coordinated Restore at Checkpoint), which
 * refuses a checkpoint while descriptors are open. Other JDKs don't have these classes.
 */
final class Checkpoints {
  static final String PACKAGE = "jdk.crac";

  /** Held here, because the JDK holds it weakly. */
  private static Object resource;

  private Checkpoints() {}

  /**
   * Registers what is called for each checkpoint from now on, if this JDK can make one. Only the
   * first call counts.
   *
   * @param before called before a checkpoint
   * @param after called after the restore, or if the checkpoint failed
   */
  static synchronized void register(Runnable before, Runnable after) {
    if (resource != null || !Object.class.getModule().getPackages().contains(PACKAGE)) {
      return;
    }
    try {
      Class<?> type = Class.forName(PACKAGE + ".Resource");
      resource =
          Proxy.newProxyInstance(
              Checkpoints.class.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "beforeCheckpoint" -> run(before);
                    case "afterRestore" -> run(after);
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> "tcpstates-agent";
                  });
      Object context = Class.forName(PACKAGE + ".Core").getMethod("getGlobalContext").invoke(null);
      Class.forName(PACKAGE + ".Context").getMethod("register", type).invoke(context, resource);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Another version of CRaC: a checkpoint needs a detach before it.
    }
  }

  private static Object run(Runnable work) {
    work.run();
    return null;
  }
}
