// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadTableTest {
  private static final int SIZE = 64;

  private final ThreadTable table = new ThreadTable(SIZE);

  private static ThreadStart start(int id) {
    return new ThreadStart(id, ThreadStart.MARK, new TellingFrames(true), "");
  }

  @Test
  void eachThreadHasItsOwn() {
    Thread thread = Thread.currentThread(); // alive
    for (int id = 1; id <= SIZE; id++) {
      table.put(thread, id, start(id));
    }
    for (int id = 1; id <= SIZE; id++) {
      assertEquals(id, table.get(id).id());
    }
    assertNull(table.get(SIZE + 1));
  }

  @Test
  void threadsThatHaveEndedGiveWayBeforeThoseThatLive() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    Thread alive =
        new Thread(
            () -> {
              try {
                end.await();
              } catch (InterruptedException e) {
                // ends as well
              }
            });
    alive.start();
    ThreadStart kept = start(1);
    table.put(alive, 0, kept);
    Thread ended = new Thread(() -> {});
    ended.start();
    ended.join();
    for (int i = 1; i < 1_000; i++) {
      table.put(ended, (long) i * SIZE, start(i)); // the same places
    }
    assertSame(kept, table.get(0));
    end.countDown();
    alive.join();
  }

  @Test
  void amongThreadsThatLiveTheOldestGivesWay() {
    Thread thread = Thread.currentThread();
    List<ThreadStart> starts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      starts.add(start(i));
      table.put(thread, (long) i * SIZE, starts.get(i));
    }
    assertNull(table.get(0));
    assertNull(table.get(SIZE));
    for (int i = 2; i < 6; i++) {
      assertSame(starts.get(i), table.get((long) i * SIZE));
    }
  }

  @Test
  void keepsNoThreadAlive() throws InterruptedException {
    Thread thread = new Thread(() -> {});
    WeakReference<Thread> gone = new WeakReference<>(thread);
    table.put(thread, 1, start(1));
    thread = null;
    for (int i = 0; i < 50 && gone.get() != null; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertNull(gone.get());
    assertSame(1, table.get(1).id());
  }
}
