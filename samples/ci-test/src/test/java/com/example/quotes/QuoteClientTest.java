// SPDX-License-Identifier: Apache-2.0
package com.example.quotes;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.junit.TcpConnections;
import dev.tcpstates.jfr.junit.TcpStates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the client's answers, and how it uses its connections. */
@TcpStates
class QuoteClientTest {
  private static final int REQUESTS = 50;

  private QuoteService service;

  @BeforeEach
  void start() throws Exception {
    service = new QuoteService();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void asksOverOneConnection(TcpConnections tcp) throws Exception {
    QuoteClient client = new QuoteClient(service.uri());
    for (int i = 0; i < REQUESTS; i++) {
      assertEquals("42.00", client.quote("ACME"));
    }
    assertThat(tcp.outgoing())
        .connectsExactly(1)
        .reusesAtLeast(0.95, REQUESTS)
        .hasNoFailedConnects()
        .hasNoResets();
  }

  @Test
  void opensNothingOnceItIsWarm(TcpConnections tcp) throws Exception {
    QuoteClient client = new QuoteClient(service.uri());
    client.quote("ACME");
    tcp.fromNow();
    client.quote("ACME");
    assertThat(tcp.outgoing()).connectsExactly(0);
  }
}
