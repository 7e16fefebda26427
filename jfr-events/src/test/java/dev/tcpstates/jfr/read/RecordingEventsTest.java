// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The JDK's parser, on files of which it makes nothing too. */
@Timeout(60)
class RecordingEventsTest {
  private static final String NUMBER = "test.Number";
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  @Name(NUMBER)
  private static final class Number extends Event {
    int number;
  }

  @TempDir private Path directory;

  private Path file;

  @BeforeEach
  void recordThree() throws Exception {
    file =
        Recordings.record(
            directory.resolve("three.jfr"),
            () -> {
              for (int i = 1; i <= 3; i++) {
                Number event = new Number();
                event.number = i;
                event.commit();
              }
            });
  }

  private static boolean isNumber(RecordedEvent event) {
    return event.getEventType().getName().equals(NUMBER);
  }

  @Test
  void eachEventUntilTheActionEndsIt() throws Exception {
    AtomicInteger sum = new AtomicInteger();
    RecordingEvents.forEach(
        file,
        event -> {
          sum.addAndGet(isNumber(event) ? event.getInt("number") : 0);
          return true;
        });
    assertEquals(1 + 2 + 3, sum.get());
    sum.set(0);
    RecordingEvents.forEach(
        file,
        event -> {
          sum.addAndGet(isNumber(event) ? event.getInt("number") : 0);
          return sum.get() < 3;
        });
    assertEquals(1 + 2, sum.get());
  }

  @Test
  void whatTheActionThrowsReachesTheCaller() {
    for (Throwable thrown : List.of(new IllegalStateException(), new InternalError())) {
      assertSame(
          thrown,
          assertThrows(
              thrown.getClass(),
              () ->
                  RecordingEvents.forEach(
                      file,
                      event -> {
                        if (thrown instanceof Error error) {
                          throw error;
                        }
                        throw (RuntimeException) thrown;
                      })));
    }
  }

  @Test
  void aParserThatNeverEndsIsGivenUp() throws Exception {
    byte[] bytes = Files.readAllBytes(file);
    bytes[Chunk.STATE_OFFSET] = -1; // the JVM is writing the header, the parser waits for it
    Files.write(file, bytes);
    IOException damage =
        assertThrows(
            IOException.class,
            () -> RecordingEvents.forEach(file, () -> {}, event -> true, PATIENCE_NANOS));
    assertEquals("the JDK's parser has not gone on for 0 s", damage.getMessage());
  }

  @Test
  void whoeverIsGivenUpCallsTheActionNoMore() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    AtomicReference<Thread> parser = new AtomicReference<>();
    assertThrows(
        IOException.class,
        () ->
            RecordingEvents.forEach(
                file,
                () -> parser.set(Thread.currentThread()),
                event -> {
                  calls.incrementAndGet();
                  try {
                    release.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  return true;
                },
                PATIENCE_NANOS));
    assertEquals(1, calls.get());
    assertTrue(parser.get().isDaemon());
    release.countDown();
    parser.get().join();
    assertEquals(1, calls.get());
  }

  @Test
  void anInterruptIsKept() throws Exception {
    AtomicInteger events = new AtomicInteger();
    Thread.currentThread().interrupt();
    RecordingEvents.forEach(
        file,
        event -> {
          events.addAndGet(isNumber(event) ? 1 : 0);
          return true;
        });
    assertTrue(Thread.interrupted());
    assertEquals(3, events.get());
  }
}
