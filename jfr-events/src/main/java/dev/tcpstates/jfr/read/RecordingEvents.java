// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Reads the events of one recording file by the JDK's parser. On a damaged file, the parser throws
 * whatever it runs into: an InternalError, an OutOfMemoryError where a length is wrong; or it never
 * ends. So it runs on a thread of its own, which is given up if it does not go on.
 */
public final class RecordingEvents {
  /**
   * The parser reads all constants of a chunk before its first event, so a large one takes time.
   */
  private static final long LEAST_BYTES_PER_SECOND = 1 << 20;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long CHECK_MILLIS = 200;

  private final Path file;
  private final Runnable opened;
  private final Predicate<RecordedEvent> action;
  private final CountDownLatch end = new CountDownLatch(1);
  private Throwable failure;
  private volatile long steps;
  private volatile boolean givenUp;

  private RecordingEvents(Path file, Runnable opened, Predicate<RecordedEvent> action) {
    this.file = file;
    this.opened = opened;
    this.action = action;
  }

  /**
   * Calls the action for each event in the order of the file, on another thread than the caller's
   * if there can be one. What the action did before this returns is visible to the caller.
   *
   * @param action returns whether to go on
   * @throws IOException if the file is damaged, or neither the parser nor the action goes on for 60
   *     s, and for a second more per MB of the file. In the second case, the thread is left behind
   *     as a daemon, and calls the action no more
   */
  public static void forEach(Path file, Predicate<RecordedEvent> action) throws IOException {
    forEach(file, () -> {}, action);
  }

  /**
   * The same.
   *
   * @param opened is called when the file is open
   */
  static void forEach(Path file, Runnable opened, Predicate<RecordedEvent> action)
      throws IOException {
    long seconds = Files.size(file) / LEAST_BYTES_PER_SECOND;
    forEach(file, opened, action, PATIENCE_NANOS + TimeUnit.SECONDS.toNanos(seconds));
  }

  static void forEach(Path file, Runnable opened, Predicate<RecordedEvent> action, long patience)
      throws IOException {
    RecordingEvents events = new RecordingEvents(file, opened, action);
    Thread thread = new Thread(events::read, "tcpstates recording parser");
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      events.read(); // the process may have no more threads
    }
    events.await(patience);
  }

  private void read() {
    try (RecordingFile recording = new RecordingFile(file)) {
      opened.run();
      steps = steps + 1;
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        if (givenUp || !action.test(event)) {
          return;
        }
        steps = steps + 1;
      }
    } catch (Throwable t) {
      failure = t;
    } finally {
      end.countDown();
    }
  }

  private void await(long patience) throws IOException {
    boolean interrupted = false;
    try {
      long before = -1;
      long since = System.nanoTime();
      while (true) {
        try {
          if (end.await(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
            rethrow(failure);
            return;
          }
          long now = steps;
          if (now != before) {
            before = now;
            since = System.nanoTime();
          } else if (System.nanoTime() - since > patience) {
            givenUp = true;
            throw new IOException(
                "the JDK's parser has not gone on for "
                    + TimeUnit.NANOSECONDS.toSeconds(patience)
                    + " s");
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void rethrow(Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }
}
