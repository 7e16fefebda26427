// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The metrics of one JVM as bytes, which the node program does not trust. Names stand for
 * themselves, so that releases with other metrics understand each other: a metric that the reader
 * does not know is left out.
 *
 * @param mainClass of that JVM; empty if it is unknown
 */
public record MetricsSnapshot(String mainClass, List<Family> families) {
  /** Most characters of an attribute's value. A point with a longer one is left out. */
  static final int MOST_CHARACTERS = 1_000;

  /** Most points of all families. */
  static final int MOST_POINTS = 4_000;

  private static final int VERSION = 1;
  private static final int MOST_FAMILIES = 100;
  private static final int MOST_ATTRIBUTES = 16;
  private static final int MOST_BOUNDS = 64;

  /**
   * Returns the bytes that stand for it. Families with too many points or bytes are left out.
   *
   * @param mostBytes how many there may be
   */
  public byte[] encode(int mostBytes) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(VERSION);
      writeText(out, isValid(mainClass) ? mainClass : "");
      int points = 0;
      for (Family family : families) {
        List<Point> valid = family.points().stream().filter(MetricsSnapshot::isWritten).toList();
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        write(new DataOutputStream(one), family, valid);
        if (bytes.size() + one.size() <= mostBytes && points + valid.size() <= MOST_POINTS) {
          one.writeTo(bytes);
          points += valid.size();
        }
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }

  private static boolean isWritten(Point point) {
    return point.attributes().stream().allMatch(MetricsSnapshot::isValid);
  }

