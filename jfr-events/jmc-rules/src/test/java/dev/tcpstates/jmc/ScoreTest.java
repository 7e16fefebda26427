// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class ScoreTest {
  @ParameterizedTest
  @CsvSource({
    "0, 10, 100, OK",
    "-1, 10, 100, OK",
    "9.999999, 10, 100, OK",
    "10, 10, 100, INFO",
    "99.999999, 10, 100, INFO",
    "100, 10, 100, WARNING",
    "1e18, 10, 100, WARNING",
    // One limit for both: no room for an information.
    "9, 10, 10, OK",
    "10, 10, 10, WARNING",
    // The wrong way round: the lower of the two counts, as the user may have meant.
    "5, 10, 4, WARNING",
    "3, 10, 4, OK",
    "1, 0, 4, INFO",
  })
  void reachesTheSeverityAtItsLimit(double value, double info, double warning, Severity expected) {
    assertEquals(expected, Severity.get(Score.of(value, info, warning)));
  }

  @Test
  void growsWithTheValueAndStaysBelowAHundred() {
    double before = 0;
    for (double value = 1; value < 400; value += 1) {
      double score = Score.of(value, 10, 100);
      assertTrue(score > before, value + ": " + score + " after " + before);
      assertTrue(score <= 100);
      before = score;
    }
  }
}
