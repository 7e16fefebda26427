// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tcpstates.agent.kernel.node.MetricsMessages.Header;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages about metrics, byte by byte. */
class MetricsMessagesTest {
  private static Header header(String hex) throws IOException {
    return Header.decode(HexFormat.of().parseHex(hex));
  }

  @Test
  void messages() throws IOException {
    assertEquals(
        "7463706d" + "0001" + "0002" + "0000000000000102",
        HexFormat.of().formatHex(MetricsMessages.request(258)));
    assertEquals(258, MetricsMessages.requestNumber(MetricsMessages.request(258)));
    assertEquals(
        "7463706d" + "0001" + "0001" + "0000000000000000" + "00000000",
        HexFormat.of().formatHex(MetricsMessages.hello()));
    assertEquals(new Header(true, 0, 0), Header.decode(MetricsMessages.hello()));
    byte[] answer = MetricsMessages.answer(258, new byte[] {5, 6});
    assertEquals(
        "7463706d" + "0001" + "0003" + "0000000000000102" + "00000002" + "0506",
        HexFormat.of().formatHex(answer));
    byte[] start = Arrays.copyOf(answer, MetricsMessages.HEADER_BYTES);
    assertEquals(new Header(false, 258, 2), Header.decode(start));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7463706d0001000300000000000001020000",
        "7463706d000100030000000000000102000000020a",
        "7463707300010003000000000000010200000002",
        "7463706d00020003000000000000010200000002",
        "7463706d00010002000000000000010200000002",
        "7463706d00010004000000000000010200000002",
        "7463706d000100030000000000000102ffffffff",
        "7463706d00010003000000000000010200040001",
        "7463706d00010001000000000000000000000001"
      })
  void noHeader(String hex) {
    assertThrows(IOException.class, () -> header(hex));
  }

  @Test
  void noRequest() {
    byte[] request = MetricsMessages.request(7);
    for (int i = 0; i < 8; i++) {
      byte[] changed = request.clone();
      changed[i] ^= 8;
      assertThrows(IOException.class, () -> MetricsMessages.requestNumber(changed), "byte " + i);
    }
    byte[] cut = Arrays.copyOf(request, request.length - 1);
    assertThrows(IOException.class, () -> MetricsMessages.requestNumber(cut));
  }

  /** A body that is too long would be refused; so the node program gets none at once. */
  @Test
  void tooLongBody() throws IOException {
    byte[] most = new byte[MetricsMessages.MOST_BODY_BYTES];
    assertEquals(
        MetricsMessages.HEADER_BYTES + most.length, MetricsMessages.answer(1, most).length);
    byte[] more = new byte[MetricsMessages.MOST_BODY_BYTES + 1];
    assertArrayEquals(MetricsMessages.answer(1, new byte[0]), MetricsMessages.answer(1, more));
  }
}
