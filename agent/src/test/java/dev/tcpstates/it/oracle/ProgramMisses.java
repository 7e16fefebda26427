// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.io.IOException;
import java.util.List;

/**
 * How often the kernel did not run a process's BPF programs because it was in the middle of one
 * already.
 */
public final class ProgramMisses {
  private ProgramMisses() {}

  /** One number for each program of the process, in the order of their loading. */
  public static List<Long> of(long pid) throws IOException {
    return BpfPrograms.of(pid).stream()
        .map(program -> BpfPrograms.number(program, "recursion_misses"))
        .toList();
  }
}
