/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The record of a connection that has ended. */
#ifndef TCPSTATES_CONNECTION_BPF_H
#define TCPSTATES_CONNECTION_BPF_H

#include "ends.bpf.h"
#include "kernel.h"
#include "mark.bpf.h"
#include "tcpstates.h"
#include "traffic.bpf.h"

static __noinline void describe_connection(struct tcp_connection *conn, struct sock *sk,
					   struct tcp_socket *s, int old_state, __u64 time_ns)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	unsigned long flags = READ_IF_THERE(sk, __sk_common.skc_flags);
	__u32 fin = flags >> SOCK_DONE & 1;
	__u32 orphan = flags >> SOCK_DEAD & 1;

	conn->header = TCP_HEADER(conn, TCP_RECORD_CONNECTION);
	conn->old_state = old_state;
	conn->closer = s->closer;
	conn->error = READ_IF_THERE(sk, sk_err);
	conn->socket_id = s->socket_id;
	conn->listener_id = s->listener_id;
	conn->opened_ns = s->opened_ns;
	conn->established_ns = s->established_ns;
	conn->time_ns = time_ns;
	conn->in_state = s->in_state;
	conn->idle_ns = s->idle_ns;
	copy_addresses(conn->local_addr, conn->remote_addr, sk);
	conn->local_port = local_port(sk);
	conn->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	/* TIME_WAIT takes over from FIN_WAIT2 when the FIN has come, or nobody waits for it. */
	conn->aborted = old_state == TCP_FIN_WAIT2 && !fin && !orphan;
	conn->accepted = is_accepted(sk);
	conn->bytes_sent = 0;
	conn->bytes_received = 0;
	conn->bytes_retransmitted = 0;
	conn->segments_sent = 0;
	conn->segments_received = 0;
	conn->retransmits = 0;
	conn->smoothed_rtt = 0;
	conn->minimum_rtt = ~0;
	conn->unread = 0;
	if (!tcp)
		return;
	/* These two wait for the other side to acknowledge this side's FIN. */
	if (old_state == TCP_LAST_ACK || old_state == TCP_CLOSING)
		conn->aborted = unacknowledged(tcp) != 0;
	conn->bytes_sent = bytes_sent(tcp);
	conn->bytes_received = bytes_received(tcp, fin);
	conn->bytes_retransmitted = READ_IF_THERE(tcp, bytes_retrans);
	conn->segments_sent = READ_IF_THERE(tcp, segs_out);
	conn->segments_received = READ_IF_THERE(tcp, segs_in);
	conn->retransmits = READ_IF_THERE(tcp, total_retrans);
	conn->smoothed_rtt = READ_IF_THERE(tcp, srtt_us) >> 3; /* kept in eighths */
	if (bpf_core_field_exists(tcp->rtt_min))
		conn->minimum_rtt = tcp->rtt_min.s[0].v;
	if (conn->bytes_received)
		conn->unread = unread(tcp, fin);
}

#endif
