// SPDX-License-Identifier: Apache-2.0
package com.example.quotes;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.junit.TcpConnections;
import dev.tcpstates.jfr.junit.TcpStates;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fails on purpose, to show the message: {@code mvn test -Dred}. */
@TcpStates
@Tag("red")
class HastyQuoteClientTest {
  private static final int REQUESTS = 5;

  @Test
  void asksOverOneConnection(TcpConnections tcp) throws Exception {
    try (QuoteService service = new QuoteService()) {
      HastyQuoteClient client = new HastyQuoteClient(service.uri());
      for (int i = 0; i < REQUESTS; i++) {
        assertEquals("42.00", client.quote("ACME"));
      }
      assertThat(tcp.outgoing()).connectsExactly(1);
    }
  }
}
