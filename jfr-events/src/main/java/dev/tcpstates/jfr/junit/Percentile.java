// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** A percentage of connections. */
record Percentile(double percent) {
  Percentile {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("a percentile is above 0 and up to 100, not " + percent);
    }
  }

  /** How many of so many may be beyond the percentile: those above its rank, rounded up. */
  int mayExceed(int count) {
    int rank =
        BigDecimal.valueOf(percent)
            .multiply(BigDecimal.valueOf(count))
            .divide(BigDecimal.valueOf(100), 0, RoundingMode.CEILING)
            .intValueExact();
    return count - rank;
  }
}
