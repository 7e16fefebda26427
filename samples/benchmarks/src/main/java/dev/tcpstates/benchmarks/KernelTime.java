// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.List;

/**
 * Time in the BPF programs, per transition of the load: the agent's, both programs together, and
 * bcc's, which runs for the same transitions at the same time. The load is in the agent's JVM or in
 * another one.
 */
final class KernelTime implements Section {
  static final String ID = "kernel.time";
  static final String OWNED = "ours, owned socket";
  static final String FOREIGN = "ours, foreign socket";
  static final String BCC = Variant.BCC.label();

  /** What the names of the agent's programs at the state tracepoint begin with. */
  static final String OUR_PROGRAMS = "tcp_state";

  private static final String BCC_PROGRAM = "handle_set_state";
  private static final String OWNED_OFF = "ours, owned socket, recording off";
  private static final int PAIRS = 4;

  @Override
  public void run(Bench bench) throws Exception {
    List<String> rows = List.of(OWNED, OWNED_OFF, FOREIGN);
    bench.results().order(rows);
    try (BpfStats stats = BpfStats.on(bench)) {
      for (int round = 0; round < bench.scale().of(1, 1, 4); round++) {
        for (String row : Bench.shuffled(rows)) {
          measure(bench, stats, row);
        }
        System.err.print(".");
      }
    }
  }

  private static void measure(Bench bench, BpfStats stats, String row) throws Exception {
    Variant variant = row.equals(OWNED_OFF) ? Variant.OFF : Variant.ON;
    try (Bcc bcc = Bcc.start(bench);
        LoadJvm traced = LoadJvm.blocking(bench, variant, PAIRS);
        LoadJvm foreign =
            row.equals(FOREIGN) ? LoadJvm.blocking(bench, Variant.NONE, PAIRS) : null) {
      LoadJvm busy = foreign == null ? traced : foreign;
      busy.run(bench.scale().warmUp());
      BpfStats.Usage ours = stats.of(traced.pid(), OUR_PROGRAMS);
      BpfStats.Usage theirs = stats.of(bcc.pid(), BCC_PROGRAM);
      double transitions = busy.run(bench.scale().connections()).transitions();
      ours = stats.of(traced.pid(), OUR_PROGRAMS).minus(ours);
      theirs = stats.of(bcc.pid(), BCC_PROGRAM).minus(theirs);
      add(bench.results(), row, ours, transitions);
      if (row.equals(OWNED)) { // in the same round as the one that is compared with it
        add(bench.results(), BCC, theirs, transitions);
      }
      traced.end();
    }
  }

  private static void add(Results results, String row, BpfStats.Usage usage, double transitions) {
    String title = "Time in all programs of a tool per transition (run_time_ns), ns";
    results.add(ID, title, BCC, row, usage.nanos() / transitions);
    title = "Runs of a program per transition (above 1: repeated states, other sockets)";
    results.add("kernel.hits", title, null, row, usage.runs() / transitions / usage.programs());
  }
}
