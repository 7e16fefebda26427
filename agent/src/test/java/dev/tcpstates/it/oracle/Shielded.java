// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Tasks that not even root may look into. The kernels of some virtual machines shield the process
 * that supervises the machine in this way, and they run no BPF program while it is on the
 * processor, nor in interrupts on top of it, and don't count that as a miss. ftrace sees these
 * interrupts.
 */
final class Shielded {
  private final Map<Integer, Boolean> known = new HashMap<>();

  /** Whether a thread that ftrace saw on the processor is such a task. */
  boolean task(int thread) {
    return known.computeIfAbsent(thread, Shielded::look);
  }

  private static boolean look(int thread) {
    try {
      Files.readSymbolicLink(Path.of("/proc/" + thread + "/ns/pid"));
      return false;
    } catch (NoSuchFileException e) {
      return false; // ended, or of another PID namespace
    } catch (IOException e) {
      return true;
    }
  }
}
