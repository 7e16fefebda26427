// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;

/** Maps a measured value to JMC's scores: OK from 0, information from 25, warning from 75. */
final class Score {
  private Score() {}

  /** Returns a score that increases with the value and reaches a severity exactly at its limit. */
  static double of(double value, double infoLimit, double warningLimit) {
    if (value <= 0) {
      return Severity.OK.getLimit();
    }
    double info = Severity.INFO.getLimit();
    double warning = Severity.WARNING.getLimit();
    if (value >= warningLimit) {
      return infoLimit < warningLimit
          ? Math.max(warning, RulesToolkit.mapExp100(value, infoLimit, warningLimit))
          : warning;
    }
    double score = RulesToolkit.mapExp100(value, infoLimit, warningLimit);
    // Rounding must not move it over a limit.
    return value < infoLimit
        ? Math.min(score, Math.nextDown(info))
        : Math.min(Math.max(score, info), Math.nextDown(warning));
  }
}
