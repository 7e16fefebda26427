// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/**
 * Puts the hooks into Netty's classes. As advice that suppresses what it throws, naming no class of
 * ours in doing so: a class loader that hides the hooks from Netty must not let that error out.
 *
 * <p>Loads no class, and of the application reads no other class file than the given one: hence the
 * lazy resolution of types, and {@code decorate}, which unlike {@code redefine} does not ask for
 * the superclass.
 */
final class NettyWeaver {
  private static final ClassFileLocator ADVICES =
      ClassFileLocator.ForClassLoader.of(NettyWeaver.class.getClassLoader());

  private static final ElementMatcher<MethodDescription> NEW_SOCKET =
      named("newSocketStream0")
          .and(takesArguments(boolean.class).or(takesArguments(0)))
          .and(NettyWeaver::isInnermost);

  private static final ElementMatcher<MethodDescription> NEW_CHILD =
      named("newChildChannel").and(takesArgument(0, int.class)).and(not(isAbstract()));

  private NettyWeaver() {}

  /** The others call the one with an argument, where there is one: since Netty 4.1.33. */
  private static boolean isInnermost(MethodDescription method) {
    return !method.getParameters().isEmpty()
        || method
            .getDeclaringType()
            .getDeclaredMethods()
            .filter(named(method.getName()).and(takesArguments(boolean.class)))
            .isEmpty();
  }

  /**
   * Weaves the hook of one class.
   *
   * @param type the class's name, with dots
   * @param number of the class, see {@link NettyHooks#in}
   * @throws NoSuchMethodException if the class is not as in the versions of Netty that are known
   */
  static byte[] weave(String type, byte[] classFile, int number) throws NoSuchMethodException {
    ClassFileLocator locator =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(type, classFile),
            ClassFileLocator.ForClassLoader.ofPlatformLoader());
    TypeDescription description =
        TypePool.Default.WithLazyResolution.of(locator).describe(type).resolve();
    boolean socket = number == NettyHooks.SOCKET;
    ElementMatcher<MethodDescription> method = socket ? NEW_SOCKET : NEW_CHILD;
    if (description.getDeclaredMethods().filter(method).isEmpty()) {
      throw new NoSuchMethodException(socket ? "newSocketStream0" : "newChildChannel");
    }
    return new ByteBuddy()
        .with(TypeValidation.DISABLED)
        .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
        .with(Implementation.Context.Disabled.Factory.INSTANCE)
        .decorate(description, locator)
        .visit(
            Advice.to(socket ? NettyAdvice.Opened.class : NettyAdvice.Accepted.class, ADVICES)
                .withExceptionHandler(Advice.ExceptionHandler.Default.SUPPRESSING)
                .on(method))
        .make()
        .getBytes();
  }
}
