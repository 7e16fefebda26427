// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.quickstart;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The server of the shop. It knows two prices, and closes each connection after its answer. */
public final class PriceService {
  private static final Map<String, String> PRICES = Map.of("apple", "0.40", "pear", "0.60");

  private PriceService() {}

  /** Serves for a minute and ends then, unless it is ended before. */
  public static void main(String[] args) throws IOException, InterruptedException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/price/", PriceService::answer);
    server.start();
    System.out.println("port " + server.getAddress().getPort());
    Thread.sleep(60_000);
    server.stop(0);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String item = path.substring(path.lastIndexOf('/') + 1);
    pause(10 * item.length());
    String price = PRICES.get(item);
    byte[] body = (price == null ? "no " + item : price).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Connection", "close");
    exchange.sendResponseHeaders(price == null ? 404 : 200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /** Looking up a price takes a while. */
  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
