// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import dev.tcpstates.agent.boot.SocketHooks;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.bytecode.StackManipulation;
import net.bytebuddy.implementation.bytecode.member.MethodInvocation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/**
 * Weaves the hooks into the JDK classes that open TCP sockets. All of the JDK's socket classes end
 * in these few methods, each of which runs after the descriptor exists and before it can be used.
 *
 * <p>A JDK that lacks one of them is no error: the transitions of such sockets are recorded all the
 * same, without their opener.
 */
public final class SocketWeaver {
  /** One method of the JDK, and what is called when it returns. */
  private record Hook(
      String type, String name, ElementMatcher<MethodDescription> method, Class<?> advice) {}

  private static final String FAMILY = "java.net.ProtocolFamily";
  private static final String DESCRIPTOR = "java.io.FileDescriptor";

  private static final List<Hook> HOOKS =
      List.of(
          // Socket, SocketChannel, AsynchronousSocketChannel
          new Hook(
              "sun.nio.ch.Net",
              "socket",
              named("socket").and(takesArguments(2)).and(takesArgument(0, named(FAMILY))),
              SocketAdvice.Connecting.class),
          // ServerSocket, ServerSocketChannel, AsynchronousServerSocketChannel; JDK 17 and 21 have
          // a second argument
          new Hook(
              "sun.nio.ch.Net",
              "serverSocket",
              named("serverSocket").and(takesArgument(0, named(FAMILY))),
              SocketAdvice.Listening.class),
          new Hook(
              "sun.nio.ch.NioSocketImpl",
              "accept",
              named("accept")
                  .and(takesArguments(1))
                  .and(takesArgument(0, named("java.net.SocketImpl"))),
              SocketAdvice.AcceptedSocket.class),
          new Hook(
              "sun.nio.ch.SocketChannelImpl",
              "accepted channel",
              isConstructor().and(takesArguments(4)).and(takesArgument(2, named(DESCRIPTOR))),
              SocketAdvice.AcceptedChannel.class),
          new Hook(
              "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
              "accepted channel",
              isConstructor().and(takesArguments(3)).and(takesArgument(1, named(DESCRIPTOR))),
              SocketAdvice.AcceptedAsynchronousChannel.class));

  /** Runs where advice itself throws, which its callees never do. */
  private static final Advice.ExceptionHandler COUNTING = new CountingExceptionHandler();

  private final Instrumentation instrumentation;
  private final Map<String, String> missing = new ConcurrentSkipListMap<>();

  public SocketWeaver(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /**
   * Weaves all hooks; returns once sockets opened by any thread are seen.
   *
   * @return what could not be woven, with the reasons; empty when all is well
   */
  public String weave() {
    // It stays: another agent's retransformation starts from the original class again.
    instrumentation.addTransformer(new Transformer(), true);
    for (String type : HOOKS.stream().map(Hook::type).distinct().toList()) {
      try {
        instrumentation.retransformClasses(Class.forName(type, false, null));
      } catch (ClassNotFoundException e) {
        missing.put(type, "no such class");
      } catch (Exception | LinkageError | InternalError e) {
        // The JVM's word for a class that it won't redefine is InternalError.
        missing.put(type, e.toString());
      }
    }
    return missing.entrySet().stream()
        .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
        .collect(Collectors.joining(", "));
  }

  private final class Transformer implements ClassFileTransformer {
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
      List<Hook> hooks = HOOKS.stream().filter(hook -> hook.type().equals(type)).toList();
      if (hooks.isEmpty()) {
        return null;
      }
      try {
        return transform(type, hooks, classFile);
      } catch (Throwable t) {
        missing.put(type, t.toString());
        return null;
      }
    }

    private byte[] transform(String type, List<Hook> hooks, byte[] classFile) {
      ClassFileLocator locator =
          new ClassFileLocator.Compound(
              ClassFileLocator.Simple.of(type, classFile),
              ClassFileLocator.ForClassLoader.ofPlatformLoader());
      TypeDescription description = TypePool.Default.of(locator).describe(type).resolve();
      ClassFileLocator advices = ClassFileLocator.ForClassLoader.of(getClass().getClassLoader());
      var builder =
          new ByteBuddy()
              .with(TypeValidation.DISABLED)
              .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
              .with(Implementation.Context.Disabled.Factory.INSTANCE)
              .redefine(description, locator);
      for (Hook hook : hooks) {
        if (description.getDeclaredMethods().filter(hook.method()).isEmpty()) {
          missing.put(hook.type() + "." + hook.name(), "no such method");
          continue;
        }
        builder =
            builder.visit(
                Advice.to(hook.advice(), advices).withExceptionHandler(COUNTING).on(hook.method()));
      }
      return builder.make().getBytes();
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
