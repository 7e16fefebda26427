// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.libbpf.KernelThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Work that has to keep up with the application, however many threads that keeps busy: the kernel
 * drops what finds the ring full, and JFR what finds its buffers full. It is done at a higher
 * priority where the process may set one, and on JFR's threads too, for they hold the lock that the
 * reader waits for. Not thread-safe, but for {@link #run}.
 */
final class Urgent {
  /** The most: of a CPU with thirty busy threads at 0, still two thirds, while it has to be. */
  private static final int NICE = -20;

  /** The kernel's name of JFR's thread that writes the recording; cut at 15 bytes. */
  private static final String JFR_WRITER = "JFR Recorder Th";

  private static final long LOOK_NANOS = 200_000_000;

  private long lookedAt = System.nanoTime() - LOOK_NANOS;
  private int writer;
  private int writerBefore;

  /** Everything that the calling thread does. */
  static void always() {
    raise(KernelThreads.SELF);
  }

  /** What another's thread does for the agent. */
  static void run(Runnable work) {
    int before = KernelThreads.nice(KernelThreads.SELF);
    boolean raised = raise(KernelThreads.SELF);
    try {
      work.run();
    } finally {
      if (raised) {
        KernelThreads.nice(KernelThreads.SELF, before);
      }
    }
  }

  /** What JFR's writer does, from now on, or no longer; to be called now and then. */
  void writing(boolean urgent) {
    if (urgent && writer == 0) {
      // It may start after the recording has.
      long now = System.nanoTime();
      if (now - lookedAt > LOOK_NANOS) {
        lookedAt = now;
        writer = writer();
        if (writer != 0) {
          writerBefore = KernelThreads.nice(writer);
          raise(writer);
        }
      }
    } else if (!urgent && writer != 0) {
      KernelThreads.nice(writer, writerBefore);
      writer = 0;
    }
  }

  private static boolean raise(int thread) {
    return KernelThreads.nice(thread) > NICE && KernelThreads.nice(thread, NICE);
  }

  /** The kernel's id of that thread, or 0. */
  private static int writer() {
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      return threads.mapToInt(Urgent::ifWriter).filter(id -> id != 0).findFirst().orElse(0);
    } catch (IOException e) {
      return 0; // no /proc: it has the priority that it has
    }
  }

  private static int ifWriter(Path thread) {
    try {
      List<String> status = Files.readAllLines(thread.resolve("status"));
      if (status.contains("Name:\t" + JFR_WRITER)) {
        for (String line : status) {
          if (line.startsWith("NSpid:")) {
            // The last: in its own namespace, whosever this /proc is.
            return Integer.parseInt(line.substring(line.lastIndexOf('\t') + 1));
          }
        }
      }
    } catch (IOException e) {
      // it has ended
    }
    return 0;
  }
}
