// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;

/** CPU time of the agent's thread, and whether it keeps up with full churn. */
final class ReaderCost implements Section {
  static final String LOST = "reader.lost";
  static final String ROW = Variant.ON.label();

  private static final int PAIRS = 4;

  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    Measure reader =
        results.measure(
            "reader.cpu", 3, "CPU time of the agent's threads per million transitions", "s", null);
    Measure jfr =
        results.measure(
            "reader.jfrCpu", 3, "CPU time of JFR's threads per million transitions", "s", null);
    Measure rate = results.measure("reader.rate", 3, "Transitions per second", "", null);
    Measure share =
        results.measure(
            "reader.share", 3, "The agent's threads, of the CPU time of the JVM", "%", null);
    Measure lost =
        results.measure(
            LOST,
            3,
            "Records lost at full churn, "
                + scale.readerSlices() * scale.readerSeconds()
                + " s, ring of default size",
            "",
            null);
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, Variant.ON)
            .jvm(LoadJvm.HEAP)
            .start(Load.class, "kind=blocking", "pairs=" + PAIRS)) {
      long connections = jvm.run(scale.warmUp()).connections();
      for (int slice = 0; slice < scale.readerSlices(); slice++) {
        double agentBefore = agentNanos(jvm.pid());
        double jfrBefore = jfrNanos(jvm.pid());
        LoadJvm.Ran ran = jvm.runFor(scale.readerSeconds());
        connections += ran.connections();
        double agent = agentNanos(jvm.pid()) - agentBefore;
        double millions =
            RecordingCounts.TRANSITIONS_PER_CONNECTION * ran.connections() / 1_000_000.0;
        reader.add(ROW, agent / 1e9 / millions);
        jfr.add(ROW, (jfrNanos(jvm.pid()) - jfrBefore) / 1e9 / millions);
        share.add(ROW, 100 * agent / ran.cpuNanos());
        rate.add(ROW, millions * 1_000_000 / (ran.wallNanos() / 1e9));
        Progress.dot();
      }
      jvm.end();
      RecordingCounts counts = RecordingCounts.of(jvm.recording());
      lost.add(ROW, counts.lost());
      results.check(
          "full churn: transitions and connections, recorded or counted as lost",
          RecordingCounts.TRANSITIONS_PER_CONNECTION * connections
              + PAIRS
              + 2 * connections, // a Connection for each end
          counts.count("StateChange") + counts.count("Connection") + counts.unrecorded());
    }
  }

  static double agentNanos(long pid) throws IOException {
    return Processes.cpuNanos(pid, name -> name.startsWith("tcpstates"));
  }

  private static double jfrNanos(long pid) throws IOException {
    return Processes.cpuNanos(pid, name -> name.startsWith("JFR "));
  }
}
