// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.node.MetricsMessages;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.agent.metrics.Attribute;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.MetricsSnapshot;
import dev.tcpstates.agent.metrics.Point;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that answer rightly, late, in parts, or not at all: connections of this process. */
class MetricsCollectorIT {
  private static final int OWN = (int) ProcessHandle.current().pid();

  @TempDir private Path directory;

  private final List<MetricsPeer> peers = new ArrayList<>();
  private final List<UnixSocket> clients = new ArrayList<>();
  private final MetricsCollector collector = new MetricsCollector(() -> peers);
  private UnixSocket listener;

  @BeforeEach
  void listen() throws Exception {
    JnaLoader.load();
    listener = UnixSocket.listen(directory.resolve("socket"));
  }

  @AfterEach
  void close() {
    peers.forEach(MetricsPeer::close);
    clients.forEach(UnixSocket::close);
    listener.close();
  }

  /** A JVM that says that it answers. */
  private UnixSocket connect() throws IOException {
    UnixSocket client = UnixSocket.connect(directory.resolve("socket"), 10);
    clients.add(client);
    UnixSocket accepted = listener.accept();
    accepted.nameSenders();
    peers.add(new MetricsPeer(OWN, 0, UnixSocket.pidfd(OWN), accepted));
    send(client, MetricsMessages.hello());
    return client;
  }

  private static void send(UnixSocket socket, byte[] bytes) throws IOException {
    for (int sent = 0; sent < bytes.length; ) {
      sent += socket.sendPart(bytes, sent);
    }
  }

  private static long asked(UnixSocket client) throws IOException {
    return MetricsMessages.requestNumber(
        client.receive(MetricsMessages.REQUEST_BYTES, false).bytes());
  }

  private static byte[] body(int value) {
    Family family =
        new Family(
            Metric.ATTACHED,
            Metric.ATTACHED.attributes(),
            List.of(new Point(List.of("exact"), value, null)));
    return new MetricsSnapshot("M", List.of(family)).encode(MetricsMessages.MOST_BODY_BYTES);
  }

