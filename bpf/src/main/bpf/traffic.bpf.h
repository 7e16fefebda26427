/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a socket has sent and received, by the kernel's own counts. */
#ifndef TCPSTATES_TRAFFIC_BPF_H
#define TCPSTATES_TRAFFIC_BPF_H

#include "kernel.h"
#include "maps.bpf.h"

/* Payload, without what was retransmitted. */
static __always_inline __u64 bytes_sent(struct tcp_sock *tcp)
{
	return READ_IF_THERE(tcp, bytes_sent) - READ_IF_THERE(tcp, bytes_retrans);
}

/* Payload, in order. The kernel counts the other side's FIN as a byte, here and in unread(). */
static __always_inline __u64 bytes_received(struct tcp_sock *tcp, __u32 fin)
{
	__u64 bytes = READ_IF_THERE(tcp, bytes_received);

	return bytes && fin ? bytes - 1 : bytes;
}

/* Bytes received that nobody has read. */
static __always_inline __u32 unread(struct tcp_sock *tcp, __u32 fin)
{
	__u32 bytes = READ_IF_THERE(tcp, rcv_nxt) - READ_IF_THERE(tcp, copied_seq);

	return bytes > fin ? bytes - fin : 0;
}

/* Bytes, with SYN and FIN, that the other side has not acknowledged. */
static __always_inline __u32 unacknowledged(struct tcp_sock *tcp)
{
	return READ_IF_THERE(tcp, write_seq) - READ_IF_THERE(tcp, snd_una);
}

/*
 * Counts retransmitted segments that no program saw. The kernel also counts those that could
 * not be sent; where it does not report these, nothing is known.
 */
static __always_inline void count_missed_retransmits(struct tcp_sock *tcp, __u32 seen)
{
	__u32 missed = READ_IF_THERE(tcp, total_retrans) - seen;
	struct tcp_counters *n;

	if (!bpf_core_type_matches(btf_trace_tcp_retransmit_skb___with_error) || !missed)
		return;
	n = counters_here();
	if (n)
		__sync_fetch_and_add(&n->retransmits_skipped, missed);
}

#endif
