// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import dev.tcpstates.agent.boot.SocketHooks;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.bytecode.StackManipulation;
import net.bytebuddy.implementation.bytecode.member.MethodInvocation;
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

  /** Runs where advice itself throws, which its callees never do. */
  private static final Advice.ExceptionHandler COUNTING = new CountingExceptionHandler();

  /**
   * The same in the application's classes. Names no class: a class loader that hides the hooks
   * would hide it too, and so let the error out.
   */
  private static final Advice.ExceptionHandler SUPPRESSING =
      Advice.ExceptionHandler.Default.SUPPRESSING;

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
    for (String type : JdkHooks.ALL.stream().map(Hook::type).distinct().toList()) {
      try {
        instrumentation.retransformClasses(Class.forName(type, false, null));
      } catch (ClassNotFoundException e) {
        missing.put(type, "no such class");
      } catch (Exception | LinkageError | InternalError e) {
        // The JVM's word for a class that it won't redefine is InternalError.
        missing.put(type, e.toString());
      }
    }
    if (running) {
      retransformNetty();
    }
    return missing.entrySet().stream()
        .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
        .collect(Collectors.joining(", "));
  }

  private void retransformNetty() {
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (NettyHooks.in(loaded.getName().replace('.', '/')) != null) {
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
      List<Hook> hooks = JdkHooks.ALL.stream().filter(hook -> hook.type().equals(type)).toList();
      if (hooks.isEmpty()) {
        return null;
      }
      try {
        return ClassWeaver.weave(
            type,
            classFile,
            hooks,
            COUNTING,
            hook -> missing.put(hook.type() + "." + hook.name(), "no such method"));
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
      Hook hook = NettyHooks.in(internalName);
      if (hook == null) {
        return null;
      }
      String type = internalName.replace('/', '.');
      try {
        return ClassWeaver.weave(
            type,
            classFile,
            List.of(hook),
            SUPPRESSING,
            lacking -> cannotWeave(type, "no method " + lacking.name()));
      } catch (Throwable t) {
        cannotWeave(type, t.toString());
        return null;
      }
    }
  }

  private static final class CountingExceptionHandler implements Advice.ExceptionHandler {
    @Override
    public StackManipulation resolve(
        MethodDescription instrumentedMethod, TypeDescription instrumentedType) {
      try {
        return MethodInvocation.invoke(
            new MethodDescription.ForLoadedMethod(
                SocketHooks.class.getMethod("suppressed", Throwable.class)));
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
