// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.node.NodeProtocol.Answer;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Command;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Proof;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Status;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The messages between agents and the node program, byte by byte. */
class NodeProtocolTest {
  /** Magic, version 1, FORGET, a ring of 64 KB, process 258, network namespace 1. */
  private static final String REQUEST = "74637073" + "0001" + "0001" + "00010000" + "00000102";

  @Test
  void request() throws IOException {
    Request request = new Request(Command.FORGET, 1 << 16, 258, 1);
    byte[] bytes = request.encode();
    assertEquals(Request.BYTES, bytes.length);
    assertEquals(REQUEST + "00000001", HexFormat.of().formatHex(bytes, 0, 20));
    assertEquals(request, Request.decode(bytes));
  }

  /** The last four bytes stand for the layout; nothing is read or written if a JVM is forgotten. */
  @Test
  void requestOfAnotherLayout() throws IOException {
    for (Command command : Command.values()) {
      byte[] bytes = new Request(command, 1 << 16, 258, 1).encode();
      bytes[Request.BYTES - 1] ^= 1;
      if (command == Command.REGISTER) {
        IOException refused = assertThrows(IOException.class, () -> Request.decode(bytes));
        assertTrue(refused.getMessage().contains("another layout"), refused.getMessage());
      } else {
        assertEquals(command, Request.decode(bytes).command());
      }
    }
  }

  @Test
  void proofIsOfOneNonce() {
    SecureRandom random = new SecureRandom();
    Answer first = Answer.prove(random);
    Answer second = Answer.prove(random);
    assertEquals(16, first.nonce().length);
    assertNotEquals(Arrays.toString(first.nonce()), Arrays.toString(second.nonce()));
    byte[] proof = new Proof(first.nonce()).encode();
    assertEquals(Proof.BYTES, proof.length);
    assertTrue(new Proof(first.nonce()).isEncodedAs(proof));
    assertFalse(new Proof(second.nonce()).isEncodedAs(proof));
    assertFalse(new Proof(first.nonce()).isEncodedAs(Arrays.copyOf(proof, Proof.BYTES + 1)));
  }

  @Test
  void answer() throws IOException {
    Answer answer = Answer.registered(4096, 3, Map.of(7, "SEVEN", 1, "ONE"), List.of("Reset (no)"));
    Answer decoded = Answer.decode(answer.encode());
    assertEquals(Status.GRANTED, decoded.status());
    assertEquals(4096, decoded.ringSize());
    assertEquals(3, decoded.counters());
    assertEquals(answer.resetReasons(), decoded.resetReasons());
    assertEquals(answer.lacks(), decoded.lacks());
    Answer prove = Answer.prove(new SecureRandom());
    assertArrayEquals(prove.nonce(), Answer.decode(prove.encode()).nonce());
    assertEquals("why", Answer.decode(Answer.refuse("why").encode()).text());
    assertEquals(Status.BUSY, Answer.decode(Answer.busy("later").encode()).status());
  }

  /** Without features, an answer is that of earlier releases, byte by byte. */
  @Test
  void features() throws IOException {
    Answer answer = Answer.registered(4096, 3, Map.of(7, "SEVEN"), List.of("a"));
    byte[] earlier = answer.encode();
    assertArrayEquals(earlier, answer.with(0).encode());
    assertEquals(0, Answer.decode(earlier).features());
    byte[] later = answer.with(MetricsMessages.FEATURE).encode();
    assertArrayEquals(earlier, Arrays.copyOf(later, earlier.length));
    assertEquals(MetricsMessages.FEATURE, Answer.decode(later).features());
  }

  /** Each answer that is cut off, or of another version, is refused by an exception. */
  @Test
  void answerThatIsNone() {
    byte[] whole = Answer.registered(4096, 3, Map.of(7, "SEVEN"), List.of("a")).encode();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThrows(IOException.class, () -> Answer.decode(part), length + " bytes");
    }
    whole[5]++;
    assertThrows(IOException.class, () -> Answer.decode(whole));
  }
}
