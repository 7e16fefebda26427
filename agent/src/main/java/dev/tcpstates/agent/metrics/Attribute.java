// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.util.List;

/** The attributes of the metrics: OpenTelemetry's where its conventions have one. */
public enum Attribute {
  /** {@code established}, {@code syn_received} and so on, and {@code time_wait}. */
  STATE("network.connection.state"),
  /** {@code client} if this JVM opened the connection, {@code server} if it accepted it. */
  ROLE("network.tcp.handshake.role"),
  /** Why a connection was not established. */
  ERROR("error.type"),
  /** How a connection ended, as {@code Connection.end} in lower case. */
  END("tcpstates.end"),
  /** The port of a listener. */
  PORT("server.port"),
  /** What was retransmitted: {@code syn}, {@code syn_ack}, {@code data}, {@code fin} and so on. */
  SEGMENT("tcpstates.segment.kind"),
  /** {@code transmit} or {@code receive}. */
  DIRECTION("network.io.direction"),
  /** A class and method, such as {@code com.example.Shop.price}. */
  FUNCTION("code.function.name"),
  /** A line of the method's file; 0 if it is unknown. */
  LINE("code.line.number"),
  /** Why records were lost, as {@code RecordsLost.reason} in lower case. */
  REASON("tcpstates.reason"),
  /** {@code exact} or {@code sampled}; {@code none} while the agent is not attached. */
  MODE("tcpstates.mode"),
  /** The remote address of a connection that this JVM opened; only with an option. */
  ADDRESS("server.address"),
  /** A JVM's process id where the node program runs; this and the next four are the node's. */
  PID("process.pid"),
  /** A JVM's main class, as its agent says. */
  MAIN_CLASS("process.main_class"),
  /** The container that a JVM runs in, by its control group. */
  CONTAINER("container.id"),
  /** The Kubernetes pod that a JVM runs in, by its control group. */
  POD("k8s.pod.uid"),
  /** {@code answered}, {@code timed_out}, {@code invalid} or {@code unsupported}. */
  ANSWER("tcpstates.answer");

  /** The attributes by which the node program tells JVMs apart. */
  public static final List<Attribute> OF_PROCESS = List.of(PID, MAIN_CLASS, CONTAINER, POD);

  /** Stands for all values of an attribute beyond its bound. */
  public static final String OTHER = "_OTHER";

  private final String key;

  Attribute(String key) {
    this.key = key;
  }

  /** Returns the attribute with this key if JVMs have it; {@code null} if not. */
  static Attribute ofJvm(String key) {
    for (Attribute attribute : values()) {
      if (attribute.key.equals(key) && attribute.ordinal() <= ADDRESS.ordinal()) {
        return attribute;
      }
    }
    return null;
  }

  /** Such as {@code network.connection.state}. */
  public String key() {
    return key;
  }
}
