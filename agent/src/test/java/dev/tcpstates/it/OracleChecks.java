// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.oracle.Comparison;
import dev.tcpstates.jfr.Loss;
import java.util.List;

/** What must be true of every comparison with the witnesses. */
final class OracleChecks {
  private static final long MAX_DEVIATION_NANOS = 50_000;
  private static final double WITHIN = 0.99;

  /**
   * Sockets left out of the comparison, at most. A shielded task runs for some milliseconds a
   * second: an interrupt on top of it takes the two ends of a connection or two with it.
   */
  private static final double NOT_COMPARED = 0.02;

  private static final int SHOWN = 10;

  private OracleChecks() {}

  /** Ours is what ftrace saw, transition by transition, and in the time of the nearer witness. */
  static void sameStory(Comparison comparison) {
    assertAll(
        comparison.name(),
        () -> assertNone(comparison.differences(), "ours differs from ftrace"),
        () -> assertNone(comparison.bccContradicts(), "bcc contradicts ftrace"),
        () ->
            assertTrue(
                comparison.notCompared() <= NOT_COMPARED * comparison.sockets(),
                () -> comparison.notCompared() + " of " + comparison.sockets() + " not compared"),
        () ->
            assertTrue(
                comparison.deviations().within(MAX_DEVIATION_NANOS)
                    >= WITHIN * comparison.deviations().count(),
                () -> "times in state, off from the nearer: " + comparison.deviations()));
  }

  /** But for what the kernel hid from BPF. */
  static void noneLost(List<Loss> losses, List<Comparison> comparisons) {
    int hidden = comparisons.stream().mapToInt(Comparison::shielded).sum();
    int skipped =
        losses.stream()
            .filter(loss -> loss.reason().equals("PROGRAM_SKIPPED"))
            .mapToInt(Loss::count)
            .sum();
    int lost = losses.stream().mapToInt(Loss::count).sum();
    assertTrue(
        lost == skipped && skipped <= hidden,
        () -> "RecordsLost, and " + hidden + " transitions were hidden from BPF: " + losses);
  }

  static void atLeast(int least, int actual, String what) {
    assertTrue(actual >= least, () -> actual + " " + what + ", fewer than " + least);
  }

  private static void assertNone(List<String> differences, String what) {
    assertTrue(
        differences.isEmpty(),
        () ->
            differences.size()
                + " times "
                + what
                + ", such as:\n  "
                + String.join("\n  ", differences.subList(0, Math.min(SHOWN, differences.size()))));
  }
}
