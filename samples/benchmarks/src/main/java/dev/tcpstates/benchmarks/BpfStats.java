// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The kernel's own measurement of BPF programs (sysctl {@code kernel.bpf_stats_enabled}), enabled
 * until this object is closed. The kernel reads the clock before and after each run of a program,
 * and a part of that, some tens of nanoseconds, is in the result.
 */
final class BpfStats implements AutoCloseable {
  private static final Path SWITCH = Path.of("/proc/sys/kernel/bpf_stats_enabled");
  private static final Pattern PROGRAM = Pattern.compile("(?m)^prog_id:\\s*(\\d+)");

  /** What the programs have used since they were loaded. */
  record Usage(double nanos, long runs, int programs) {
    Usage minus(Usage earlier) {
      return new Usage(nanos - earlier.nanos, runs - earlier.runs, programs);
    }
  }

  private final Bench bench;
  private final String before;
  private final Thread hook = new Thread(this::restore);

  private BpfStats(Bench bench, String before) {
    this.bench = bench;
    this.before = before;
  }

  static BpfStats on(Bench bench) throws IOException {
    BpfStats stats = new BpfStats(bench, Files.readString(SWITCH).strip());
    Runtime.getRuntime().addShutdownHook(stats.hook); // for when the user ends the run
    Files.writeString(SWITCH, "1");
    return stats;
  }

  private void restore() {
    try {
      Files.writeString(SWITCH, before);
    } catch (IOException e) {
      System.err.println("could not restore kernel.bpf_stats_enabled to " + before + ": " + e);
    }
  }

  @Override
  public void close() {
    restore();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  /** The programs of a process whose names begin with the prefix. */
  Usage of(long pid, String prefix) throws Exception {
    return of(programs(pid), prefix);
  }

  /** The programs whose links are pinned in a folder, and whose names begin with the prefix. */
  Usage pinned(Path folder, String prefix) throws Exception {
    Set<Long> ids = new HashSet<>();
    try (Stream<Path> pins = Files.list(folder)) {
      for (Path pin :
          pins.filter(one -> one.getFileName().toString().startsWith("link-")).toList()) {
        String link =
            Processes.run(bench, List.of("bpftool", "-j", "link", "show", "pinned", "" + pin));
        ids.add(JsonParser.parseString(link).getAsJsonObject().get("prog_id").getAsLong());
      }
    }
    return of(ids, prefix);
  }

  private Usage of(Set<Long> ids, String prefix) throws Exception {
    double nanos = 0;
    long runs = 0;
    int programs = 0;
    String all = Processes.run(bench, List.of("bpftool", "-j", "prog", "show"));
    for (JsonElement element : JsonParser.parseString(all).getAsJsonArray()) {
      JsonObject program = element.getAsJsonObject();
      if (ids.contains(program.get("id").getAsLong())
          && program.has("name")
          && program.get("name").getAsString().startsWith(prefix)) {
        programs++;
        // Absent before its first run.
        nanos += program.has("run_time_ns") ? program.get("run_time_ns").getAsDouble() : 0;
        runs += program.has("run_cnt") ? program.get("run_cnt").getAsLong() : 0;
      }
    }
    if (programs == 0) {
      throw new IOException("there is no BPF program " + prefix);
    }
    return new Usage(nanos, runs, programs);
  }

  private static Set<Long> programs(long pid) throws IOException {
    Set<Long> ids = new HashSet<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path file : files.toList()) {
        try {
          PROGRAM
              .matcher(Files.readString(file))
              .results()
              .forEach(match -> ids.add(Long.parseLong(match.group(1))));
        } catch (IOException e) {
          // closed by now
        }
      }
    }
    return ids;
  }
}
