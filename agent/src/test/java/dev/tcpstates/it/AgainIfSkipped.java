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
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Some kernels run no BPF program on top of certain tasks, so that transitions are missed. A test
 * can't prevent that, nor meet its expectation then. So when a recording reports such losses and no
 * other, the test is run again from its beginning, while {@link Retries} has any left. A missed
 * transition that is not reported fails the test at once. Whether the agent reports too many is
 * checked by {@link OracleIT}, where ftrace sees what BPF misses.
 */
public final class AgainIfSkipped implements InvocationInterceptor {
  private static final int RUNS = 4;

  /** A recording reports missed transitions and no other loss. */
  private static final class ProgramsSkipped extends AssertionError {
    private static final long serialVersionUID = 1;

    ProgramsSkipped(List<Loss> losses) {
      super(losses.toString());
    }
  }

  /** Fails if a recording reports any loss. */
  static void assertNoneLost(TcpRecording recording) {
    assertNoneLostBut("nothing", recording);
  }

  /** Fails if a recording reports a loss for another reason. */
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
    for (int run = 1; ; run++) {
      try {
        if (run == 1) {
          invocation.proceed();
        } else {
          again(context, extension);
        }
        return;
      } catch (ProgramsSkipped e) {
        if (run == RUNS || !Retries.take(extension, "missed transitions: " + e.getMessage())) {
          throw e;
        }
      }
    }
  }

  private static void again(ReflectiveInvocationContext<Method> context, ExtensionContext extension)
      throws Exception {
    Object test = context.getTarget().orElseThrow();
    call(test, AfterEach.class);
    List<Object> fields = AnnotationSupport.findAnnotatedFieldValues(test, RegisterExtension.class);
    for (Object field : fields) {
      if (field instanceof AfterEachCallback callback) {
        callback.afterEach(extension);
      }
    }
    for (Object field : fields) {
      if (field instanceof BeforeEachCallback callback) {
        callback.beforeEach(extension);
      }
    }
    call(test, BeforeEach.class);
    ReflectionSupport.invokeMethod(context.getExecutable(), test, context.getArguments().toArray());
  }

  private static void call(Object test, Class<? extends Annotation> annotation) {
    AnnotationSupport.findAnnotatedMethods(
            test.getClass(), annotation, HierarchyTraversalMode.TOP_DOWN)
        .forEach(method -> ReflectionSupport.invokeMethod(method, test));
  }
}
