// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

/** The kinds of records that the kernel makes when they are wanted. */
public enum RecordType {
  /** Handed to {@link RecordSink#transition}. */
  TRANSITIONS(1),
  /** Handed to {@link RecordSink#connection}. */
  CONNECTIONS(2),
  /** Handed to {@link RecordSink#retransmit}. */
  RETRANSMITS(4),
  /** Handed to {@link RecordSink#reset}. */
  RESETS(8),
  /** Handed to {@link RecordSink#connection}, too: for how much was moved. */
  TOTALS(16),
  /** What is listed when it is asked for; wanted by nobody at other times. */
  LISTS(32);

  /** In {@code enum tcp_recording}. */
  public final int bit;

  RecordType(int bit) {
    this.bit = bit;
  }
}
