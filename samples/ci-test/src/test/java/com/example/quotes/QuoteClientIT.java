// SPDX-License-Identifier: Apache-2.0
package com.example.quotes;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;

import dev.tcpstates.jfr.junit.TcpConnections;
import dev.tcpstates.jfr.junit.TcpStates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The client under load. */
class QuoteClientIT {
  private static final int THREADS = 4;
  private static final int REQUESTS = 400;

  @Test
  @TcpStates
  void needsNoMoreConnectionsThanThreads(TcpConnections tcp) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (QuoteService service = new QuoteService()) {
      QuoteClient client = new QuoteClient(service.uri());
      List<Future<String>> quotes = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        quotes.add(threads.submit(() -> client.quote("ACME")));
      }
      for (Future<String> quote : quotes) {
        quote.get();
      }
      assertThat(tcp.outgoing())
          .connectsAtMost(THREADS)
          .handshakeP99IsUnder(Duration.ofSeconds(1))
          .hasNoFailedConnects();
    } finally {
      threads.shutdown();
    }
    assertThat(tcp.within(Duration.ofSeconds(20))).leavesNothingInCloseWait();
  }
}
