// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test classes, and prints for each test: {@link #LINE}, its name and how it ended, then what
 * it failed with, up to a line {@link #END}.
 *
 * <p>Arguments: the classes.
 */
public final class RunTests {
  public static final String LINE = "test ";
  public static final String END = "end of test";

  private RunTests() {}

  public static void main(String[] args) {
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(Stream.of(args).map(name -> selectClass(name)).toList())
            .build(),
        new TestExecutionListener() {
          @Override
          public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            // The end of a class is printed only if it failed.
            if (test.isTest() || result.getThrowable().isPresent()) {
              System.out.println(
                  LINE + test.getDisplayName().replaceAll("\\(.*", "") + " " + result.getStatus());
              result.getThrowable().ifPresent(failure -> System.out.println(text(failure)));
              System.out.println(END);
            }
          }
        });
  }

  private static String text(Throwable failure) {
    StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
    for (Throwable suppressed : failure.getSuppressed()) {
      text.append('\n').append(suppressed.getMessage());
    }
    return text.toString();
  }
}