  /** Answers the next requests on a thread of its own. */
  private static Thread answering(UnixSocket client, List<Function<Long, byte[]>> answers) {
    Thread thread =
        new Thread(
            () -> {
              try {
                for (Function<Long, byte[]> answer : answers) {
                  send(client, answer.apply(asked(client)));
                }
              } catch (IOException e) {
                // the test has ended
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static byte[] right(long number) {
    return MetricsMessages.answer(number, body(1));
  }

  private static List<Point> points(List<Family> families, Metric metric) {
    return families.stream()
        .filter(family -> family.metric() == metric)
        .flatMap(family -> family.points().stream())
        .toList();
  }

  private static Map<String, Integer> outcomes(List<Family> families) {
    return points(families, Metric.NODE_JVMS).stream()
        .collect(Collectors.toMap(p -> p.attributes().get(0), p -> (int) p.value()));
  }

  private static void assertOutcomes(
      List<Family> families, int answered, int timedOut, int invalid, int unsupported) {
    assertEquals(
        Map.of(
            "answered", answered,
            "timed_out", timedOut,
            "invalid", invalid,
            "unsupported", unsupported),
        outcomes(families));
    assertEquals(answered, points(families, Metric.ATTACHED).size());
  }

  @Test
  void eachHasTheLabelsOfItsProcess() throws Exception {
    answering(connect(), List.of(MetricsCollectorIT::right));
    List<Family> families = collector.get();
    assertOutcomes(families, 1, 0, 0, 0);
    Family attached = families.get(0);
    assertEquals(
        List.of("process.pid", "process.main_class", "container.id", "k8s.pod.uid"),
        attached.attributes().subList(0, 4).stream().map(Attribute::key).toList());
    ControlGroup group = ControlGroup.of(OWN);
    assertEquals(
        List.of(Integer.toString(OWN), "M", group.container(), group.pod(), "exact"),
        attached.points().get(0).attributes());
  }

  @Test
  void nobody() {
    assertOutcomes(collector.get(), 0, 0, 0, 0);
  }

  /** None is waited for that can't answer. */
  @Test
  void withoutAConnectionOrAHello() throws Exception {
    peers.add(new MetricsPeer(OWN, 0, UnixSocket.pidfd(OWN), null));
    UnixSocket client = UnixSocket.connect(directory.resolve("socket"), 10);
    clients.add(client);
    UnixSocket accepted = listener.accept();
    accepted.nameSenders();
    peers.add(new MetricsPeer(OWN, 0, UnixSocket.pidfd(OWN), accepted));
    long before = System.nanoTime();
    assertOutcomes(collector.get(), 0, 0, 0, 2);
    assertTrue(System.nanoTime() - before < TimeUnit.MILLISECONDS.toNanos(1_900));
  }

  /** What is not valid costs only the JVM that sent it. */
  @Test
  void malformedAnswers() throws Exception {
    List<Function<Long, byte[]>> hostile = new ArrayList<>();
    hostile.add(number -> new byte[MetricsMessages.HEADER_BYTES]);
    hostile.add(number -> MetricsMessages.answer(number + 1, body(1)));
    hostile.add(number -> MetricsMessages.answer(number, new byte[0]));
    hostile.add(number -> MetricsMessages.answer(number, new byte[] {1, 2, 3}));
    hostile.add(number -> MetricsMessages.answer(number, new byte[1 << 18]));
    hostile.add(number -> MetricsMessages.hello());
    hostile.add(
        number -> {
          byte[] tooLong = MetricsMessages.answer(number, body(1));
          ByteBuffer.wrap(tooLong).putInt(16, MetricsMessages.MOST_BODY_BYTES + 1);
          return tooLong;
        });
    hostile.add(
        number -> {
          byte[] negative = MetricsMessages.answer(number, body(1));
          ByteBuffer.wrap(negative).putInt(16, -1);
          return negative;
        });
    for (Function<Long, byte[]> answer : hostile) {
      answering(connect(), List.of(answer));
    }
    answering(connect(), List.of(MetricsCollectorIT::right, MetricsCollectorIT::right));
    assertOutcomes(collector.get(), 1, 0, hostile.size(), 0);
  }

  /** A body that is not valid is not the end; another answer may be. */
  @Test
  void validAgain() throws Exception {
    answering(
        connect(),
        List.of(
            number -> MetricsMessages.answer(number, new byte[] {9}), MetricsCollectorIT::right));
    assertOutcomes(collector.get(), 0, 0, 1, 0);
    assertOutcomes(collector.get(), 1, 0, 0, 0);
  }

  /** More than was asked for. */
  @Test
  void unasked() throws Exception {
    UnixSocket client = connect();
    send(client, right(1));
    assertOutcomes(collector.get(), 0, 0, 1, 0);
    assertOutcomes(collector.get(), 0, 0, 1, 0);
  }

  /** It is not asked again before it has answered; its late answer is dropped. */
  @Test
  void halfAnAnswer() throws Exception {
    UnixSocket slow = connect();
    answering(
        connect(),
        List.of(MetricsCollectorIT::right, MetricsCollectorIT::right, MetricsCollectorIT::right));
    byte[] answer = new byte[0];
    for (int round = 0; round < 2; round++) {
      long before = System.nanoTime();
      List<Family> families = collector.get();
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
      assertTrue(millis >= 1_950 && millis < 6_000, millis + " ms");
      assertOutcomes(families, 1, 1, 0, 0);
      if (round == 0) {
        answer = MetricsMessages.answer(asked(slow), body(7));
        slow.sendPart(Arrays.copyOf(answer, answer.length - 1), 0);
      }
    }
    slow.sendPart(answer, answer.length - 1);
    answering(slow, List.of(number -> MetricsMessages.answer(number, body(1))));
    List<Family> families = collector.get();
    assertOutcomes(families, 2, 0, 0, 0);
    assertEquals(
        List.of(1.0, 1.0), points(families, Metric.ATTACHED).stream().map(Point::value).toList());
  }

  /** Its registration ends elsewhere; here it is no more counted. */
  @Test
  void disconnected() throws Exception {
    UnixSocket client = connect();
    client.shutDown();
    assertOutcomes(collector.get(), 0, 0, 0, 0);
    peers.get(0).close();
    assertOutcomes(collector.get(), 0, 0, 0, 0);
  }

  /** Whatever arrives, and in which parts. */
  @Test
  void largestAnswer() throws Exception {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      points.add(new Point(List.of("x".repeat(100) + i, "1"), i, null));
    }
    Family family = new Family(Metric.SITE_OPENED, Metric.SITE_OPENED.attributes(), points);
    byte[] body = new MetricsSnapshot("M", List.of(family)).encode(MetricsMessages.MOST_BODY_BYTES);
    assertTrue(body.length > 150_000, body.length + " bytes");
    answering(connect(), List.of(number -> MetricsMessages.answer(number, body)));
    assertEquals(1_500, points(collector.get(), Metric.SITE_OPENED).size());
  }
}
