// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;

/** CPU time of the agent's thread, and whether it keeps up with full churn. */
final class ReaderCost implements Section {
  static final String LOST = "reader.lost";
  static final String ROW = Variant.ON.label();

  /** Row of the load that leaves the reader the least: so many threads, all busy. */
  static final String MANY_ROW = ROW + ", 200 threads";

  /** Of threads: one connects, one accepts. */
  private static final int PAIRS = 4;

  private static final int MANY_PAIRS = 100;

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
      lost.add(ROW, lost(jvm, "full churn", PAIRS, connections, results));
    }
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, Variant.ON)
            .jvm(LoadJvm.HEAP)
            .start(Load.class, "kind=blocking", "pairs=" + MANY_PAIRS)) {
      long connections = jvm.run(scale.warmUp()).connections();
      connections += jvm.runFor(scale.readerSeconds()).connections();
      lost.add(MANY_ROW, lost(jvm, "full churn, 200 threads", MANY_PAIRS, connections, results));
      Progress.dot();
    }
  }

  /** Ends the load. Returns what its recording says was lost. */
  private static long lost(LoadJvm jvm, String load, int pairs, long connections, Results results)
      throws IOException, InterruptedException {
    jvm.end();
    RecordingCounts counts = RecordingCounts.of(jvm.recording());
    results.check(
        load + ": transitions and connections, recorded or counted as lost",
        RecordingCounts.TRANSITIONS_PER_CONNECTION * connections
            + pairs
            + 2 * connections, // a Connection for each end
        counts.count("StateChange") + counts.count("Connection") + counts.unrecorded());
    return counts.lost();
  }

  static double agentNanos(long pid) throws IOException {
    return Processes.cpuNanos(pid, name -> name.startsWith("tcpstates"));
  }

  private static double jfrNanos(long pid) throws IOException {
    return Processes.cpuNanos(pid, name -> name.startsWith("JFR "));
  }
}
