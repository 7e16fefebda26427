/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The owner mark of a socket, and the gauges, which count the marks.
 *
 * A transition runs in whatever context caused it: the process itself, its peer on
 * loopback, a softirq on top of any task. So the current task says nothing about the
 * owner. A socket becomes owned once, at CLOSE -> SYN_SENT or CLOSE -> LISTEN, which do run
 * in the process that opens it; its children inherit the mark; it goes with the socket.
 */
#ifndef TCPSTATES_MARK_BPF_H
#define TCPSTATES_MARK_BPF_H

#include "filter.bpf.h"
#include "maps.bpf.h"

/*
 * The task on the CPU, by its process id in the agent's PID namespace. A task of another
 * namespace is none of the JVM's business: no id, no name.
 */
static __noinline void copy_task(struct tcp_control *ctl, struct tcp_socket *s, __u32 *id,
				 __u8 name[TCPSTATES_TASK_NAME])
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct bpf_pidns_info ids = {};
	int other = ids_of_task(ctl, s, &ids);

	*id = other ? 0 : ids.tgid;
	/* Byte by byte: bpf_get_current_comm takes twice as long. */
#pragma unroll
	for (int i = 0; i < TCPSTATES_TASK_NAME; i++)
		name[i] = other ? 0 : task->comm[i];
}

/* From accept on, a child has a struct socket, until its last descriptor is closed. */
static __always_inline int is_accepted(struct sock *sk)
{
	return !!READ_IF_THERE(sk, sk_socket);
}

/* Keeps the task on the CPU for a transition that is reported later. */
static __always_inline void note_task(struct tcp_control *ctl, struct tcp_socket *s)
{
	copy_task(ctl, s, &s->task_id, s->task_name);
}

/* The agent's listings don't reach what native code opens in another network namespace. */
static __always_inline void note_netns(struct tcp_control *ctl, struct tcp_counters *n,
				       struct sock *sk)
{
	if (bpf_core_field_exists(sk->__sk_common.skc_net.net) &&
	    sk->__sk_common.skc_net.net->ns.inum != ctl->netns_ino)
		count(&n->other_netns);
}

static __always_inline void add_to_gauge(struct tcp_counters *n, __u32 state, int by)
{
	/* Most sockets that ever were are in CLOSE: nothing to learn from a number. */
	if (state != TCP_CLOSE)
		__sync_fetch_and_add(&n->sockets[state & (TCPSTATES_STATES - 1)], by);
}

/* The records that the end of a socket in this state makes. */
static __always_inline __u32 records_of_end(__u32 state)
{
	if (state == TCP_CLOSE)
		return 0;
	return TCP_RECORDING_TRANSITIONS | (state == TCP_LISTEN ? 0 : TCP_RECORDING_CONNECTIONS);
}

/* The same, of those that the filter includes; of a port that is not chosen yet, by the rest. */
static __noinline __u32 due_of(struct sock *sk, __u32 state, __u64 owner)
{
	struct ends of;

	ends_of(&of, sk);
	return records_of_end(state) & wanted_of(&of, !of.local_port, owner);
}

static __always_inline __s64 difference(__u32 before, __u32 now, __u32 bit)
{
	return (__s64) !!(now & bit) - !!(before & bit);
}

static __always_inline void gauge_due(struct tcp_counters *n, __u32 before, __u32 now)
{
	if (before == now)
		return;
	__sync_fetch_and_add(&n->due_transitions,
			     difference(before, now, TCP_RECORDING_TRANSITIONS));
	__sync_fetch_and_add(&n->due_connections,
			     difference(before, now, TCP_RECORDING_CONNECTIONS));
}

static __always_inline void set_due(struct tcp_counters *n, struct tcp_socket *s, __u32 due)
{
	gauge_due(n, __sync_lock_test_and_set(&s->due, due), due);
}

/*
 * Moves a socket to another state, in its mark and in the gauges. While transitions and
 * settled differ, so may these. A global function: the verifier walks through it once, and
 * not again on each path that leads to it.
 */
__noinline int move_to_state(struct tcp_socket *s, __u32 to, __u32 due)
{
	struct tcp_counters *n;
	struct tcp_control *ctl;
	__u32 from;

	if (!s)
		return 0;
	n = counters_of(owner_of(s));
	ctl = settings_of(owner_of(s));
	if (!n || !ctl)
		return 0;
	from = s->state;
	count(&n->transitions);
	s->state = to;
	add_to_gauge(n, from, -1);
	add_to_gauge(n, to, 1);
	/* Without a filter, the states' gauges suffice. */
	if (ctl->filtered || s->due)
		set_due(n, s, records_of_end(to) & due);
	count(&n->settled);
	return 0;
}

/*
 * Counts a socket that was just adopted, once: by open_sockets or by its next transition,
 * whichever is first. Returns whether it was this call; the caller then sets what is due.
 */
static __always_inline int count_adopted(struct tcp_counters *n, struct sock *sk,
					 struct tcp_socket *s, __u32 state)
{
	struct tcp_sock *tcp;

	if (s->state)
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (tcp)
		s->retransmits = READ_IF_THERE(tcp, total_retrans);
	if (__sync_val_compare_and_swap(&s->state, 0, state) != 0)
		return 0;
	add_to_gauge(n, state, 1);
	return 1;
}

#endif
