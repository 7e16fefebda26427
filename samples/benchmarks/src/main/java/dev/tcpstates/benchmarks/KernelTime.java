// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.util.List;

/**
 * Time in the BPF programs, per transition of the load: ours, both programs together, and bcc's,
 * which sees the same transitions at the same time. The load is now our JVM's and now another's.
 */
final class KernelTime implements Section {
  static final String ID = "kernel.time";
  static final String OWNED = "ours, owned socket";
  static final String OWNED_OFF = "ours, owned socket, recording off";
  static final String FOREIGN = "ours, foreign socket";
  static final String BCC = "bcc tcpstates";

  private static final List<String> ROWS = List.of(OWNED, OWNED_OFF, FOREIGN, BCC);

  /** What our programs at the state tracepoint are called, and bcc's. */
  static final String OUR_PROGRAMS = "tcp_state";

  private static final String BCC_PROGRAM = "handle_set_state";

  private static final int PAIRS = 4;

  private record Case(Variant traced, boolean foreign, String label) {}

  private static final List<Case> CASES =
      List.of(
          new Case(Variant.ON, false, OWNED),
          new Case(Variant.OFF, false, OWNED_OFF),
          new Case(Variant.ON, true, FOREIGN));

  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    try (BpfStats stats = BpfStats.on(bench)) {
      for (int round = 0; round < scale.kernelRounds(); round++) {
        for (Case it : Rounds.shuffled(CASES)) {
          one(bench, scale, results, stats, it);
        }
        Progress.dot();
      }
    }
  }

  private static void one(Bench bench, Scale scale, Results results, BpfStats stats, Case it)
      throws IOException, InterruptedException {
    Measure time =
        results
            .measure(
                ID,
                2,
                "Kernel time per transition (run_time_ns, all programs of a tool)",
                "ns",
                BCC)
            .rows(ROWS);
    Measure hits =
        results
            .measure(
                "kernel.hits",
                2,
                "Runs of a program per transition (more than 1: repeated states, and others'"
                    + " sockets)",
                "",
                null)
            .rows(ROWS);
    try (Bcc bcc = Bcc.start(bench);
        LoadJvm traced = load(bench, it.traced);
        LoadJvm foreign = it.foreign ? load(bench, Variant.NONE) : null) {
      LoadJvm busy = it.foreign ? foreign : traced;
      busy.run(scale.warmUp());
      BpfStats.Usage ours = stats.of(traced.pid(), OUR_PROGRAMS);
      BpfStats.Usage theirs = stats.of(bcc.pid(), BCC_PROGRAM);
      LoadJvm.Ran ran = busy.run(scale.connections());
      ours = stats.of(traced.pid(), OUR_PROGRAMS).minus(ours);
      theirs = stats.of(bcc.pid(), BCC_PROGRAM).minus(theirs);
      double transitions = RecordingCounts.TRANSITIONS_PER_CONNECTION * ran.connections();
      time.add(it.label, ours.nanos() / transitions);
      hits.add(it.label, ours.runs() / transitions / ours.programs());
      if (it.label.equals(OWNED)) { // beside the one that it is compared with
        time.add(BCC, theirs.nanos() / transitions);
        hits.add(BCC, theirs.runs() / transitions);
      }
      traced.end();
    }
  }

  private static LoadJvm load(Bench bench, Variant variant)
      throws IOException, InterruptedException {
    return new LoadJvm.Builder(bench, variant)
        .jvm(LoadJvm.HEAP)
        .start(Load.class, "kind=blocking", "pairs=" + PAIRS);
  }
}
