// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often the kernel did not run a process's BPF programs because it was in the middle of one
 * already. It is what {@code bpftool prog show} calls recursion_misses, here from /proc, which has
 * the programs by process.
 */
public final class ProgramMisses {
  private static final String MISSES = "recursion_misses:";

  private ProgramMisses() {}

  /** One number for each program that the process has open, in the order of their loading. */
  public static List<Long> of(long pid) throws IOException {
    Map<Long, Long> byProgram = new TreeMap<>();
    for (FdInfo info : FdInfo.of(pid, MISSES)) {
      byProgram.put(info.number("prog_id:"), info.number(MISSES));
    }
    return List.copyOf(byProgram.values());
  }
}
