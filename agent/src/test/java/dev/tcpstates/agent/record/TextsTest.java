// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {
  private static String address(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return Texts.address(buffer.getLong(0), buffer.getLong(8));
  }

  /** The right-hand side is RFC 5952's canonical form, section 4. */
  @ParameterizedTest
  @CsvSource({
    "0:0:0:0:0:0:0:1, ::1",
    "0:0:0:0:0:0:0:0, ::",
    "1:0:0:0:0:0:0:0, 1::",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "fe80:0:0:0:0:0:0:abcd, fe80::abcd",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
    "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
  })
  void addressesAreCanonical(String written, String canonical) throws Exception {
    assertEquals(canonical, address(InetAddress.getByName(written).getAddress()));
  }

  @Test
  void mappedAddressesAreIpv4() {
    byte[] bytes = new byte[16];
    bytes[10] = -1;
    bytes[11] = -1;
    bytes[12] = (byte) 192;
    bytes[13] = 0;
    bytes[14] = 2;
    bytes[15] = (byte) 255;
    assertEquals("192.0.2.255", address(bytes));
  }

  @Test
  void taskNamesEndAtZero() {
    ByteBuffer name = ByteBuffer.allocate(16).put("swapper/5".getBytes());
    name.put(12, (byte) 'x');
    assertEquals("swapper/5", Texts.taskName(name.getLong(0), name.getLong(8)));
    assertEquals("", Texts.taskName(0, 0));
    ByteBuffer full = ByteBuffer.wrap("0123456789abcdef".getBytes());
    assertEquals("0123456789abcdef", Texts.taskName(full.getLong(0), full.getLong(8)));
  }

  @Test
  void theCacheGivesTheRightTextAfterForgetting() {
    TextCache cache = new TextCache((first, second) -> first + "/" + second);
    for (int round = 0; round < 2; round++) {
      for (long i = 0; i < 1_000; i++) {
        assertEquals(i + "/" + -i, cache.text(i, -i));
      }
    }
  }
}
