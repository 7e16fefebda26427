// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.Transitions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransitionOrderTest {
  private final List<Transition> transitions = new ArrayList<>();

  private TransitionOrderTest at(long micros, String oldState, String newState) {
    transitions.add(Transitions.at(Instant.EPOCH.plusNanos(micros * 1_000), oldState, newState));
    return this;
  }

  private void assertOrder(String... expected) {
    TransitionOrder.sort(transitions);
    assertEquals(
        List.of(expected),
        transitions.stream().map(t -> t.oldState() + " > " + t.newState()).toList());
  }

  @Test
  void orderIsThatOfTheTimes() {
    at(30, "ESTABLISHED", "CLOSE_WAIT");
    at(10, "CLOSE", "SYN_SENT");
    at(20, "SYN_SENT", "ESTABLISHED");
    assertOrder("CLOSE > SYN_SENT", "SYN_SENT > ESTABLISHED", "ESTABLISHED > CLOSE_WAIT");
  }

  @Test
  void equalTimesKeepTheirOrder() {
    at(10, "CLOSE", "SYN_SENT").at(10, "SYN_SENT", "CLOSE").at(10, "CLOSE", "SYN_SENT");
    assertOrder("CLOSE > SYN_SENT", "SYN_SENT > CLOSE", "CLOSE > SYN_SENT");
  }

  @Test
  void statesDecideWhereTimesOfTwoChunksCross() {
    at(10, "CLOSE", "SYN_SENT");
    at(20, "SYN_SENT", "ESTABLISHED");
    at(900, "FIN_WAIT1", "FIN_WAIT2");
    at(905, "ESTABLISHED", "FIN_WAIT1");
    at(910, "FIN_WAIT2", "CLOSE");
    assertOrder(
        "CLOSE > SYN_SENT",
        "SYN_SENT > ESTABLISHED",
        "ESTABLISHED > FIN_WAIT1",
        "FIN_WAIT1 > FIN_WAIT2",
        "FIN_WAIT2 > CLOSE");
  }

  @Test
  void alsoAtTheBegin() {
    at(10, "SYN_RECV", "ESTABLISHED");
    at(12, "LISTEN", "SYN_RECV");
    at(14, "ESTABLISHED", "CLOSE_WAIT");
    assertOrder("LISTEN > SYN_RECV", "SYN_RECV > ESTABLISHED", "ESTABLISHED > CLOSE_WAIT");
  }

  /** A transition from far away does not fill a gap. */
  @Test
  void gapsAreNotFilledFromAfar() {
    at(10, "CLOSE", "SYN_SENT");
    at(20, "ESTABLISHED", "FIN_WAIT1");
    at(5_000, "SYN_SENT", "ESTABLISHED");
    assertOrder("CLOSE > SYN_SENT", "ESTABLISHED > FIN_WAIT1", "SYN_SENT > ESTABLISHED");
  }
}
