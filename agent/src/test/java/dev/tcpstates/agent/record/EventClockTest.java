// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.StateChange;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mapping of times, with clocks of the test's own. */
class EventClockTest {
  private static final long MILLI = 1_000_000;

  /** A tick counter of 2.9 GHz that drifts by some millionths, as a time stamp counter does. */
  private static long ticks(long nanos) {
    double seconds = nanos / 1e9;
    return Math.round(2.9 * nanos + 2.9e9 * 1e-6 * 5 * Math.sin(seconds / 40));
  }

  @Test
  void equalClocksAreMappedExactly() {
    EventClock clock =
        new EventClock(List.of(new EventTimes<>(StateChange.class, StateChange::new)));
    clock.sample(5_000_000_000L, 123);
    clock.sample(5_020_000_000L, 123 + 20 * MILLI);
    assertEquals(123, clock.toTicks(5_000_000_000L));
    assertEquals(123 + 7, clock.toTicks(5_000_000_007L));
    assertEquals(123 - 4_000 * MILLI, clock.toTicks(1_000_000_000L));
    assertEquals(123 + 3_600_000 * MILLI, clock.toTicks(5_000_000_000L + 3_600_000 * MILLI));
  }

  /**
   * As in use: a sample, then times since the sample before. For an hour of so many milliseconds.
   */
  @ParameterizedTest
  @ValueSource(ints = {20, 100, 1_000})
  void drivesAlongWithADriftingClock(int interval) {
    EventClock clock =
        new EventClock(List.of(new EventTimes<>(StateChange.class, StateChange::new)));
    long start = 1_000_000_000_000L;
    clock.sample(start, ticks(start));
    long worst = 0;
    long end = start + 3_600_000 * MILLI;
    for (long now = start + interval * MILLI; now < end; now += interval * MILLI) {
      clock.sample(now, ticks(now));
      long time = now - interval * MILLI / 3;
      worst = Math.max(worst, Math.abs(clock.toTicks(time) - ticks(time)));
    }
    // In ticks: half a microsecond is 1,450.
    assertTrue(worst < 1_450, "off by " + worst);
  }

  @Test
  void aTimeOnceMappedStaysWhereItWas() {
    EventClock clock =
        new EventClock(List.of(new EventTimes<>(StateChange.class, StateChange::new)));
    Map<Long, Long> mapped = new TreeMap<>();
    long start = 1_000_000_000_000L;
    for (int i = 0; i < 100; i++) {
      long now = start + i * 20 * MILLI;
      // A clock that jumps about by up to 50 µs, far more than a real one.
      clock.sample(now, ticks(now) + (i * 7919 % 101) * 1_450);
      for (long time = now - 19 * MILLI; time <= now; time += 3 * MILLI) {
        if (time >= start) {
          mapped.put(time, clock.toTicks(time));
        }
      }
    }
    mapped.forEach((time, tick) -> assertEquals(tick, clock.toTicks(time)));
    long before = Long.MIN_VALUE;
    for (long tick : mapped.values()) {
      assertTrue(tick > before, "time runs backwards");
      before = tick;
    }
  }

  @Enabled(false)
  static final class NotRecorded extends Event {}

  @Test
  void oneRecordedEventTypeIsEnough() {
    EventTimes<NotRecorded> not = new EventTimes<>(NotRecorded.class, NotRecorded::new);
    EventTimes<StateChange> recorded = new EventTimes<>(StateChange.class, StateChange::new);
    try (Recording recording = new Recording()) {
      recording.enable(StateChange.class);
      recording.start();
      assertEquals(0, not.now());
      EventClock clock = new EventClock(List.of(not, recorded));
      clock.calibrate();
      assertNotEquals(0, clock.toTicks(System.nanoTime()));
    }
  }
}
