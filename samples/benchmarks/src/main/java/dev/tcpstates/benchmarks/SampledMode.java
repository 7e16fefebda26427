// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.nio.file.Path;
import java.util.List;

/**
 * Cost of the mode SAMPLED, where the kernel refuses BPF and the agent polls: CPU time of a poll
 * and of a connection, and the connections that no poll finds.
 */
final class SampledMode implements Section {
  private static final String NONE = Variant.NONE.label();
  private static final List<String> INTERVALS = List.of("100ms", "1s");
  private static final int PAIRS = 4;
  private static final int MANY_PAIRS = 50;

  /** How long a connection is open, in ms, if a poll is to find it. */
  private static final int OPEN_MILLIS = 500;

  @Override
  public void run(Bench bench) throws Exception {
    List<Integer> open =
        bench.scale().of(List.of(700), List.of(10, 50_000), List.of(10, 1_000, 50_000));
    for (String interval : INTERVALS) {
      bench.results().order(List.of(row(interval), row(interval, 0), row(interval, OPEN_MILLIS)));
    }
    for (int round = 0; round < bench.scale().of(1, 1, 2); round++) {
      for (int sockets : open) {
        for (String variant : Bench.shuffled(List.of("", INTERVALS.get(0), INTERVALS.get(1)))) {
          cost(bench, sockets, variant.isEmpty() ? null : variant);
        }
        System.err.print(".");
      }
      for (String interval : Bench.shuffled(INTERVALS)) {
        missed(bench, interval, 0);
        missed(bench, interval, OPEN_MILLIS);
        System.err.print(".");
      }
    }
  }

  /** First the polls, with no other connection, then the connections at full churn. */
  private static void cost(Bench bench, int open, String interval) throws Exception {
    Results results = bench.results();
    String row = interval == null ? NONE : row(interval);
    String title = String.format("Sampled, %,d open sockets: ", open);
    String id = "sampled." + open + ".";
    try (LoadJvm jvm = start(bench, interval, PAIRS, 0)) {
      OpenSockets.open(bench, jvm, open);
      if (interval != null) {
        Thread.sleep(bench.scale().of(100, 5_000, 5_000)); // the first polls are interpreted
      }
      double share = jvm.agentNanos();
      long start = System.nanoTime();
      Thread.sleep(interval == null ? 0 : bench.scale().of(2_000, 10_000, 10_000));
      share = (jvm.agentNanos() - share) / (System.nanoTime() - start);
      if (interval != null) {
        // From the end of a poll to the begin of the next.
        double millis = pollNanos(bench, jvm) / 1e6;
        double poll = share / (1 - share) * millis;
        results.add(id + "poll", title + "CPU time of a poll, ms", null, row, poll);
        results.add(id + "share", title + "agent's threads, of a CPU, %", null, row, 100 * share);
        results.add(id + "interval", title + "poll interval in effect, ms", null, row, millis);
      }
      jvm.run(bench.scale().warmUp() / 2);
      LoadJvm.Ran ran = jvm.run(bench.scale().connections() / 2);
      results.add(id + "cpu", title + "CPU time per connection, µs", NONE, row, ran.cpuMicros());
      results.add(id + "wall", title + "wall time per connection, µs", NONE, row, ran.wallMicros());
    }
  }

  /** The poll interval in effect now: a dump ends the chunk, and so has an AgentState of now. */
  private static long pollNanos(Bench bench, LoadJvm jvm) throws Exception {
    String jcmd = bench.jdk().home().resolve("bin/jcmd").toString();
    Path dump = bench.newFile(".jfr");
    Processes.run(bench, List.of(jcmd, "" + jvm.pid(), "JFR.dump", "filename=" + dump));
    return RecordingCounts.of(dump).pollNanos();
  }

  /** Connections at full churn, or which stay open for a time. */
  private static void missed(Bench bench, String interval, int openMillis) throws Exception {
    int pairs = openMillis == 0 ? PAIRS : MANY_PAIRS;
    String row = row(interval, openMillis);
    try (LoadJvm jvm = start(bench, interval, pairs, openMillis)) {
      double connections = jvm.run(bench.scale().of(200, 500, 1_000)).connections();
      RecordingCounts counts = jvm.endAndCount();
      Results results = bench.results();
      long opened = counts.count("SocketOpen");
      results.check("sampled, " + row + ": opened sockets", 2 * connections + pairs, opened);
      results.check("sampled, " + row + ": transitions", 0, counts.count("StateChange"));
      double missed = 100 * (1 - counts.count("Connection") / (2 * connections));
      results.add("sampled.missed", "Connections that no poll found, %", null, row, missed);
    }
  }

  private static LoadJvm start(Bench bench, String interval, int pairs, int openMillis)
      throws Exception {
    LoadJvm.Builder builder =
        interval == null
            ? new LoadJvm.Builder(bench, Variant.NONE)
            : new LoadJvm.Builder(bench, Variant.ON).sampled(interval);
    return builder
        .jvm(LoadJvm.HEAP)
        .start(Load.class, "kind=blocking", "pairs=" + pairs, "open=" + openMillis);
  }

  private static String row(String interval) {
    return "polls every " + interval;
  }

  private static String row(String interval, int openMillis) {
    return row(interval)
        + (openMillis == 0 ? ", full churn" : ", each open for " + openMillis + " ms");
  }
}
