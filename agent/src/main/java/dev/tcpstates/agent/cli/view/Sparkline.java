// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.StateCounts;
import java.util.List;

/** Numbers as a row of bars, one character each. */
final class Sparkline {
  private static final String BARS = "▁▂▃▄▅▆▇█";

  private Sparkline() {}

  /** Returns how many numbers of a summary make one bar. */
  static int stretches(int width) {
    return (StateCounts.STRETCHES + width - 1) / Math.max(1, width);
  }

  /**
   * Returns the bars: the highest for the greatest number, and a blank for 0. If the width is not
   * sufficient, several numbers make one bar, which shows the greatest of them.
   */
  static String of(List<Integer> numbers, int width) {
    int each = stretches(width);
    int greatest = numbers.stream().mapToInt(Integer::intValue).max().orElse(0);
    StringBuilder bars = new StringBuilder();
    for (int i = 0; i < numbers.size(); i += each) {
      int most = 0;
      for (int j = i; j < Math.min(i + each, numbers.size()); j++) {
        most = Math.max(most, numbers.get(j));
      }
      bars.append(most == 0 ? ' ' : BARS.charAt((most * BARS.length() - 1) / greatest));
    }
    return bars.toString();
  }
}
