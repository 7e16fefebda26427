// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ErrandsTest {
  private final Errands errands = new Errands();
  private final Semaphore woken = new Semaphore(0);
  private final CountDownLatch begun = new CountDownLatch(1);
  private final Thread sender = Thread.currentThread();
  private volatile boolean ends;

  private final Thread reader =
      new Thread(
          () -> {
            errands.begin();
            begun.countDown();
            try {
              while (!ends) {
                woken.acquireUninterruptibly();
                errands.run();
              }
            } finally {
              errands.end();
            }
          });

  private void start() throws InterruptedException {
    reader.start();
    begun.await();
  }

  @AfterEach
  void end() throws InterruptedException {
    ends = true;
    woken.release();
    reader.join();
  }

  private static Runnable note(AtomicReference<Thread> by) {
    return () -> by.set(Thread.currentThread());
  }

  private void wake() {
    woken.release();
  }

  @Test
  void theReaderDoesTheWork() throws Exception {
    start();
    AtomicReference<Thread> by = new AtomicReference<>();
    assertTrue(errands.send(note(by), this::wake));
    assertSame(reader, by.get());
  }

  @Test
  void withoutAReaderNobodyDoes() {
    AtomicReference<Thread> by = new AtomicReference<>();
    assertFalse(errands.send(note(by), this::wake));
    assertEquals(null, by.get());
    reader.start(); // for its end
  }

  @Test
  void aReaderThatDoesNotComeNeverDoes() throws Exception {
    start();
    AtomicReference<Thread> by = new AtomicReference<>();
    assertFalse(errands.send(note(by), () -> {}));
    woken.release();
    ends = true;
    woken.release();
    reader.join();
    assertEquals(null, by.get());
  }

  @Test
  void theReaderSendsNothingToItself() throws Exception {
    start();
    AtomicReference<Boolean> sent = new AtomicReference<>();
    assertTrue(errands.send(() -> sent.set(errands.send(() -> {}, () -> {})), this::wake));
    assertEquals(false, sent.get());
  }

  @Test
  void whatTheWorkThrowsReachesTheSender() throws Exception {
    start();
    for (Throwable thrown : List.of(new IllegalStateException(), new InternalError())) {
      assertSame(
          thrown,
          assertThrows(
              thrown.getClass(),
              () ->
                  errands.send(
                      () -> {
                        if (thrown instanceof Error error) {
                          throw error;
                        }
                        throw (RuntimeException) thrown;
                      },
                      this::wake)));
    }
  }

  @Test
  void anInterruptIsKept() throws Exception {
    start();
    AtomicReference<Thread> by = new AtomicReference<>();
    Thread.currentThread().interrupt();
    boolean taken = errands.send(note(by), this::wake);
    assertTrue(Thread.interrupted());
    assertEquals(taken ? reader : null, by.get());
    assertTrue(
        errands.send(
            () -> {
              sender.interrupt();
              by.set(Thread.currentThread());
            },
            this::wake));
    assertTrue(Thread.interrupted());
    assertSame(reader, by.get());
  }
}
