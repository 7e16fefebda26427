// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * All programs. tcp_state is the core: it sets the owner mark of a socket, and records every
 * TCP state transition of the marked ones. Each other program is an extra that a kernel may
 * lack a place for, or refuse.
 *
 * What is there twice: the kernel doesn't run a program inside itself. A transition made by
 * a softirq on top of the first program is skipped by it, and seen by the second, and the
 * other way round.
 */
#include "segments.bpf.h"
#include "snapshot.bpf.h"
#include "transition.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state, struct sock *sk, int old_state, int new_state)
{
	return state_changed(sk, old_state, new_state);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tcp_state_again, struct sock *sk, int old_state, int new_state)
{
	return state_changed(sk, old_state, new_state);
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(tcp_retransmit, struct sock *sk, struct sk_buff *skb)
{
	return report_retransmit(ctx, sk, skb);
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(tcp_retransmit_again, struct sock *sk, struct sk_buff *skb)
{
	return report_retransmit(ctx, sk, skb);
}

/* Once: always in a softirq, and these don't interrupt each other. */
SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(tcp_retransmit_synack, struct sock *sk, struct request_sock *req)
{
	return report_synack(sk, req);
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(tcp_reset_sent, struct sock *sk, struct sk_buff *skb)
{
	return report_reset(sk, skb, 1, reason_of_reset(ctx), 0);
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(tcp_reset_sent_again, struct sock *sk, struct sk_buff *skb)
{
	return report_reset(sk, skb, 1, reason_of_reset(ctx), 1);
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(tcp_reset_received, struct sock *sk)
{
	return report_reset(sk, NULL, 0, 0, 0);
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(tcp_reset_received_again, struct sock *sk)
{
	return report_reset(sk, NULL, 0, 0, 1);
}

/* Runs for each descriptor of this process when the agent reads it. */
SEC("iter/task_file")
int open_sockets(struct bpf_iter__task_file *ctx)
{
	return list_descriptor(ctx);
}

/* Runs for each socket of the network namespace when the agent reads it. */
SEC("iter/tcp")
int sockets_now(struct bpf_iter__tcp *ctx)
{
	return list_entry(ctx);
}

#ifdef TCPSTATES_NODE
/* Runs for the process that connects to the node program. */
SEC("iter/task")
int process_now(struct bpf_iter__task *ctx)
{
	return write_process(ctx);
}

/* Runs for each descriptor of a JVM when one of its threads has accepted a connection. */
SEC("iter/task_file")
int adopt_sockets(struct bpf_iter__task_file *ctx)
{
	return adopt_descriptor(ctx);
}

/* Runs for each BPF map of the machine when the node program reads it. */
SEC("iter/bpf_map")
int maps_given(struct bpf_iter__bpf_map *ctx)
{
	return write_given(ctx);
}
#endif
