// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Time that {@code summary} takes for a long recording, in a heap that does not grow with it. */
final class Reading implements Section {
  private static final String SUMMARY = "summary, -Xmx512m";
  private static final int PAIRS = 4;

  @Override
  public void run(Bench bench) throws Exception {
    Results results = bench.results();
    int connections = bench.scale().of(1_000, 20_000, 75_000); // the last makes a million events
    try (LoadJvm jvm = LoadJvm.blocking(bench, Variant.ON, PAIRS)) {
      jvm.run(connections);
      RecordingCounts counts = jvm.endAndCount();
      counts.check(results, "recording to read", connections, PAIRS);
      double megabytes = Files.size(jvm.recording()) / 1e6;
      results.add("reading.file", "The recording to read, MB", null, "file", megabytes);
      long events = counts.events().values().stream().mapToLong(n -> n).sum();
      results.add("reading.events", "Events in it", null, "events", events);
      String jar = bench.agentJar().toString();
      String recording = jvm.recording().toString();
      for (int round = 0; round < bench.scale().of(1, 1, 5); round++) {
        Processes.Timed timed =
            Processes.time(
                bench, List.of(bench.jdk().java(), "-Xmx512m", "-jar", jar, "summary", recording));
        if (timed.out().isEmpty()) {
          throw new IOException("no summary: " + timed.err());
        }
        results.add("reading.wall", "Reading it: wall time, s", null, SUMMARY, timed.wall());
        results.add("reading.cpu", "Reading it: CPU time, s", null, SUMMARY, timed.cpu());
        System.err.print(".");
      }
    }
  }
}
