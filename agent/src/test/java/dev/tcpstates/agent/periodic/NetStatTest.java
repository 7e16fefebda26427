// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetStatTest {
  private static final String TEXT =
      """
      TcpExt: SyncookiesSent ListenOverflows ListenDrops
      TcpExt: 0 1234567890123 7
      IpExt: InNoRoutes ListenOverflows
      IpExt: 1 2
      """;

  @Test
  void theNumberUnderTheName() {
    assertEquals(1234567890123L, NetStat.counter(TEXT, "TcpExt:", "ListenOverflows"));
    assertEquals(7, NetStat.counter(TEXT, "TcpExt:", "ListenDrops"));
    assertEquals(2, NetStat.counter(TEXT, "IpExt:", "ListenOverflows"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "TcpExt: ListenOverflows\n",
        "TcpExt: Other\nTcpExt: 1\n",
        "TcpExt: A ListenOverflows\nTcpExt: 1\n",
        "TcpExt: ListenOverflows\nTcpExt: x\n",
        "MPTcpExt: ListenOverflows\nMPTcpExt: 1\n"
      })
  void anythingElseIsUnknown(String text) {
    assertEquals(-1, NetStat.counter(text, "TcpExt:", "ListenOverflows"));
  }

  @Test
  void thisMachine() {
    assumeTrue(Files.exists(Path.of("/proc/thread-self/net/netstat")), "this is no Linux");
    assertTrue(NetStat.listenOverflows() >= 0);
  }
}
