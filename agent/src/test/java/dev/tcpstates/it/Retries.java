// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * The retries that all tests of a run have together: those of {@link AgainIfSkipped}, and
 * failsafe's, which runs in the same JVM what has failed. Beyond them a failure stays a failure. A
 * run that needs more has a defect in its tests, the agent or the machine.
 */
public final class Retries
    implements BeforeAllCallback,
        BeforeEachCallback,
        LifecycleMethodExecutionExceptionHandler,
        TestWatcher,
        LauncherSessionListener {
  /** About one test in a hundred. */
  private static final int BUDGET = 8;

  private static final Set<String> FAILED = new HashSet<>();
  private static final List<String> USED = new ArrayList<>();

  /**
   * Unit tests have no retries, nor has the JUnit run that is a workload of an integration test.
   */
  private static boolean inUse;

  /**
   * Takes a retry from the budget.
   *
   * @return whether there was one left
   */
  static synchronized boolean take(ExtensionContext test, String why) {
    if (USED.size() == BUDGET) {
      return false;
    }
    String method = test.getTestMethod().map(m -> "." + m.getName()).orElse("");
    USED.add(
        "%s%s %s, %s"
            .formatted(
                test.getRequiredTestClass().getSimpleName(), method, test.getDisplayName(), why));
    return true;
  }

  private static synchronized void failed(ExtensionContext test) {
    FAILED.add(test.getUniqueId());
  }

  private static synchronized void begin(ExtensionContext test) {
    inUse = true;
    if (FAILED.contains(test.getUniqueId()) && !take(test, "failed before")) {
      throw new AssertionError("not run again: all " + BUDGET + " retries of the run are used");
    }
  }

  @Override
  public void beforeAll(ExtensionContext test) {
    begin(test);
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    begin(test);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext test, Throwable thrown)
      throws Throwable {
    failed(test);
    throw thrown;
  }

  @Override
  public void testFailed(ExtensionContext test, Throwable cause) {
    failed(test);
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    if (inUse) {
      System.out.println("Retries: " + USED.size() + " of at most " + BUDGET);
      USED.forEach(one -> System.out.println("  " + one));
    }
  }
}
