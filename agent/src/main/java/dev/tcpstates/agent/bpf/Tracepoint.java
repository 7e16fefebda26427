// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import java.util.List;

/** The tracepoints that not every kernel has, and what is not recorded without them. */
enum Tracepoint {
  RETRANSMIT_SKB("tcp_retransmit_skb", "Retransmit", "tcp_retransmit", "tcp_retransmit_again"),
  RETRANSMIT_SYNACK("tcp_retransmit_synack", "Retransmit of SYN_ACK", "tcp_retransmit_synack"),
  SEND_RESET("tcp_send_reset", "Reset SENT", "tcp_reset_sent", "tcp_reset_sent_again"),
  RECEIVE_RESET(
      "tcp_receive_reset", "Reset RECEIVED", "tcp_reset_received", "tcp_reset_received_again");

  private final String kernelName;
  private final String events;

  /** Those of our programs that run there. */
  final List<String> programs;

  Tracepoint(String kernelName, String events, String... programs) {
    this.kernelName = kernelName;
    this.events = events;
    this.programs = List.of(programs);
  }

  /** Whether the kernel has it. */
  boolean isIn(LibBpf.KernelTypes types) {
    return types.has("btf_trace_" + kernelName);
  }

  /** What its absence means, for {@code AgentState}. */
  String lackedByKernel() {
    return events + " (this kernel has no tracepoint " + kernelName + ")";
  }

  /** The same for a kernel that has it and refuses our programs. */
  String refused(String why) {
    return events + " (" + why + ")";
  }
}
