// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

/** CPU time of the agent's threads, and records lost, at full churn. */
final class ReaderCost implements Section {
  static final String LOST = "reader.lost";

  /** Of threads: one connects, one accepts. */
  private static final int PAIRS = 4;

  /** The load that leaves the least CPU time for the reader. */
  private static final int MANY_PAIRS = 100;

  @Override
  public void run(Bench bench) throws Exception {
    Results results = bench.results();
    int slices = bench.scale().of(1, 2, 6); // so that the cost has a spread
    int seconds = bench.scale().of(1, 3, 10);
    String on = Variant.ON.label();
    String lost = "Records lost at full churn, " + slices * seconds + " s, ring of default size";
    try (LoadJvm jvm = LoadJvm.blocking(bench, Variant.ON, PAIRS)) {
      long connections = jvm.run(bench.scale().warmUp()).connections();
      for (int slice = 0; slice < slices; slice++) {
        double agent = jvm.agentNanos();
        double jfr = Processes.cpuNanos(jvm.pid(), "JFR ");
        LoadJvm.Ran ran = jvm.runFor(seconds);
        connections += ran.connections();
        agent = jvm.agentNanos() - agent;
        jfr = Processes.cpuNanos(jvm.pid(), "JFR ") - jfr;
        String what = "CPU time of the agent's threads per million transitions, s";
        results.add("reader.cpu", what, null, on, agent / 1_000 / ran.transitions());
        what = "CPU time of JFR's threads per million transitions, s";
        results.add("reader.jfrCpu", what, null, on, jfr / 1_000 / ran.transitions());
        what = "The agent's threads, of the CPU time of the JVM, %";
        results.add("reader.share", what, null, on, 100 * agent / ran.cpuNanos());
        double rate = ran.transitions() / (ran.wallNanos() / 1e9);
        results.add("reader.rate", "Transitions per second", null, on, rate);
        System.err.print(".");
      }
      results.add(LOST, lost, null, on, lost(results, jvm, "full churn", PAIRS, connections));
    }
    try (LoadJvm jvm = LoadJvm.blocking(bench, Variant.ON, MANY_PAIRS)) {
      long connections = jvm.run(bench.scale().warmUp()).connections();
      connections += jvm.runFor(seconds).connections();
      String row = on + ", 200 threads";
      long count = lost(results, jvm, "full churn, 200 threads", MANY_PAIRS, connections);
      results.add(LOST, lost, null, row, count);
      System.err.print(".");
    }
  }

  /** Ends the load. Returns how many records were lost, by its recording. */
  private static long lost(Results results, LoadJvm jvm, String load, int pairs, long connections)
      throws Exception {
    RecordingCounts counts = jvm.endAndCount();
    results.check(
        load + ": transitions and connections, recorded or counted as lost",
        RecordingCounts.TRANSITIONS_PER_CONNECTION * connections
            + pairs
            + 2 * connections, // a Connection for each end
        counts.count("StateChange") + counts.count("Connection") + counts.unrecorded());
    return counts.lost();
  }
}
