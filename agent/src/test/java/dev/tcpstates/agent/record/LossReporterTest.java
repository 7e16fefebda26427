// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.jfr.event.RecordsLost;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LossReporterTest {
  private final TestRecording recording = TestRecording.of(RecordsLost.NAME);
  private final LossReporter reporter = new LossReporter();

  @AfterEach
  void close() {
    recording.close();
  }

  private List<RecordedEvent> events() throws Exception {
    return recording.events(RecordsLost.NAME);
  }

  private static String text(RecordedEvent event) {
    return event.getInt("count")
        + " "
        + event.getString("lostType").replace("tcpstates.", "")
        + " "
        + event.getString("reason");
  }

  private static Losses ringFull(long transitions) {
    return new Losses(transitions, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void withoutALossThereIsNoEvent() throws Exception {
    assertFalse(reporter.report(Losses.NONE));
    assertFalse(reporter.report(new Losses(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
    assertEquals(List.of(), events());
  }

  @Test
  void eachKindOfLossHasItsTypeAndReason() throws Exception {
    assertTrue(reporter.report(new Losses(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)));
    assertEquals(
        Set.of(
            "1 StateChange RING_FULL",
            "2 StateChange PROGRAM_SKIPPED",
            "3 StateChange NO_MEMORY",
            "4 StateChange UNREADABLE",
            "5 Connection RING_FULL",
            "6 Retransmit RING_FULL",
            "7 Reset RING_FULL",
            "8 StateCount RING_FULL",
            "9 Connection PROGRAM_SKIPPED",
            "10 Retransmit PROGRAM_SKIPPED"),
        events().stream().map(LossReporterTest::text).collect(Collectors.toSet()));
    assertEquals(10, events().size());
  }

  @Test
  void eachLossIsReportedOnce() throws Exception {
    assertTrue(reporter.report(ringFull(3)));
    assertFalse(reporter.report(ringFull(3)));
    assertTrue(reporter.report(ringFull(10)));
    assertFalse(reporter.report(ringFull(10)));
    assertEquals(
        List.of("3 StateChange RING_FULL", "7 StateChange RING_FULL"),
        events().stream().map(LossReporterTest::text).toList());
  }

  @Test
  void aCountThatAFieldCannotHoldIsTheLargest() throws Exception {
    reporter.report(ringFull(1L << 40));
    assertEquals(Integer.MAX_VALUE, events().get(0).getInt("count"));
  }

  /** From the last time that nothing was lost: the reading before. */
  @Test
  void theEventSpansTheTimeInWhichItWasLost() throws Exception {
    Thread.sleep(20);
    Instant reading = Instant.now();
    reporter.report(Losses.NONE);
    Thread.sleep(20);
    Instant noticed = Instant.now();
    reporter.report(ringFull(1));
    RecordedEvent event = events().get(0);
    // JFR's clock may be a few ms beside that of Instant.
    assertTrue(event.getStartTime().isAfter(reading.minusMillis(10)), event::toString);
    assertTrue(event.getStartTime().isBefore(noticed.minusMillis(10)), event::toString);
    assertTrue(event.getEndTime().isAfter(noticed.minusMillis(10)), event::toString);
  }
}
