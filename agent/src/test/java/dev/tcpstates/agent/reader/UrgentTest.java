// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As the kernel shows it in /proc; on a thread that is given up after that. */
class UrgentTest {
  private static final int CAP_SYS_NICE = 23;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  @BeforeEach
  void require() throws IOException {
    String capabilities =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("CapEff:"))
            .findFirst()
            .orElseThrow()
            .substring(7)
            .strip();
    Assumptions.assumeTrue(
        (Long.parseUnsignedLong(capabilities, 16) >> CAP_SYS_NICE & 1) != 0, "no CAP_SYS_NICE");
  }

  @AfterEach
  void end() {
    thread.shutdown();
  }

  @Test
  void onAnothersThreadForTheTimeOfTheWork() throws Exception {
    int usual = nice();
    int[] during = new int[1];
    onThread(
        () -> {
          assertEquals(usual, nice());
          Urgent.run(() -> during[0] = nice());
          assertEquals(usual, nice());
          assertThrows(
              IllegalStateException.class,
              () ->
                  Urgent.run(
                      () -> {
                        throw new IllegalStateException();
                      }));
          assertEquals(usual, nice());
        });
    assertEquals(-20, during[0]);
  }

  @Test
  void onItsOwnFromThenOn() throws Exception {
    int usual = nice();
    onThread(
        () -> {
          Urgent.always();
          assertEquals(-20, nice());
          Urgent.run(() -> assertEquals(-20, nice()));
          assertEquals(-20, nice());
        });
    assertEquals(usual, nice(), "of another thread");
  }

  private void onThread(Runnable work) throws InterruptedException, ExecutionException {
    Future<?> done = thread.submit(work);
    done.get();
  }

  /** Field 19 of the calling thread's stat: see proc_pid_stat(5). */
  private static int nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
