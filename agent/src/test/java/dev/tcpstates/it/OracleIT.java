// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.oracle.BccTcpstates;
import dev.tcpstates.it.oracle.Comparison;
import dev.tcpstates.it.oracle.ControlPage;
import dev.tcpstates.it.oracle.Ftrace;
import dev.tcpstates.it.oracle.PortLoad;
import dev.tcpstates.it.oracle.ProgramMisses;
import dev.tcpstates.it.workload.OracleLoad;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The recording, and the output of the command {@code print}, against what two others saw of the
 * same connections: bcc's tcpstates, and ftrace on the same tracepoint, which is the judge where
 * bcc's program was kept from running.
 *
 * <p>There are three loads: "mixed" connections; a "storm" of threads that connect at once; and
 * transitions "interrupting" others. The kernel doesn't run a BPF program inside itself, so the
 * second of our programs has to see what the first could not. On a quiet machine that happens too
 * rarely to be tested; so in the third load each record also wakes the reader, as it does by itself
 * once the ring fills up, which makes the programs longer.
 */
@Isolated("bcc and ftrace see the whole machine")
class OracleIT {
  private static final int OF_EACH_KIND = 260;
  private static final int MIXED_CONNECTIONS = 2000;
  private static final int THREADS = 500;
  private static final long RING_SIZE = 4 << 20;
  private static final int INTERRUPTING = 800;

  @OnEachJdk
  @Timeout(170)
  void sameStoryAsBccAndFtrace(Jdk jdk, @TempDir Path directory) throws Exception {
    KernelTier.require();
    KernelTier.requireTools("tcpstates", "timeout", "nice", "kill");
    KernelTier.requireTracefs();

    try (Ftrace ftrace = Ftrace.start();
        AgentJvm.Running jvm =
            new AgentJvm(jdk, directory)
                .record()
                .options("ringSize=" + RING_SIZE)
                .start(OracleLoad.class, "" + OF_EACH_KIND, "" + THREADS, "" + INTERRUPTING);
        // Attached last, for its long program delays the clocks of those behind it.
        BccTcpstates bcc = startWhenReady(jvm, directory)) {
      jvm.send("");
      jvm.awaitLine("halfway");
      List<Long> missesHalfway = ProgramMisses.of(jvm.process().pid());
      ControlPage.wakeReaderAtEveryRecord(jvm.process().pid(), RING_SIZE);
      jvm.send("");
      String to = jvm.awaitLine("to ");
      String from = jvm.awaitLine("from ");
      Thread.sleep(200); // for the last acknowledgements
      ftrace.stop();
      List<Long> misses = ProgramMisses.of(jvm.process().pid());
      long bccMisses = bcc.recursionMisses();
      bcc.stop();
      jvm.send("");
      Path file = jvm.await().ok().recording();
      TcpRecording recording = RecordingReader.read(file);
      List<SocketTimeline> printed = Printed.timelines(jdk, file);

      List<Comparison> comparisons = new ArrayList<>();
      List<Comparison> ofPrint = new ArrayList<>();
      for (String name : List.of("mixed", "storm", "interrupting")) {
        PortLoad load = PortLoad.of(name, jvm.awaitLine(name + " "), from, to);
        comparisons.add(new Comparison(load, recording.timelines(), ftrace, bcc));
        ofPrint.add(new Comparison(load, printed, ftrace, bcc));
      }
      System.out.println(jdk + ", against bcc's tcpstates and ftrace");
      comparisons.forEach(System.out::println);
      System.out.printf(
          "recursion_misses: bcc %d, our programs %s; before the third load ours had %s%n",
          bccMisses, misses, missesHalfway);
      if (!bcc.complaints().isEmpty()) {
        System.out.println("bcc complains: " + bcc.complaints());
      }

      Comparison mixed = comparisons.get(0);
      int storms = jdk.feature() >= 21 ? 2 : 1; // there with virtual threads, too
      List<Executable> checks = new ArrayList<>();
      comparisons.forEach(comparison -> checks.add(() -> OracleChecks.sameStory(comparison)));
      ofPrint.forEach(comparison -> checks.add(() -> OracleChecks.sameStory(comparison)));
      checks.add(() -> OracleChecks.noneLost(recording.losses(), comparisons));
      checks.add(
          () ->
              assertEquals(
                  comparisons.stream().mapToInt(Comparison::sockets).sum(),
                  recording.timelines().size(),
                  "sockets in the recording"));
      checks.add(() -> OracleChecks.atLeast(MIXED_CONNECTIONS, mixed.connections(), "connections"));
      checks.add(
          () ->
              OracleChecks.atLeast(
                  storms * THREADS, comparisons.get(1).connections(), "connections at once"));
      // Else there would be one witness only.
      checks.add(
          () ->
              OracleChecks.atLeast(
                  mixed.transitions() / 2,
                  mixed.transitions() - mixed.missedByBcc(),
                  "transitions that bcc saw"));
      assertAll(checks);
    }
  }

  private static BccTcpstates startWhenReady(AgentJvm.Running jvm, Path directory)
      throws IOException, InterruptedException {
    jvm.awaitLine("ready");
    return BccTcpstates.start(directory);
  }
}
