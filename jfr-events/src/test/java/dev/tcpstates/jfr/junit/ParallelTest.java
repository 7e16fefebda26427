// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.testkit.engine.EngineTestKit;

/** A recorded test runs alone if JUnit runs tests in parallel: sockets have no test's name. */
@SuppressWarnings("try") // that an agent is there is all it is for
class ParallelTest {
  private static final AtomicInteger MET = new AtomicInteger();
  private static volatile CountDownLatch both;
  private static volatile long patience;

  /** Waits for the other test. */
  private static void meet() throws InterruptedException {
    both.countDown();
    if (both.await(patience, TimeUnit.SECONDS)) {
      MET.incrementAndGet();
    }
  }

  static class Other {
    @Test
    void meets() throws InterruptedException {
      meet();
    }
  }

  @TcpStates
  static class Recorded {
    @Test
    void meets() throws InterruptedException {
      meet();
    }
  }

  static class RecordedMethod {
    @Test
    @TcpStates
    void meets() throws InterruptedException {
      meet();
    }
  }

  @ExtendWith(TcpStatesExtension.class)
  static class RecordedWithOthers {
    @Test
    void meets() throws InterruptedException {
      meet();
    }
  }

  /** How many of both tests saw the other one run. */
  private static int met(Class<?> recorded, long seconds) {
    patience = seconds;
    // The one that comes second finds the latch counted down, but the first has given up by then.
    both = new CountDownLatch(2);
    MET.set(0);
    try (FakeAgent agent = new FakeAgent()) {
      EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(Other.class), selectClass(recorded))
          .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
          .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
          .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
          .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "2")
          .execute()
          .testEvents()
          .assertStatistics(statistics -> statistics.succeeded(2));
    }
    return MET.get();
  }

  @Test
  void isAlone() {
    // The second, which comes too late. The first waits in vain.
    assertEquals(1, met(Recorded.class, 2));
    assertEquals(1, met(RecordedMethod.class, 2));
  }

  @Test
  void runsWithOthersIfConfigured() {
    assertEquals(2, met(RecordedWithOthers.class, 60));
  }
}
