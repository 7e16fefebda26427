// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.cli.view.Exit;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and other signals end a recording early, and the command still answers: the JVM's end
 * waits for it.
 */
public final class EarlyEnd {
  private static final CountDownLatch ENOUGH = new CountDownLatch(1);
  private static final CountDownLatch ANSWERED = new CountDownLatch(1);
  private static volatile int exit = Exit.FAILED;

  private EarlyEnd() {}

  /** From now on, a signal does not end this process before the answer. */
  static void awaitAnswer() {
    Runtime.getRuntime().addShutdownHook(new Thread(EarlyEnd::signalled, "tcpstates-end"));
  }

  private static void signalled() {
    ENOUGH.countDown();
    try {
      ANSWERED.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(exit);
  }

  /** Ends {@link #sleep}, as a signal does. */
  static void wake() {
    ENOUGH.countDown();
  }

  /** Returns after this time, or earlier after a signal or {@link #wake}. */
  static void sleep(Duration time) {
    try {
      ENOUGH.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The command has answered.
   *
   * @param code its exit code
   */
  public static void answered(int code) {
    exit = code;
    ANSWERED.countDown();
  }
}
