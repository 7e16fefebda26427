// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketTimelineTest {
  @ParameterizedTest
  @CsvSource({
    // connected
    "true, CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE",
    // accepted
    "true, LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE",
    // refused
    "true, CLOSE SYN_SENT CLOSE",
    // a listener
    "true, CLOSE LISTEN CLOSE",
    // still open
    "false, CLOSE SYN_SENT ESTABLISHED",
    // seen from its middle on
    "false, ESTABLISHED CLOSE",
  })
  void completeFromFirstStateToClose(boolean complete, String path) {
    String[] states = path.split(" ");
    List<Transition> transitions = new ArrayList<>();
    for (int i = 1; i < states.length; i++) {
      transitions.add(Transitions.of(states[i - 1], states[i]));
    }
    SocketTimeline timeline = new SocketTimeline(1, transitions);
    assertEquals(complete, timeline.complete());
    assertEquals(TcpState.valueOf(states[states.length - 1]), timeline.lastState());
  }

  @Test
  void notCompleteWithAGap() {
    assertEquals(
        false,
        new SocketTimeline(
                1,
                List.of(
                    Transitions.of("CLOSE", "SYN_SENT"), Transitions.of("ESTABLISHED", "CLOSE")))
            .complete());
  }

  @Test
  void openerIsTheLastKnown() {
    SocketTimeline accepted =
        new SocketTimeline(
            1,
            List.of(
                Transitions.of("LISTEN", "SYN_RECV", "listener", 1),
                Transitions.of("SYN_RECV", "ESTABLISHED", "acceptor", 2),
                Transitions.of("ESTABLISHED", "CLOSE")));
    assertEquals("acceptor", accepted.openedBy());
    assertEquals("thread of acceptor", accepted.openThread());
    assertEquals(20, accepted.openThreadId());
    assertEquals(2, accepted.openSiteId());
  }

  @Test
  void openerMayBeUnknown() {
    SocketTimeline timeline = new SocketTimeline(1, List.of(Transitions.of("CLOSE", "SYN_SENT")));
    assertNull(timeline.openedBy());
    assertNull(timeline.openThread());
    assertEquals(0, timeline.openThreadId());
    assertEquals(0, timeline.openSiteId());
  }

  @Test
  void hasATransition() {
    assertThrows(IllegalArgumentException.class, () -> new SocketTimeline(1, List.of()));
  }
}
