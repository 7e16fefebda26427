// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.libbpf.LibBpf;

/**
 * Fields of the kernel's structures that the programs read where they are there, and the values
 * that are 0 without them.
 */
enum KernelField {
  SK_ERR("sock", "sk_err", "reasons of ends"),
  SK_ACK_BACKLOG("sock", "sk_ack_backlog", "ListenQueue.queueLength"),
  SK_MAX_ACK_BACKLOG("sock", "sk_max_ack_backlog", "ListenQueue.queueLimit"),
  SK_DROPS("sock", "sk_drops", "ListenQueue.drops"),
  BYTES_SENT("tcp_sock", "bytes_sent", "bytesSent"),
  BYTES_RECEIVED("tcp_sock", "bytes_received", "bytesReceived"),
  BYTES_RETRANS("tcp_sock", "bytes_retrans", "bytesRetransmitted"),
  SEGS_OUT("tcp_sock", "segs_out", "segmentsSent and the metric tcpstates.segments.sent"),
  SEGS_IN("tcp_sock", "segs_in", "segmentsReceived"),
  TOTAL_RETRANS("tcp_sock", "total_retrans", "retransmits"),
  SRTT_US("tcp_sock", "srtt_us", "smoothedRtt"),
  RTT_MIN("tcp_sock", "rtt_min", "minimumRtt"),
  SND_CWND("tcp_sock", "snd_cwnd", "congestionWindow"),
  RCV_NXT("tcp_sock", "rcv_nxt", "receiveQueue"),
  COPIED_SEQ("tcp_sock", "copied_seq", "receiveQueue"),
  WRITE_SEQ("tcp_sock", "write_seq", "sendQueue"),
  SND_UNA("tcp_sock", "snd_una", "sendQueue"),
  RETRANS_STAMP("tcp_sock", "retrans_stamp", "StuckSocket.givesUpIn");

  private final String struct;
  private final String field;
  private final String value;

  KernelField(String struct, String field, String value) {
    this.struct = struct;
    this.field = field;
    this.value = value;
  }

  boolean isIn(LibBpf.KernelTypes types) {
    return types.hasField(struct, field);
  }

  /** What is missing without it, for {@code AgentState}. */
  String missing() {
    return value + " (this kernel's struct " + struct + " has no " + field + ")";
  }
}
