// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the kernel tells of a process, from {@code /proc/PID/status}. */
final class ProcessStatus {
  static final int CAP_SYS_ADMIN = 21;
  static final int CAP_PERFMON = 38;
  static final int CAP_BPF = 39;

  private static final String SECCOMP_FILTER = "2";

  private final Map<String, String> fields = new HashMap<>();

  /**
   * @param process a process id, or {@code self}
   */
  ProcessStatus(String process) throws IOException {
    try (Stream<String> lines =
        Files.lines(Path.of("/proc", process, "status"), StandardCharsets.ISO_8859_1)) {
      lines.forEach(
          line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
              fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  boolean has(int capability) {
    long effective = Long.parseUnsignedLong(fields.getOrDefault("CapEff", "0"), 16);
    return (effective >> capability & 1) == 1;
  }

  /** The names of the capabilities that BPF needs and the process lacks. */
  List<String> missingCapabilities() {
    List<String> missing = new ArrayList<>();
    // Before they were told apart, one capability was for all, and it still is.
    if (!has(CAP_BPF) && !has(CAP_SYS_ADMIN)) {
      missing.add("CAP_BPF");
    }
    if (!has(CAP_PERFMON) && !has(CAP_SYS_ADMIN)) {
      missing.add("CAP_PERFMON");
    }
    return missing;
  }

  boolean hasSeccompFilter() {
    return SECCOMP_FILTER.equals(fields.get("Seccomp"));
  }

  /** The effective user's id. */
  String user() {
    String[] ids = fields.getOrDefault("Uid", "? ?").split("\\s+");
    return ids[Math.min(1, ids.length - 1)];
  }
}
