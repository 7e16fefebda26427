// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import java.util.List;

/**
 * What the agent can do without: programs that a kernel may lack a place for, or refuse. Each is
 * tried by itself, and without it just what it gives is missing.
 */
enum Extra {
  SECOND_PROGRAM("recovery of missed transitions", null, "tcp_state_again"),
  DESCRIPTORS("adoption of sockets opened before the agent", null, "open_sockets"),
  TABLE("StateCount, and sockets that have no descriptor", null, "sockets_now"),
  RETRANSMIT_SKB("Retransmit", "tcp_retransmit_skb", "tcp_retransmit", "tcp_retransmit_again"),
  RETRANSMIT_SYNACK("Retransmit of SYN_ACK", "tcp_retransmit_synack", "tcp_retransmit_synack"),
  SEND_RESET("Reset SENT", "tcp_send_reset", "tcp_reset_sent", "tcp_reset_sent_again"),
  RECEIVE_RESET(
      "Reset RECEIVED", "tcp_receive_reset", "tcp_reset_received", "tcp_reset_received_again");

  private final String loss;
  private final String tracepoint;

  /** Those of the agent's programs that belong to it. */
  final List<String> programs;

  /**
   * @param loss what is missing without it
   * @param tracepoint the kernel's name of one that not each kernel has, or {@code null}
   */
  Extra(String loss, String tracepoint, String... programs) {
    this.loss = loss;
    this.tracepoint = tracepoint;
    this.programs = List.of(programs);
  }

  /** Whether the kernel has a place for it. */
  boolean hasPlaceIn(LibBpf.KernelTypes types) {
    return tracepoint == null || types.has("btf_trace_" + tracepoint);
  }

  /** What is missing where the kernel has no place for it, for {@code AgentState}. */
  String withoutPlace() {
    return missing("this kernel has no tracepoint " + tracepoint);
  }

  /** The same for a kernel that has a place and refuses the programs. */
  String missing(String why) {
    return loss + " (" + why + ")";
  }
}
