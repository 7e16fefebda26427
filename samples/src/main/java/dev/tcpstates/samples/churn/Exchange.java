// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.churn;

import com.sun.net.httpserver.HttpServer;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.samples.Recorded;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Asks for exchange rates over HTTP, first with a new client per request, then with one client for
 * all requests. A client keeps its connections for its next request, but a new client has none.
 * That is the bug.
 */
public final class Exchange {
  private static final int REQUESTS = 20;

  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
    server.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
    server.start();
    URI rates = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/EUR");

    for (int i = 0; i < REQUESTS; i++) {
      askWithNewClient(rates);
    }
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 0; i < REQUESTS; i++) {
      askWith(client, rates);
    }

    System.out.printf("%d requests with a client each, and %<d with one client.%n%n", REQUESTS);
    System.out.println("Connections by the line of code that opened them:\n");
    connectionsByLine()
        .forEach((line, connections) -> System.out.printf("  %3d  %s%n", connections, line));
    server.stop(0);
  }

  private static void askWithNewClient(URI uri) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient(); // THE CHURN: this has no connection yet,
    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()); // so it opens one
  }

  private static void askWith(HttpClient client, URI uri) throws IOException, InterruptedException {
    client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
  }

  private static Map<String, Long> connectionsByLine() throws IOException {
    return Recorded.upToNow().timelines().stream()
        .filter(socket -> socket.transitions().get(0).newState() == TcpState.SYN_SENT)
        .map(SocketTimeline::openedBy)
        .collect(Collectors.groupingBy(Recorded::line, TreeMap::new, Collectors.counting()));
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByName("127.0.0.1");
  }

  private Exchange() {}
}