  private static boolean isValid(String text) {
    return text.length() <= MOST_CHARACTERS
        && text.chars().noneMatch(Character::isISOControl)
        && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static void write(DataOutputStream out, Family family, List<Point> points)
      throws IOException {
    writeText(out, family.metric().metricName());
    out.writeByte(family.attributes().size());
    for (Attribute attribute : family.attributes()) {
      writeText(out, attribute.key());
    }
    double[] bounds = {};
    if (family.metric().type() == Metric.Type.HISTOGRAM && !points.isEmpty()) {
      bounds = points.get(0).distribution().bounds();
    }
    out.writeBoolean(family.metric().type() == Metric.Type.HISTOGRAM);
    out.writeByte(bounds.length);
    for (double bound : bounds) {
      out.writeDouble(bound);
    }
    writeNumber(out, points.size());
    for (Point point : points) {
      for (String value : point.attributes()) {
        writeText(out, value);
      }
      Distribution distribution = point.distribution();
      out.writeDouble(distribution == null ? point.value() : distribution.sum());
      if (distribution != null) {
        for (long count : distribution.counts()) {
          writeNumber(out, count);
        }
      }
    }
  }

  /** Seven bits a byte, the lowest first; most numbers are small. */
  private static void writeNumber(DataOutputStream out, long number) throws IOException {
    long left = number;
    while (left >>> 7 != 0) {
      out.writeByte((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.writeByte((int) left);
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    writeNumber(out, bytes.length);
    out.write(bytes);
  }

  /**
   * Reads and checks what a JVM has sent.
   *
   * @throws IOException with what is not valid: a part is missing or too long, a family, attribute
   *     or point is there twice, a metric has other attributes than it should, or a value can't be
   */
  public static MetricsSnapshot decode(byte[] bytes) throws IOException {
    return new Reader(bytes).snapshot();
  }

  /** Reads one snapshot. */
  private static final class Reader {
    private final DataInputStream in;
    private final Map<String, String> texts = new HashMap<>();
    private int pointsLeft = MOST_POINTS;

    Reader(byte[] bytes) {
      in = new DataInputStream(new ByteArrayInputStream(bytes));
    }

    MetricsSnapshot snapshot() throws IOException {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IOException("the metrics are of version " + version);
      }
      String mainClass = text();
      List<Family> families = new ArrayList<>();
      Set<String> names = new HashSet<>();
      while (in.available() > 0) {
        String name = text();
        require(names.add(name) && names.size() <= MOST_FAMILIES, "a family is there twice");
        Metric metric = Metric.ofJvm(name);
        Family family = family(metric);
        if (metric != null) {
          families.add(family);
        }
      }
      return new MetricsSnapshot(mainClass, families);
    }

    private static void require(boolean condition, String problem) throws IOException {
      if (!condition) {
        throw new IOException(problem);
      }
    }

    private long number() throws IOException {
      long number = 0;
      for (int shift = 0; shift < Long.SIZE - 1; shift += 7) {
        int part = in.readUnsignedByte();
        number |= (long) (part & 0x7f) << shift;
        if (part < 0x80) {
          return number;
        }
      }
      throw new IOException("a number is too large");
    }

    private String text() throws IOException {
      long length = number();
      require(length <= 4 * MOST_CHARACTERS, "a text is too long");
      byte[] bytes = in.readNBytes((int) length);
      if (bytes.length < length) {
        throw new EOFException("a part is missing");
      }
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new IOException("a text is no UTF-8", e);
      }
      require(isValid(text), "a text is too long, or has control characters");
      return texts.computeIfAbsent(text, key -> key); // most come again and again
    }

    /** Reads a family, also one that is not known. */
    private Family family(Metric metric) throws IOException {
      int keys = in.readUnsignedByte();
      require(keys <= MOST_ATTRIBUTES, "a family has too many attributes");
      List<Attribute> attributes = new ArrayList<>();
      for (int i = 0; i < keys; i++) {
        attributes.add(Attribute.ofJvm(text()));
      }
      boolean histogram = in.readBoolean();
      if (metric != null) {
        require(isAllowed(metric, attributes), "a metric has other attributes");
        require(histogram == (metric.type() == Metric.Type.HISTOGRAM), "a metric has another type");
      }
      double[] bounds = bounds();
      long points = number();
      require(points <= pointsLeft, "there are too many points");
      pointsLeft -= (int) points;
      List<Point> all = new ArrayList<>();
      Set<List<String>> seen = new HashSet<>();
      for (long i = 0; i < points; i++) {
        List<String> values = new ArrayList<>(keys);
        for (int k = 0; k < keys; k++) {
          values.add(text());
        }
        require(seen.add(values), "a point is there twice");
        all.add(point(values, histogram, bounds));
      }
      return new Family(metric, attributes, all);
    }

    private double[] bounds() throws IOException {
      double[] bounds = new double[in.readUnsignedByte()];
      require(bounds.length <= MOST_BOUNDS, "a histogram has too many bounds");
      double before = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < bounds.length; i++) {
        bounds[i] = in.readDouble();
        require(bounds[i] > before && Double.isFinite(bounds[i]), "a histogram's bounds are wrong");
        before = bounds[i];
      }
      return bounds;
    }

    private Point point(List<String> values, boolean histogram, double[] bounds)
        throws IOException {
      double value = in.readDouble();
      // No metric can be negative: all are counts and durations.
      require(Double.isFinite(value) && value >= 0, "a value is not valid");
      if (!histogram) {
        return new Point(values, value, null);
      }
      long[] counts = new long[bounds.length + 1];
      long sum = 0;
      for (int i = 0; i < counts.length; i++) {
        counts[i] = number();
        sum += counts[i];
        require(counts[i] >= 0 && sum >= 0, "a histogram has too large a count");
      }
      return new Point(values, 0, new Distribution(bounds, counts, value));
    }

    /** An option of the agent adds one attribute. */
    private static boolean isAllowed(Metric metric, List<Attribute> attributes) {
      if (attributes.equals(metric.attributes())) {
        return true;
      }
      List<Attribute> more = new ArrayList<>(metric.attributes());
      more.add(Attribute.ADDRESS);
      return attributes.equals(more);
    }
  }
}
