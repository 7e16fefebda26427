// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;

/** From a measured value to JMC's scores: 0 is well, 25 worth a look, 75 a warning, 100 the end. */
final class Score {
  private Score() {}

  /**
   * A score that grows with the value, and has reached a severity exactly where the value has
   * reached the severity's limit.
   */
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
    // Rounding must not take it over a limit.
    return value < infoLimit
        ? Math.min(score, Math.nextDown(info))
        : Math.min(Math.max(score, info), Math.nextDown(warning));
  }
}
