// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.util.List;

/** The agent's metrics, by the names that OpenTelemetry would give them. */
public enum Metric {
  SOCKET_COUNT(
      "socket.count",
      Type.UPDOWNCOUNTER,
      "{socket}",
      "Sockets of the JVM in each state.",
      Attribute.STATE),
  CONNECTION_SUCCESSES(
      "connection.successes",
      Type.COUNTER,
      "{connection}",
      "Connections that were established.",
      Attribute.ROLE),
  CONNECTION_FAILURES(
      "connection.failures",
      Type.COUNTER,
      "{connection}",
      "Connections that ended before they were established.",
      Attribute.ROLE,
      Attribute.ERROR),
  CONNECTION_CLOSED(
      "connection.closed",
      Type.COUNTER,
      "{connection}",
      "Established connections that have ended, by how they ended.",
      Attribute.ROLE,
      Attribute.END),
  CONNECTION_DURATION(
      "connection.duration",
      Type.HISTOGRAM,
      "s",
      "Time from the first transition of an established connection to its end.",
      Attribute.ROLE),
  HANDSHAKE_DURATION(
      "handshake.duration",
      Type.HISTOGRAM,
      "s",
      "Time from the first transition of a connection until it was established.",
      Attribute.ROLE),
  ACCEPT_QUEUE_WAIT_DURATION(
      "accept_queue.wait.duration",
      Type.HISTOGRAM,
      "s",
      "Time from the end of the handshake until accept returned the connection, or it ended.",
      Attribute.PORT),
  RETRANSMITS(
      "retransmits", Type.COUNTER, "{segment}", "Retransmitted segments.", Attribute.SEGMENT),
  SEGMENTS_SENT(
      "segments.sent",
      Type.COUNTER,
      "{segment}",
      "Segments that connections have sent, retransmitted ones included."),
  RESETS("resets", Type.COUNTER, "{segment}", "Resets sent and received.", Attribute.DIRECTION),
  ACCEPT_QUEUE_LENGTH(
      "accept_queue.length",
      Type.GAUGE,
      "{connection}",
      "Connections that wait for accept.",
      Attribute.PORT),
  ACCEPT_QUEUE_LIMIT(
      "accept_queue.limit",
      Type.GAUGE,
      "{connection}",
      "Connections that may wait for accept.",
      Attribute.PORT),
  ACCEPT_QUEUE_DROPS(
      "accept_queue.drops",
      Type.COUNTER,
      "{connection}",
      "Connections and requests that the kernel dropped at the listener, most for a full queue.",
      Attribute.PORT),
  SITE_STUCK(
      "site.stuck",
      Type.UPDOWNCOUNTER,
      "{socket}",
      "Stuck sockets, by the line of code that opened them.",
      Attribute.FUNCTION,
      Attribute.LINE,
      Attribute.STATE),
  SITE_OPEN(
      "site.open",
      Type.UPDOWNCOUNTER,
      "{socket}",
      "Open sockets, by the line of code that opened them.",
      Attribute.FUNCTION,
      Attribute.LINE,
      Attribute.STATE),
  SITE_OPENED(
      "site.opened",
      Type.COUNTER,
      "{socket}",
      "Sockets opened so far, by the line of code that opened them.",
      Attribute.FUNCTION,
      Attribute.LINE),
  RECORDS_LOST(
      "records.lost",
      Type.COUNTER,
      "{record}",
      "Records that were lost, and transitions for which the kernel ran no program.",
      Attribute.REASON),
  ATTACHED(
      "attached", Type.GAUGE, "{agent}", "1 while the agent is attached, else 0.", Attribute.MODE),
  NODE_JVMS(
      "node.jvms",
      Type.GAUGE,
      "{jvm}",
      "JVMs that are registered with the node program, by how they answered this request.",
      Attribute.ANSWER),
  NODE_ANSWERED(
      "node.answered",
      Type.GAUGE,
      "{jvm}",
      "1 if the metrics of the JVM are complete and valid, else 0.",
      Attribute.PID,
      Attribute.MAIN_CLASS,
      Attribute.CONTAINER,
      Attribute.POD);

  /** What the names of all metrics begin with. */
  public static final String PREFIX = "tcpstates.";

  /** The kinds of metrics, by OpenTelemetry's words. */
  public enum Type {
    /** Never decreases while the JVM runs. */
    COUNTER,
    /** Is the sum of parts that increase and decrease. */
    UPDOWNCOUNTER,
    /** A value at one moment, which is not to be added up. */
    GAUGE,
    /** The distribution of durations. */
    HISTOGRAM
  }

  private final String metricName;
  private final Type type;
  private final String unit;
  private final String description;
  private final List<Attribute> attributes;

  Metric(String name, Type type, String unit, String description, Attribute... attributes) {
    this.metricName = PREFIX + name;
    this.type = type;
    this.unit = unit;
    this.description = description;
    this.attributes = List.of(attributes);
  }

  /** The metrics of a JVM; the others are those of the node program. */
  public static List<Metric> ofJvm() {
    return List.of(values()).subList(0, ATTACHED.ordinal() + 1);
  }

  /** Returns a JVM's metric; {@code null} if there is none of this name. */
  static Metric ofJvm(String name) {
    return ofJvm().stream()
        .filter(metric -> metric.metricName.equals(name))
        .findFirst()
        .orElse(null);
  }

  /** Such as {@code tcpstates.socket.count}. */
  public String metricName() {
    return metricName;
  }

  public Type type() {
    return type;
  }

  /** In UCUM's notation, such as {@code s} or {@code {socket}}. */
  public String unit() {
    return unit;
  }

  /** One sentence. */
  public String description() {
    return description;
  }

  /** The attributes of each of its points, in the order of the points' values. */
  public List<Attribute> attributes() {
    return attributes;
  }
}
