// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.read.TcpRecording;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Some kernels run no BPF program on top of certain tasks. A test can't forbid that, and with what
 * is hidden so its expectation can't be met. So when a recording tells of nothing but such losses,
 * the test is done once more from its beginning. What is missing without a word is a failure at
 * once. Whether the agent tells of too many is for {@link OracleIT}, where another sees what is
 * hidden.
 */
public final class AgainIfSkipped implements InvocationInterceptor {
  private static final int RUNS = 4;

  /** A recording lacks what the kernel kept from the agent's programs, and says so. */
  private static final class ProgramsSkipped extends AssertionError {
    private static final long serialVersionUID = 1;

    ProgramsSkipped(List<Loss> losses) {
      super(losses.toString());
    }
  }

  /** Fails if a recording tells of anything lost. */
  static void assertNoneLost(TcpRecording recording) {
    assertNoneLostBut("nothing", recording);
  }

  /** Fails if a recording tells of anything lost for another reason. */
  static void assertNoneLostBut(String reason, TcpRecording recording) {
    List<Loss> losses =
        recording.losses().stream().filter(loss -> !loss.reason().equals(reason)).toList();
    if (!losses.isEmpty()
        && losses.stream().allMatch(loss -> loss.reason().equals("PROGRAM_SKIPPED"))) {
      throw new ProgramsSkipped(losses);
    }
    Assertions.assertEquals(List.of(), losses);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> context,
      ExtensionContext extension)
      throws Throwable {
    ProgramsSkipped skipped;
    try {
      invocation.proceed();
      return;
    } catch (ProgramsSkipped e) {
      skipped = e;
    }
    for (int run = 2; run <= RUNS; run++) {
      System.out.printf(
          "%s %s, run %d, for the kernel ran no program: %s%n",
          context.getTargetClass().getSimpleName(),
          context.getExecutable().getName(),
          run,
          skipped.getMessage());
      try {
        again(context);
        return;
      } catch (ProgramsSkipped e) {
        skipped = e;
      }
    }
    throw skipped;
  }

  private static void again(ReflectiveInvocationContext<Method> context) {
    Object test = context.getTarget().orElseThrow();
    call(test, AfterEach.class);
    call(test, BeforeEach.class);
    ReflectionSupport.invokeMethod(context.getExecutable(), test, context.getArguments().toArray());
  }

  private static void call(Object test, Class<? extends Annotation> annotation) {
    AnnotationSupport.findAnnotatedMethods(
            test.getClass(), annotation, HierarchyTraversalMode.TOP_DOWN)
        .forEach(method -> ReflectionSupport.invokeMethod(method, test));
  }
}
