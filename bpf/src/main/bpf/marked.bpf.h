/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sockets that bear our mark, as the kernel lists them: a part of
 * tcpstates.bpf.c. They are ours in any network namespace, and few of all that
 * the kernel's tables hold, which are full of TIME_WAIT where connections are short.
 */
#ifndef TCPSTATES_MARKED_H
#define TCPSTATES_MARKED_H

/* A program sees a transition just before the kernel stores the new state. */
#define STORED_NS 1000000000

/* A child that was cloned just now: with its listener's mark, but no state or cookie of it. */
static __always_inline int unborn(struct sock *sk, struct tcp_socket *s)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return !cookie || (s->state == TCP_LISTEN && cookie != s->socket_id);
}

/* Once in each list: a list that is read in pieces is read again, until nothing is added. */
static __always_inline void list(struct tcp_control *ctl, struct seq_file *seq, struct sock *sk,
				 struct tcp_socket *s)
{
	struct tcp_snapshot now;
	struct tcp_sock *tcp;
	long full = 1;

	if (s->listed == ctl->listing)
		return;
	if (ctl->walk == TCP_WALK_IDS) {
		full = bpf_seq_write(seq, &s->socket_id, sizeof(s->socket_id));
	} else if (sk->__sk_common.skc_state != TCP_CLOSE) {
		tcp = bpf_skc_to_tcp_sock(sk);
		if (!tcp)
			return;
		/* Whatever becomes of the listener: a filter may want these, and not it. */
		if (sk->__sk_common.skc_state == TCP_LISTEN)
			ctl->half_open += tcp->inet_conn.icsk_accept_queue.qlen.counter;
		if (!listed(ctl, sk))
			return;
		describe_snapshot(&now, tcp, s);
		full = bpf_seq_write(seq, &now, sizeof(now));
	}
	if (!full)
		s->listed = ctl->listing;
}

static __always_inline void take_census(struct tcp_control *ctl, struct tcp_counters *n,
					struct sock *sk, struct tcp_socket *s)
{
	__u32 before, now;

	if (ctl->filtered) {
		/* The filter may have changed; a transition at this moment knows better. */
		before = s->due;
		now = due_of(sk, s->state);
		if (before != now && __sync_val_compare_and_swap(&s->due, before, now) == before)
			gauge_due(n, before, now);
	}
	ctl->census[s->state & (TCPSTATES_STATES - 1)]++;
	ctl->census_transitions += !!(s->due & TCP_RECORDING_TRANSITIONS);
	ctl->census_connections += !!(s->due & TCP_RECORDING_CONNECTIONS);
}

/*
 * Counts the sockets that bear our mark, or lists them. A socket that has gone
 * while no program was run for its end is in the gauges and not in the count.
 * Runs when the agent reads it. While it writes nothing, the kernel walks through
 * in one go, and no socket that is there all the time is left out.
 */
SEC("iter/bpf_sk_storage_map")
int marked_sockets(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	struct sock *sk = ctx->sk;
	struct tcp_counters *n;
	struct tcp_control *ctl;
	struct tcp_socket *s;
	__u32 zero = 0;

	if (!sk) /* after the last */
		return 0;
	ctl = bpf_map_lookup_elem(&control, &zero);
	n = counters_here();
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!ctl || !n || !s)
		return 0;
	/* Its end was not seen, and a descriptor keeps it. */
	if (s->state != TCP_CLOSE && sk->__sk_common.skc_state == TCP_CLOSE &&
	    bpf_ktime_get_ns() - s->since_ns > STORED_NS) {
		s->state = TCP_CLOSE;
		s->due = 0; /* but not in the gauges, which tell of it */
	}
	if (s->state == TCP_CLOSE)
		return 0;
	if (ctl->walk == TCP_WALK_COUNT) {
		if (s->state)
			take_census(ctl, n, sk, s);
	} else if (!unborn(sk, s)) {
		list(ctl, ctx->meta->seq, sk, s);
	}
	return 0;
}

#endif
