// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long it takes to read a long recording, in a heap that does not grow with it. */
final class Reading implements Section {
  static final String SUMMARY = "summary, -Xmx512m";

  private static final int PAIRS = 4;

  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, Variant.ON)
            .jvm(LoadJvm.HEAP)
            .start(Load.class, "kind=blocking", "pairs=" + PAIRS)) {
      jvm.run(scale.readConnections());
      jvm.end();
      Path recording = jvm.recording();
      RecordingCounts counts = RecordingCounts.of(recording);
      counts.check(results, "recording to read", scale.readConnections(), PAIRS);
      results
          .measure("reading.file", 9, "The recording to read", "MB", null)
          .add("file", Files.size(recording) / 1e6);
      results
          .measure("reading.events", 9, "Events in it", "", null)
          .add("events", counts.events().values().stream().mapToLong(n -> n).sum());
      for (int round = 0; round < scale.readRounds(); round++) {
        one(bench, results, recording);
        Progress.dot();
      }
    }
  }

  private static void one(Bench bench, Results results, Path recording)
      throws IOException, InterruptedException {
    Path summary = bench.newFile(".summary");
    List<String> command = new ArrayList<>(List.of("bash", "-c"));
    command.add("TIMEFORMAT='%3R %3U %3S'; time \"$@\" >\"$0\"");
    command.add(summary.toString());
    command.addAll(List.of(bench.jdk().java(), "-Xmx512m", "-jar", bench.agentJar().toString()));
    command.addAll(List.of("summary", recording.toString()));
    try {
      String[] times = Processes.run(bench, command).strip().split("\\s+");
      if (times.length != 3 || Files.size(summary) == 0) {
        throw new IOException("summary: " + String.join(" ", times));
      }
      results
          .measure("reading.wall", 9, "Reading it: wall time", "s", null)
          .add(SUMMARY, Double.parseDouble(times[0]));
      results
          .measure("reading.cpu", 9, "Reading it: CPU time", "s", null)
          .add(SUMMARY, Double.parseDouble(times[1]) + Double.parseDouble(times[2]));
    } finally {
      Files.deleteIfExists(summary);
    }
  }
}
