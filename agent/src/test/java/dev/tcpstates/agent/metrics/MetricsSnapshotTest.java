// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a JVM tells the node program, and what a hostile one might. */
class MetricsSnapshotTest {
  private static final int MOST = 1 << 18;

  private static Family family(Metric metric, Point... points) {
    return new Family(metric, metric.attributes(), List.of(points));
  }

  private static Point point(double value, String... attributes) {
    return new Point(List.of(attributes), value, null);
  }

  private static Point histogram(double sum, long[] counts, String... attributes) {
    return new Point(
        List.of(attributes), 0, new Distribution(new double[] {0.5, 1, 2}, counts, sum));
  }

  private static MetricsSnapshot typical() {
    return new MetricsSnapshot(
        "com.example.Shop",
        List.of(
            family(Metric.SOCKET_COUNT, point(3, "established"), point(0, "listen")),
            family(
                Metric.HANDSHAKE_DURATION, histogram(1.25, new long[] {1, 0, 300, 1L << 40}, "é")),
            family(Metric.ATTACHED, point(1, "exact"))));
  }

  private static byte[] bytes(MetricsSnapshot snapshot) {
    return snapshot.encode(MOST);
  }

  private static String problem(byte[] bytes) {
    return assertThrows(IOException.class, () -> MetricsSnapshot.decode(bytes)).getMessage();
  }

  private static String problem(Family... families) {
    return problem(bytes(new MetricsSnapshot("M", List.of(families))));
  }

  @Test
  void asItWas() throws IOException {
    MetricsSnapshot decoded = MetricsSnapshot.decode(bytes(typical()));
    assertEquals("com.example.Shop", decoded.mainClass());
    assertEquals(typical().families().get(0), decoded.families().get(0));
    assertEquals(typical().families().get(2), decoded.families().get(2));
    Distribution distribution = decoded.families().get(1).points().get(0).distribution();
    assertArrayEquals(new double[] {0.5, 1, 2}, distribution.bounds());
    assertArrayEquals(new long[] {1, 0, 300, 1L << 40}, distribution.counts());
    assertEquals(1.25, distribution.sum());
    assertEquals(3, decoded.families().size());
  }

  @Test
  void remoteAddressesAreAllowedBehindTheOthers() throws IOException {
    List<Attribute> more = List.of(Attribute.ROLE, Attribute.ADDRESS);
    Family family = new Family(Metric.CONNECTION_SUCCESSES, more, List.of(point(1, "client", "")));
    assertEquals(
        List.of(family),
        MetricsSnapshot.decode(bytes(new MetricsSnapshot("", List.of(family)))).families());
    List<Attribute> before = List.of(Attribute.ADDRESS, Attribute.ROLE);
    assertEquals(
        "a metric has other attributes",
        problem(new Family(Metric.CONNECTION_SUCCESSES, before, List.of(point(1, "", "client")))));
  }

  /** Half a message is none, wherever it ends but between two families. */
  @Test
  void cutOff() throws IOException {
    byte[] whole = bytes(typical());
    int valid = 0;
    for (int length = 0; length < whole.length; length++) {
      try {
        MetricsSnapshot.decode(Arrays.copyOf(whole, length));
        valid++;
      } catch (IOException e) {
        // as it should be
      }
    }
    assertEquals(typical().families().size(), valid);
    problem(Arrays.copyOf(whole, whole.length + 1));
  }

  @Test
  void randomChangesAreRefusedOrHarmless() {
    Random random = new Random(11);
    byte[] whole = bytes(typical());
    for (int i = 0; i < 200_000; i++) {
      byte[] changed = whole.clone();
      for (int k = random.nextInt(3); k >= 0; k--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      try {
        for (Family family : MetricsSnapshot.decode(changed).families()) {
          assertTrue(Metric.ofJvm().contains(family.metric()));
          for (Point point : family.points()) {
            assertEquals(family.attributes().size(), point.attributes().size());
            assertTrue(point.value() >= 0 && Double.isFinite(point.value()));
          }
        }
      } catch (IOException e) {
        // refused
      }
    }
  }

  @Test
  void valuesThatCanNotBe() {
    for (double value :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1}) {
      assertEquals(
          "a value is not valid", problem(family(Metric.SOCKET_COUNT, point(value, "listen"))));
      assertEquals(
          "a value is not valid",
          problem(family(Metric.HANDSHAKE_DURATION, histogram(value, new long[4], "client"))));
    }
    long[] tooMany = {Long.MAX_VALUE, 1, 0, 0};
    assertEquals(
        "a histogram has too large a count",
        problem(family(Metric.HANDSHAKE_DURATION, histogram(1, tooMany, "client"))));
    long[] negative = {-1, 0, 0, 0};
    assertEquals(
        "a number is too large",
        problem(family(Metric.HANDSHAKE_DURATION, histogram(1, negative, "client"))));
    Distribution unordered = new Distribution(new double[] {1, 0.5}, new long[3], 1);
    assertEquals(
        "a histogram's bounds are wrong",
        problem(family(Metric.HANDSHAKE_DURATION, new Point(List.of("client"), 0, unordered))));
  }

