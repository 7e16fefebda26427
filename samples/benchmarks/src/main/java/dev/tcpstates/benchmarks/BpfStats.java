// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The kernel's own measurement of BPF programs (sysctl {@code kernel.bpf_stats_enabled}), switched
 * on for the life of this object. It reads the clock before and after each run of a program, and
 * what that costs is partly in the result: some tens of nanoseconds a run.
 */
final class BpfStats implements AutoCloseable {
  private static final Path SWITCH = Path.of("/proc/sys/kernel/bpf_stats_enabled");

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
    Runtime.getRuntime().addShutdownHook(stats.hook); // for when the user gives up
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

  /** The programs of a process whose names begin so. */
  Usage of(long pid, String prefix) throws IOException, InterruptedException {
    Set<Long> ids = new HashSet<>();
    for (String info : descriptors(pid)) {
      info.lines()
          .filter(line -> line.startsWith("prog_id:"))
          .forEach(line -> ids.add(Long.parseLong(line.substring(8).strip())));
    }
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
        // Not there before its first run.
        nanos += program.has("run_time_ns") ? program.get("run_time_ns").getAsDouble() : 0;
        runs += program.has("run_cnt") ? program.get("run_cnt").getAsLong() : 0;
      }
    }
    if (programs == 0) {
      throw new IOException("process " + pid + " has no BPF program " + prefix);
    }
    return new Usage(nanos, runs, programs);
  }

  private static List<String> descriptors(long pid) throws IOException {
    List<String> infos = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path file : files.toList()) {
        try {
          infos.add(Files.readString(file));
        } catch (IOException e) {
          // closed by now
        }
      }
    }
    return infos;
  }
}
