// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.Point;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client sends, the next one is answered. */
class MetricsEndpointTest {
  private static final String GET = "GET /metrics HTTP/1.1\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\n";

  @TempDir private Path directory;
  private volatile Supplier<List<Family>> metrics = List::of;
  private Path socket;
  private MetricsEndpoint endpoint;
  private Thread thread;

  @BeforeEach
  void start() throws InterruptedException {
    socket = directory.resolve("metrics.sock");
    endpoint = new MetricsEndpoint(EndpointAddress.parse(socket.toString()), () -> metrics.get());
    thread = new Thread(endpoint);
    thread.start();
    endpoint.awaitReady();
  }

  @AfterEach
  void end() throws InterruptedException {
    endpoint.close();
    thread.join();
  }

  private static String whyNot(String address) {
    MetricsEndpoint none = new MetricsEndpoint(EndpointAddress.parse(address), List::of);
    return none.why(assertThrows(IOException.class, () -> none.open().close()));
  }

  @Test
  void whyItCannotBeServed() throws IOException {
    assertEquals(
        "there is no such directory; create it, or choose another path",
        whyNot(directory.resolve("none/metrics.sock").toString()));
    assertEquals(
        "something that is no socket has this path; remove it, or choose another path",
        whyNot(directory.toString()));
    assertEquals(
        "something that is no socket has this path; remove it, or choose another path",
        whyNot("/"));
    assertEquals("another process listens there; choose another path", whyNot(socket.toString()));
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertEquals(
          "Address already in use; choose a port that is free, for each JVM its own, at an address"
              + " of this machine",
          whyNot("127.0.0.1:" + taken.getLocalPort()));
    }
  }

  private String answer(String request) throws IOException {
    return answer(request, 1 << 16);
  }

  private String answer(String request, int mostBytes) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
      channel.shutdownOutput();
      ByteBuffer buffer = ByteBuffer.allocate(mostBytes);
      while (channel.read(buffer) >= 0) {
        assertTrue(buffer.hasRemaining());
      }
      return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // reset, because the endpoint had read only a part
    }
  }

  /** So many points are sent in parts, to clients that know these. */
  @Test
  void manyPoints() throws Exception {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      points.add(new Point(List.of("é" + i, "1"), i, null));
    }
    Family family = new Family(Metric.SITE_OPENED, Metric.SITE_OPENED.attributes(), points);
    metrics = () -> List.of(family);
    String expected = PrometheusWriter.text(List.of(family), false);
    Process curl =
        new ProcessBuilder(
                "curl", "-sS", "--unix-socket", socket.toString(), "http://localhost/metrics")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(
        expected, new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(0, curl.waitFor());
    String old = answer("GET /metrics HTTP/1.0\r\n\r\n", 1 << 20);
    assertTrue(old.endsWith("\r\n\r\n" + expected), old.substring(0, 200));
    String head = answer("HEAD /metrics HTTP/1.1\r\n\r\n");
    assertTrue(head.contains("\r\nTransfer-Encoding: chunked\r\n"), head);
    assertTrue(head.endsWith("\r\n\r\n"), head);
  }

  private void assertServes() throws IOException {
    String answer = answer(GET + "Accept: application/openmetrics-text\r\n\r\n");
    assertTrue(answer.startsWith(OK) && answer.endsWith("\r\n\r\n# EOF\n"), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n\r\n",
        " \r\n\r\n",
        "GET\r\n\r\n",
        "\u0000\u00ff\r\n\r\n",
        GET + "Accept: ;\r\n\r\n",
        GET + "Accept: ,;,;q=\r\n\r\n",
        GET + "Accept: text/plain;q=NaN,application/openmetrics-text;q=1e999\r\n\r\n",
        GET + "Accept:\r\n\r\n"
      })
  void anyRequest(String request) throws IOException {
    answer(request);
    assertServes();
  }

  @Test
  void aRequestThatIsTooLong() throws IOException {
    assertEquals("", answer(GET + "X: " + "x".repeat(1 << 15)));
    assertServes();
  }

  @Test
  void metricsThatCannotBeCollected() throws IOException {
    metrics =
        () -> {
          throw new IllegalStateException("not now");
        };
    assertTrue(answer(GET + "\r\n").startsWith("HTTP/1.1 500 "));
    metrics =
        () -> {
          throw new OutOfMemoryError("a test's");
        };
    assertEquals("", answer(GET + "\r\n"));
    metrics = List::of;
    assertServes();
  }
}