  @Test
  void whatIsThereTwice() {
    Family attached = family(Metric.ATTACHED, point(1, "exact"));
    assertEquals("a family is there twice", problem(attached, attached));
    assertEquals(
        "a point is there twice",
        problem(family(Metric.SOCKET_COUNT, point(1, "listen"), point(2, "listen"))));
  }

  /** Only the node program says which process and container a series is of. */
  @Test
  void labelsOfTheNodeProgram() throws IOException {
    List<Attribute> spoofed = new ArrayList<>(Attribute.OF_PROCESS);
    spoofed.addAll(Metric.ATTACHED.attributes());
    assertEquals(
        "a metric has other attributes",
        problem(
            new Family(Metric.ATTACHED, spoofed, List.of(point(1, "1", "a", "b", "c", "exact")))));
    MetricsSnapshot ofNode =
        new MetricsSnapshot("", List.of(family(Metric.NODE_JVMS, point(9, "answered"))));
    assertEquals(List.of(), MetricsSnapshot.decode(bytes(ofNode)).families());
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeByte(bytes.length);
    out.write(bytes);
  }

  /** A family, as another program writes it. */
  private static byte[] written(String name, String attribute, byte[] value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(1);
    text(out, "M");
    text(out, name);
    out.writeByte(1);
    text(out, attribute);
    out.writeBoolean(false);
    out.writeByte(0);
    out.writeByte(1);
    out.writeByte(value.length);
    out.write(value);
    out.writeDouble(1);
    return bytes.toByteArray();
  }

  @Test
  void textsThatWouldBreakTheOutput() throws IOException {
    String name = "tcpstates.attached";
    String mode = "tcpstates.mode";
    assertEquals(
        1, MetricsSnapshot.decode(written(name, mode, "x\"\\".getBytes())).families().size());
    for (String control : List.of("\n", "\r", "\0", "\u007f")) {
      assertEquals(
          "a text is too long, or has control characters",
          problem(written(name, mode, control.getBytes())));
    }
    assertEquals("a text is no UTF-8", problem(written(name, mode, new byte[] {(byte) 0xff})));
    // A surrogate, which Java's own encoding could write.
    byte[] surrogate = {(byte) 0xed, (byte) 0xa0, (byte) 0x80};
    assertEquals("a text is no UTF-8", problem(written(name, mode, surrogate)));
    assertEquals(
        "a metric has other attributes", problem(written(name, "error.type", new byte[1])));
  }

  /** A later release has other metrics; what is known is taken. */
  @Test
  void metricsOfALaterRelease() throws IOException {
    byte[] later = written("tcpstates.later", "some.key", "v".getBytes());
    assertEquals(List.of(), MetricsSnapshot.decode(later).families());
    byte[] known = bytes(new MetricsSnapshot("M", List.of(family(Metric.ATTACHED, point(1, "x")))));
    byte[] both = Arrays.copyOf(later, later.length + known.length - 3);
    System.arraycopy(known, 3, both, later.length, known.length - 3);
    assertEquals(1, MetricsSnapshot.decode(both).families().size());
    later[0] = 2;
    assertEquals("the metrics are of version 2", problem(later));
  }

  @Test
  void tooMuch() throws IOException {
    Point[] points =
        IntStream.range(0, 3 * MetricsSnapshot.MOST_POINTS / 4)
            .mapToObj(i -> point(i, "state" + i))
            .toArray(Point[]::new);
    Family states = family(Metric.SOCKET_COUNT, points);
    Family ports = family(Metric.ACCEPT_QUEUE_LENGTH, points);
    // The agent leaves out what is too much, but not what follows.
    Family attached = family(Metric.ATTACHED, point(1, "exact"));
    MetricsSnapshot three = new MetricsSnapshot("M", List.of(states, ports, attached));
    assertEquals(List.of(states, attached), MetricsSnapshot.decode(bytes(three)).families());
    assertEquals(List.of(attached), MetricsSnapshot.decode(three.encode(1_000)).families());
    byte[] first = bytes(new MetricsSnapshot("M", List.of(states)));
    byte[] second = bytes(new MetricsSnapshot("M", List.of(ports)));
    byte[] both = Arrays.copyOf(first, first.length + second.length - 3);
    System.arraycopy(second, 3, both, first.length, second.length - 3);
    assertEquals("there are too many points", problem(both));
    // A point whose text is too long, or which has a control character, is left out by the agent.
    Family one =
        family(
            Metric.SOCKET_COUNT,
            point(1, "x".repeat(MetricsSnapshot.MOST_CHARACTERS + 1)),
            point(1, "a\nb"),
            point(2, "listen"));
    assertEquals(
        List.of(point(2, "listen")),
        MetricsSnapshot.decode(bytes(new MetricsSnapshot("a\nb", List.of(one))))
            .families()
            .get(0)
            .points());
  }
}
