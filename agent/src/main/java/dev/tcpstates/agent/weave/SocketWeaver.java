// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.log.Loggers;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;

/**
 * Weaves the hooks into the classes that open TCP sockets, start threads or run tasks: the JDK's
 * and the application's copies of Netty, when they are loaded, or at once if they are.
 *
 * <p>The JVM offers no class that was loaded before the agent, or that another agent's transformer
 * causes to be loaded. {@link #complete} finds those of the JDK.
 *
 * <p>A JDK or a Netty that lacks one of the methods is no error: the transitions of such sockets
 * are recorded all the same, without their opener.
 */
public final class SocketWeaver {
  private static final Logger LOG = Loggers.of(SocketWeaver.class);

  private final Instrumentation instrumentation;
  private final Map<String, String> missing = new ConcurrentSkipListMap<>();
  private final Map<String, String> missingOfNetty = new ConcurrentSkipListMap<>();

  /**
   * Only grows. An array, because {@link JdkTransformer} must not load a class to look through it.
   */
  private volatile Hook[] jdkHooks = JdkHooks.SOCKETS.toArray(new Hook[0]);

  /** The classes of the JDK whose hooks are in place, as far as the class has them. */
  private final Set<String> wovenOfJdk = ConcurrentHashMap.newKeySet();

  private final Relay relay;
  private volatile boolean tasks;

  /** Weaves nothing yet. */
  public SocketWeaver(Instrumentation instrumentation, BootDefiner definer) {
    this.instrumentation = instrumentation;
    this.relay = new Relay(definer);
  }

  /**
   * Weaves the hooks of threads and tasks at once, and from now on the other classes when they are
   * loaded.
   *
   * @param threads whether starts of platform threads are hooked
   * @param virtualThreads whether starts of virtual threads are hooked
   * @param submits whether submits of tasks to executors are hooked
   * @param running whether the application has started, and so may have loaded Netty
   */
  public void weave(boolean threads, boolean virtualThreads, boolean submits, boolean running) {
    List<Hook> added = addJdkHooks(threads, virtualThreads, submits);
    tasks = submits;
    // They stay: another agent's retransformation starts from the original class again.
    instrumentation.addTransformer(new JdkTransformer(), true);
    instrumentation.addTransformer(new NettyTransformer(), true);
    retransform(types(added));
    if (running) {
      retransformNetty();
    }
  }

  /**
   * Loads the classes of the JDK that are to be woven, and sees to it that they are. From then on,
   * the sockets of all threads are seen, and it is known what is {@link #missing}.
   */
  public void complete() {
    Set<Class<?>> types = types(List.of(jdkHooks));
    types.removeIf(type -> wovenOfJdk.contains(type.getName()));
    retransform(types);
  }

  /** Adds the hooks of threads and tasks that earlier calls have left out. */
  public void weaveMore(boolean threads, boolean virtualThreads, boolean submits) {
    List<Hook> added = addJdkHooks(threads, virtualThreads, submits);
    retransform(types(added));
    if (submits && !tasks) {
      tasks = true;
      retransformNetty();
    }
  }

  private List<Hook> addJdkHooks(boolean threads, boolean virtualThreads, boolean submits) {
    List<Hook> added = new ArrayList<>();
    if (threads) {
      added.add(JdkHooks.PLATFORM_THREADS);
    }
    if (virtualThreads && Runtime.version().feature() >= 21) {
      added.add(JdkHooks.VIRTUAL_THREADS);
    }
    for (Hook there : jdkHooks) {
      // Not remove: the first call of a record's equals makes a hundred classes.
      added.removeIf(hook -> there == hook);
    }
    if (submits && !tasks) {
      added.addAll(JdkHooks.tasks());
    }
    List<Hook> all = new ArrayList<>(List.of(jdkHooks));
    all.addAll(added);
    jdkHooks = all.toArray(new Hook[0]);
    return added;
  }

  /** Returns what of the JDK could not be woven, with the reasons; empty when all is well. */
  public String missing() {
    return words(missing);
  }

  /** Returns the classes of Netty that could not be woven up to now, with the reasons. */
  public String missingOfNetty() {
    return words(missingOfNetty);
  }

