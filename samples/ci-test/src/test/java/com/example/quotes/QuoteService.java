// SPDX-License-Identifier: Apache-2.0
package com.example.quotes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** The server of the tests. */
final class QuoteService implements AutoCloseable {
  private final HttpServer server;

  QuoteService() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", QuoteService::answer);
    server.start();
  }

  URI uri() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getHostString() + ":" + address.getPort());
  }

  private static void answer(HttpExchange exchange) throws IOException {
    byte[] quote = "42.00".getBytes(StandardCharsets.US_ASCII);
    exchange.sendResponseHeaders(200, quote.length);
    exchange.getResponseBody().write(quote);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
