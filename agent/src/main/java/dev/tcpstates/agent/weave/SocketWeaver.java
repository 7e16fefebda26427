// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.weave.JdkHooks.JdkHook;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weaves the hooks into the classes that open TCP sockets: the JDK's at once, the application's
 * copies of Netty when they are loaded, or now if they are.
 *
 * <p>A JDK or a Netty that lacks one of the methods is no error: the transitions of such sockets
 * are recorded all the same, without their opener.
 */
public final class SocketWeaver {
  private static final Logger LOG = LoggerFactory.getLogger(SocketWeaver.class);

  private final Instrumentation instrumentation;
  private final Map<String, String> missing = new ConcurrentSkipListMap<>();

  public SocketWeaver(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /**
   * Weaves all hooks; returns once sockets opened by any thread are seen.
   *
   * @param running whether the application has started, and so may have loaded Netty
   * @return what of the JDK could not be woven, with the reasons; empty when all is well
   */
  public String weave(boolean running) {
    // They stay: another agent's retransformation starts from the original class again.
    instrumentation.addTransformer(new JdkTransformer(), true);
    instrumentation.addTransformer(new NettyTransformer(), true);
    retransformJdk();
    if (running) {
      retransformNetty();
    }
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, String> entry : missing.entrySet()) {
      text.append(text.isEmpty() ? "" : ", ").append(entry.getKey());
      text.append(" (").append(entry.getValue()).append(')');
    }
    return text.toString();
  }

  private void retransformJdk() {
    Set<Class<?>> types = new LinkedHashSet<>();
    for (JdkHook hook : JdkHooks.ALL) {
      try {
        types.add(Class.forName(hook.type(), false, null));
      } catch (ClassNotFoundException e) {
        missing.put(hook.type(), "no such class");
      }
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
      if (NettyHooks.in(loaded.getName().replace('.', '/')) >= 0) {
        try {
          instrumentation.retransformClasses(loaded);
        } catch (Exception | LinkageError | InternalError e) {
          cannotWeave(loaded.getName(), e.toString());
        }
      }
    }
  }

  private static void cannotWeave(String type, String reason) {
    LOG.warn(
        "the recording will not hold who opened the sockets of {}, which is not as in the versions"
            + " of Netty that are known ({}). Please report this with Netty's version.",
        type,
        reason);
  }

  private final class JdkTransformer implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader,
        String internalName,
        Class<?> redefined,
        ProtectionDomain domain,
        byte[] classFile) {
      if (redefined == null || loader != null) {
        return null;
      }
      String type = redefined.getName();
      List<JdkHook> hooks = new ArrayList<>();
      for (JdkHook hook : JdkHooks.ALL) {
        if (hook.type().equals(type)) {
          hooks.add(hook);
        }
      }
      if (hooks.isEmpty()) {
        return null;
      }
      try {
        List<JdkHook> woven = new ArrayList<>();
        byte[] result = JdkWeaver.weave(classFile, hooks, woven);
        for (String name : JdkWeaver.missing(hooks, woven)) {
          missing.put(name, "no such method");
        }
        return result;
      } catch (Throwable t) {
        missing.put(type, t.toString());
        return null;
      }
    }
  }

  private static final class NettyTransformer implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader,
        String internalName,
        Class<?> redefined,
        ProtectionDomain domain,
        byte[] classFile) {
      int hook = NettyHooks.in(internalName);
      if (hook < 0) {
        return null;
      }
      String type = internalName.replace('/', '.');
      try {
        return NettyWeaver.weave(type, classFile, hook);
      } catch (Throwable t) {
        cannotWeave(type, t.toString());
        return null;
      }
    }
  }
}