  private static String words(Map<String, String> reasons) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, String> entry : reasons.entrySet()) {
      text.append(text.isEmpty() ? "" : ", ").append(entry.getKey());
      text.append(" (").append(entry.getValue()).append(')');
    }
    return text.toString();
  }

  private List<Hook> hooksOf(String type) {
    List<Hook> hooks = new ArrayList<>();
    for (Hook hook : jdkHooks) {
      if (hook.type().equals(type)) {
        hooks.add(hook);
      }
    }
    return hooks;
  }

  private Set<Class<?>> types(List<Hook> hooks) {
    Set<Class<?>> types = new LinkedHashSet<>();
    for (Hook hook : hooks) {
      try {
        types.add(Class.forName(hook.type(), false, null));
      } catch (ClassNotFoundException e) {
        missing.put(hook.type(), "no such class");
      }
    }
    return types;
  }

  private void retransform(Set<Class<?>> types) {
    if (types.isEmpty()) {
      return;
    }
    try {
      // All at once: each call stops the JVM.
      instrumentation.retransformClasses(types.toArray(new Class<?>[0]));
    } catch (Exception | LinkageError | InternalError refused) {
      // The JVM's word for a class that it won't redefine is InternalError; it does not name it.
      for (Class<?> type : types) {
        try {
          instrumentation.retransformClasses(type);
        } catch (Exception | LinkageError | InternalError e) {
          missing.put(type.getName(), e.toString());
        }
      }
    }
  }

  private void retransformNetty() {
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (nettyHook(loaded.getName().replace('.', '/')) >= 0) {
        try {
          instrumentation.retransformClasses(loaded);
        } catch (Exception | LinkageError | InternalError e) {
          cannotWeave(loaded.getName(), e.toString());
        }
      }
    }
  }

  /** The number of the hooks for a class, negative if there is none. */
  private int nettyHook(String internalName) {
    int hook = NettyHooks.in(internalName);
    return tasks || !NettyHooks.isOfTasks(hook) ? hook : -1;
  }

  private void cannotWeave(String type, String reason) {
    missingOfNetty.put(type, reason);
    LOG.warn(
        "the recording will not have what opened the sockets or submitted the tasks of {}, because"
            + " this version of Netty is unknown ({}). Please report this with Netty's version.",
        type,
        reason);
  }

  /**
   * Is called for each class that is loaded. Until it knows that the class is one of its own, it
   * must not cause another to be loaded: that one could be the very class, which the JVM then takes
   * for its own superclass.
   */
  private final class JdkTransformer implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader,
        String internalName,
        Class<?> redefined,
        ProtectionDomain domain,
        byte[] classFile) {
      if (loader != null || internalName == null) {
        return null;
      }
      String type = internalName.replace('/', '.');
      List<Hook> hooks = hooksOf(type);
      if (hooks.isEmpty()) {
        return null;
      }
      try {
        List<Hook> woven = new ArrayList<>();
        byte[] result = HookWeaver.weave(classFile, hooks, woven);
        for (String name : HookWeaver.missing(hooks, woven)) {
          missing.put(name, "no such method");
        }
        missing.remove(type);
        wovenOfJdk.add(type);
        return result;
      } catch (Throwable t) {
        missing.put(type, t.toString());
        return null;
      }
    }
  }

  private final class NettyTransformer implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader,
        String internalName,
        Class<?> redefined,
        ProtectionDomain domain,
        byte[] classFile) {
      int hook = nettyHook(internalName);
      if (hook < 0) {
        return null;
      }
      String type = internalName.replace('/', '.');
      try {
        relay.define();
        return weaveNetty(classFile, NettyHooks.of(hook));
      } catch (Throwable t) {
        cannotWeave(type, t.toString());
        return null;
      }
    }

    private byte[] weaveNetty(byte[] classFile, List<List<Hook>> alternatives)
        throws NoSuchMethodException {
      for (List<Hook> hooks : alternatives) {
        List<Hook> woven = new ArrayList<>();
        byte[] result = HookWeaver.weave(classFile, hooks, woven);
        if (HookWeaver.missing(hooks.subList(0, 1), woven).isEmpty()) {
          return result;
        }
      }
      throw new NoSuchMethodException(alternatives.get(0).get(0).name());
    }
  }
}
