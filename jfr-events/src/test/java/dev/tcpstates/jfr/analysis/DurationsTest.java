// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DurationsTest {
  private static Durations of(long... nanos) {
    Durations durations = new Durations();
    for (long value : nanos) {
      durations.add(Duration.ofNanos(value));
    }
    return durations;
  }

  @Test
  void none() {
    assertEquals(
        new Distribution(0, Duration.ZERO, Duration.ZERO, Duration.ZERO, true),
        of().distribution());
  }

  /** By nearest rank: the 50th and the 99th of a hundred. */
  @Test
  void fewAreExact() {
    long[] hundred = LongStream.rangeClosed(1, 100).map(i -> 101 - i).toArray();
    assertEquals(
        new Distribution(
            100, Duration.ofNanos(50), Duration.ofNanos(99), Duration.ofNanos(100), true),
        of(hundred).distribution());
    assertEquals(Duration.ofNanos(7), of(7).percentile(1));
    assertEquals(Duration.ofNanos(7), of(7).percentile(99));
    assertEquals(Duration.ofNanos(3), of(9, 3).percentile(50));
  }

  @Test
  void manyAreWithinOnePercent() {
    Random random = new Random(42);
    long[] values =
        LongStream.generate(() -> (long) Math.exp(random.nextDouble() * 40))
            .limit(100_000)
            .toArray();
    Durations durations = of(values);
    Arrays.sort(values);
    assertFalse(durations.distribution().exact());
    assertEquals(100_000, durations.distribution().count());
    assertEquals(values[99_999], durations.distribution().max().toNanos());
    for (int percent = 1; percent < 100; percent++) {
      long exact = values[percent * 1_000 - 1];
      long found = durations.percentile(percent).toNanos();
      assertTrue(
          found >= exact && found <= exact * 1.0079 + 1, percent + ": " + exact + " " + found);
    }
  }

  @Test
  void greatestAndLeast() {
    Durations durations = new Durations();
    for (int i = 0; i < 3_000; i++) {
      durations.add(i % 2 == 0 ? Duration.ZERO : Duration.ofNanos(Long.MAX_VALUE));
    }
    assertEquals(Duration.ZERO, durations.percentile(50));
    assertEquals(Duration.ofNanos(Long.MAX_VALUE), durations.percentile(99));
  }
}
