// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.StackWeights.Weight;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StackWeightsTest {
  private static Map<String, Long> weigh(Weight weight, Consumer<Tape> events) {
    StackWeights weights = new StackWeights(weight);
    Tape tape = new Tape(weights, 10_000);
    tape.site(1, "CONNECT", "a.A.connect:1", "java.net.Socket.connect:9", "a.A.connect:1");
    tape.site(2, "CONNECT", "b.B.connect:2", "java.net.Socket.connect:9", "b.B.connect:2");
    tape.site(3, "LISTEN", "s.S.listen:3", "s.S.listen:3");
    tape.site(4, "ACCEPT", "s.S.accept:4", "s.S.accept:4");
    events.accept(tape);
    Map<String, Long> result = new TreeMap<>();
    weights.result().forEach(weighed -> result.put(weighed.opener().openedBy(), weighed.weight()));
    return result;
  }

  private static void load(Tape tape) {
    tape.life(10, 1, 0, 100);
    tape.life(11, 1, 200, 350);
    tape.moves(12, 2, 0, 1_000, "SYN_SENT", 1_010, "ESTABLISHED", 4_000, "CLOSE_WAIT");
    tape.moves(20, 3, 0, 0, "LISTEN");
    // Accepted: the listener's site first, then that of accept.
    tape.move(21, 3, 20, 5_000, "SYN_RECV");
    tape.move(21, 3, 20, 5_001, "ESTABLISHED");
    tape.move(21, 4, 20, 5_500, "CLOSE_WAIT");
    tape.move(21, 4, 20, 5_600, "LAST_ACK");
    tape.move(21, 4, 20, 5_601, "CLOSE");
    Tape.Ended accepted = new Tape.Ended();
    accepted.kind = SocketKind.ACCEPT;
    accepted.listener = 20;
    accepted.sent = 5;
    accepted.received = 6;
    tape.connection(21, 4, 5_000, 5_601, accepted);
  }

  @Test
  void byConnections() {
    assertEquals(
        Map.of("a.A.connect:1", 2L, "b.B.connect:2", 1L, "s.S.accept:4", 1L),
        weigh(new Weight.Connections(), StackWeightsTest::load));
  }

  /** In microseconds; a socket still in the state counts until the recording's end. */
  @Test
  void byTimeInState() {
    assertEquals(
        Map.of("b.B.connect:2", 6_000_000L, "s.S.accept:4", 100_000L),
        weigh(new Weight.TimeIn(TcpState.CLOSE_WAIT), StackWeightsTest::load));
    assertEquals(
        Map.of("s.S.listen:3", 10_000_000L),
        weigh(new Weight.TimeIn(TcpState.LISTEN), StackWeightsTest::load));
  }

  @Test
  void byBytes() {
    assertEquals(
        Map.of("a.A.connect:1", 2_200L, "s.S.accept:4", 11L, "b.B.connect:2", 70L),
        weigh(
            new Weight.Bytes(),
            tape -> {
              load(tape);
              tape.throughput(12, 2, 4_500, 20, 30);
              tape.throughput(12, 2, 5_500, 0, 20);
            }));
  }

  /** Many short times must not round to zero. */
  @Test
  void shortStaysAddUp() {
    StackWeights weights = new StackWeights(new Weight.TimeIn(TcpState.SYN_SENT));
    Tape tape = new Tape(weights, 10_000);
    for (int i = 0; i < 3; i++) {
      tape.life(i, 9, i, i + 1);
    }
    assertEquals(3_000, weights.result().get(0).weight());
    assertEquals("site 9", weights.result().get(0).opener().openedBy());
  }

  @Test
  void isCompleteIfTheAgentRecordedAndNothingWasLost() {
    Consumer<Tape> attached = tape -> tape.agent(true, null);
    assertTrue(isComplete(attached));
    assertFalse(isComplete(tape -> {}));
    assertFalse(isComplete(tape -> tape.agent(false, "EPERM")));
    assertFalse(isComplete(attached.andThen(tape -> tape.lost(1, 100))));
    assertFalse(isComplete(attached.andThen(tape -> tape.bytesLost(1, 100))));
  }

  private static boolean isComplete(Consumer<Tape> events) {
    StackWeights weights = new StackWeights(new Weight.Connections());
    events.accept(new Tape(weights, 10_000));
    return weights.isComplete();
  }

  /** The agent may give the same code another number. */
  @Test
  void sameStackWithTwoNumbers() {
    assertEquals(
        Map.of("a.A.connect:1", 2L),
        weigh(
            new Weight.Connections(),
            tape -> {
              tape.site(
                  100, "CONNECT", "a.A.connect:1", "java.net.Socket.connect:9", "a.A.connect:1");
              tape.life(10, 1, 0, 1);
              tape.life(11, 100, 0, 1);
            }));
  }

  /** Each JVM numbers its sockets and call sites on its own. */
  @Test
  void jvmsAreDistinguished() {
    assertEquals(
        Map.of("a.A.connect:1", 1L, "z.Z.connect:1", 1L),
        weigh(
            new Weight.Connections(),
            tape -> {
              tape.moves(10, 1, 0, 5, "SYN_SENT", 6, "ESTABLISHED");
              tape.chunk(0, 10_000);
              tape.jvm(2);
              tape.site(1, "CONNECT", "z.Z.connect:1");
              tape.moves(10, 1, 0, 5, "SYN_SENT", 6, "ESTABLISHED");
              tape.chunk(10_000, 11_000);
              tape.jvm(1);
              tape.move(10, 1, 0, 10_500, "CLOSE_WAIT");
            }));
  }
}
