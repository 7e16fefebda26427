// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

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
  ADDRESS("server.address");

  /** Stands for all values of an attribute beyond its bound. */
  public static final String OTHER = "_OTHER";

  private final String key;

  Attribute(String key) {
    this.key = key;
  }

  /** Such as {@code network.connection.state}. */
  public String key() {
    return key;
  }
}
