// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.agent.periodic.PeriodicEvents;
import dev.tcpstates.agent.record.RecordTimes;
import dev.tcpstates.agent.record.SiteDictionary;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A source that can't be read for some time, or never again. */
class SourceReaderFailuresTest {
  private static final int MOST_FAILURES = 10;

  private final BlockingQueue<Integer> drained = new ArrayBlockingQueue<>(1_000);
  private final BlockingQueue<Throwable> failed = new ArrayBlockingQueue<>(10);
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger drains = new AtomicInteger();

  private final SocketSource source =
      (SocketSource)
          Proxy.newProxyInstance(
              SocketSource.class.getClassLoader(),
              new Class<?>[] {SocketSource.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "drain" -> {
                      drain();
                      yield null;
                    }
                    case "losses" -> Losses.NONE;
                    case "ringSize" -> 4096;
                    case "pid" -> 1;
                    case "bytesRead" -> 0L;
                    case "await" -> {
                      Thread.sleep(1);
                      yield null;
                    }
                    case "recording", "filter", "wake" -> null;
                    default -> throw new UnsupportedOperationException(method.getName());
                  });

  private final SourceReader reader =
      new SourceReader(
          source,
          new OpenSockets(
              64, new StackRule(List.of(), List.of()), fd -> fd, (id, site, fd) -> null),
          new SiteDictionary(),
          new RecordTimes(),
          Map::of,
          new PeriodicEvents.Limits(1, 1),
          null,
          0,
          new Backoff(1_000_000),
          () -> {},
          failed::add);
  private final Thread thread = new Thread(reader, "reader");

  private void drain() {
    int drain = drains.incrementAndGet();
    drained.offer(drain);
    if (failures.getAndDecrement() > 0) {
      throw new OutOfMemoryError("of the test");
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    reader.stop();
    thread.join();
  }

  private void awaitDrain(int number) throws InterruptedException {
    for (Integer last = 0; last < number; ) {
      last = drained.poll(10, TimeUnit.SECONDS);
      assertNotNull(last, () -> "no drain after " + drains);
    }
  }

  @Test
  void itReadsOnWhenAnErrorHasPassed() throws Exception {
    failures.set(MOST_FAILURES);
    thread.start();
    awaitDrain(MOST_FAILURES + 5);
    failures.set(MOST_FAILURES);
    awaitDrain(drains.get() + MOST_FAILURES + 5);
    assertNull(failed.peek());
  }

  @Test
  void itEndsWhenErrorsDoNotEnd() throws Exception {
    failures.set(Integer.MAX_VALUE);
    thread.start();
    assertInstanceOf(OutOfMemoryError.class, failed.poll(10, TimeUnit.SECONDS));
    thread.join(10_000);
    assertFalse(thread.isAlive());
    assertEquals(MOST_FAILURES + 1, drains.get());
    assertNull(failed.peek());
  }
}
