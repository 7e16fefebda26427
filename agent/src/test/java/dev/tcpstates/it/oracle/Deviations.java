// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.util.Arrays;
import java.util.Locale;

/** By how much times differ from a witness's, in ns. */
public final class Deviations {
  private long[] nanos = new long[1024];
  private int count;

  void add(long deviation) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = Math.abs(deviation);
  }

  public int count() {
    return count;
  }

  /** How many are within so many ns. */
  public long within(long limit) {
    return Arrays.stream(nanos, 0, count).filter(deviation -> deviation <= limit).count();
  }

  @Override
  public String toString() {
    if (count == 0) {
      return "none";
    }
    long[] sorted = Arrays.stream(nanos, 0, count).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "p50 %.1f, p90 %.1f, p99 %.1f, p99.9 %.1f, max %.1f us of %d",
        sorted[(int) (count * 0.5)] / 1e3,
        sorted[(int) (count * 0.9)] / 1e3,
        sorted[(int) (count * 0.99)] / 1e3,
        sorted[(int) (count * 0.999)] / 1e3,
        sorted[count - 1] / 1e3,
        count);
  }
}
