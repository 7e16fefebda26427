// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HistogramTest {
  private final Histogram histogram = new Histogram(-1, 1);

  @Test
  void theBoundsArePowersOfTwo() {
    assertArrayEquals(new double[] {0.5, 1, 2}, histogram.now().bounds());
  }

  @Test
  void aBoundBelongsToItsBucket() {
    histogram.add(0);
    histogram.add(500_000_000);
    histogram.add(500_000_001);
    histogram.add(2_000_000_000);
    histogram.add(3_000_000_000L);
    Distribution now = histogram.now();
    assertArrayEquals(new long[] {2, 1, 1, 1}, now.counts());
    assertEquals(5, now.count());
    assertEquals(6.000000001, now.sum(), 1e-12);
  }
}
