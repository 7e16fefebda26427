// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

/** The kinds of records that the kernel makes when they are wanted. */
public enum RecordType {
  /** Handed to {@link RecordHandler#transition}. */
  TRANSITIONS(1),
  /** Handed to {@link RecordHandler#connection}. */
  CONNECTIONS(2),
  /** Handed to {@link RecordHandler#retransmit}. */
  RETRANSMITS(4),
  /** Handed to {@link RecordHandler#reset}. */
  RESETS(8),
  /** Handed to {@link RecordHandler#connection}, too: for how much was moved. */
  TOTALS(16),
  /** What is listed when it is asked for; wanted by nobody at other times. */
  LISTS(32);

  /** In {@code enum tcp_recording}. */
  final int bit;

  RecordType(int bit) {
    this.bit = bit;
  }
}
