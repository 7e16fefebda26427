// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.openers.Matrix;
import dev.tcpstates.it.oracle.BccTcpstates;
import dev.tcpstates.it.oracle.Comparison;
import dev.tcpstates.it.oracle.Ftrace;
import dev.tcpstates.it.oracle.ProcessLoad;
import dev.tcpstates.it.oracle.ProgramMisses;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The matrix of openers under the two witnesses of {@link OracleIT}: what the libraries do with
 * their sockets, transition by transition. Most sockets have both ends in the JVM; at the other end
 * of some are servers of the machine, whose own sockets must not be in the recording.
 */
@Isolated("ftrace sees the whole machine")
class OpenerOracleIT {
  /** What the rows open at the least, on the oldest JDK and without io_uring. */
  private static final int SOCKETS = 110;

  private static final int CONNECTIONS = 50;

  @TempDir static Path shared;
  private static MatrixJvm matrix;

  @BeforeAll
  static void start() throws Exception {
    KernelTier.require();
    KernelTier.requireTools("tcpstates", "timeout", "nice", "kill");
    KernelTier.requireTracefs();
    matrix = MatrixJvm.start(shared);
  }

  @AfterAll
  static void stop() {
    if (matrix != null) {
      matrix.close();
    }
  }

  @OnEachJdk
  @Timeout(120)
  void sameStoryAsBccAndFtrace(Jdk jdk, @TempDir Path directory) throws Exception {
    try (Ftrace ftrace = Ftrace.start();
        AgentJvm.Running jvm =
            matrix.on(jdk, directory).jvm("-D" + Matrix.WITNESSED + "=true").start(Matrix.class)) {
      jvm.awaitLine("ready");
      try (Ftrace openings = Ftrace.startOpenings(jvm.process().pid());
          // Attached last, for its long program delays the clocks of those behind it.
          BccTcpstates bcc = BccTcpstates.start(directory)) {
        jvm.send("");
        jvm.awaitLine("over");
        Thread.sleep(200); // for the last acknowledgements
        ftrace.stop();
        openings.stop();
        List<Long> misses = ProgramMisses.of(jvm.process().pid());
        bcc.stop();
        jvm.send("");
        TcpRecording recording = Recorded.readWithLosses(jvm.await().ok().recording());

        Comparison comparison =
            new Comparison(
                new ProcessLoad("openers", ftrace, openings), recording.timelines(), ftrace, bcc);
        System.out.println(jdk + ", the openers against bcc's tcpstates and ftrace");
        System.out.println(comparison);
        System.out.println("recursion_misses: our programs " + misses);
        if (!bcc.complaints().isEmpty()) {
          System.out.println("bcc complains: " + bcc.complaints());
        }
        assertAll(
            () -> OracleChecks.sameStory(comparison),
            () -> OracleChecks.noneLost(recording.losses(), List.of(comparison)),
            () -> assertEquals(comparison.sockets(), recording.timelines().size(), "sockets"),
            () -> OracleChecks.atLeast(SOCKETS, comparison.sockets(), "sockets"),
            () -> OracleChecks.atLeast(CONNECTIONS, comparison.connections(), "connections"),
            // Else there would be one witness only.
            () ->
                OracleChecks.atLeast(
                    comparison.transitions() / 2,
                    comparison.transitions() - comparison.missedByBcc(),
                    "transitions that bcc saw"));
      }
    }
  }
}
