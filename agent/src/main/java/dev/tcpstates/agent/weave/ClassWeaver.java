// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import java.util.List;
import java.util.function.Consumer;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.pool.TypePool;

/** Puts hooks into a class file. Loads no class but the JDK's and the agent's. */
final class ClassWeaver {
  private static final ClassFileLocator ADVICES =
      ClassFileLocator.ForClassLoader.of(ClassWeaver.class.getClassLoader());

  private ClassWeaver() {}

  /**
   * @param type the class's name, with dots
   * @param onError where an error of the advice goes
   * @param missing told of each hook whose method isn't there
   */
  static byte[] weave(
      String type,
      byte[] classFile,
      List<Hook> hooks,
      Advice.ExceptionHandler onError,
      Consumer<Hook> missing) {
    ClassFileLocator locator =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(type, classFile),
            ClassFileLocator.ForClassLoader.ofPlatformLoader());
    TypeDescription description = TypePool.Default.of(locator).describe(type).resolve();
    var builder =
        new ByteBuddy()
            .with(TypeValidation.DISABLED)
            .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
            .with(Implementation.Context.Disabled.Factory.INSTANCE)
            .redefine(description, locator);
    for (Hook hook : hooks) {
      if (description.getDeclaredMethods().filter(hook.method()).isEmpty()) {
        missing.accept(hook);
        continue;
      }
      builder =
          builder.visit(
              Advice.to(hook.advice(), ADVICES).withExceptionHandler(onError).on(hook.method()));
    }
    return builder.make().getBytes();
  }
}
