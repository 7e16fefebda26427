/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is done at a transition: find the mark, or set it; see what was missed since the
 * last one; move the mark to the new state; report.
 */
#ifndef TCPSTATES_TRANSITION_BPF_H
#define TCPSTATES_TRANSITION_BPF_H

#include "connection.bpf.h"
#include "mark.bpf.h"
#include "ring.bpf.h"
#include "traffic.bpf.h"

struct change {
	__u64 time_ns;
	__u64 old_since_ns;
	__u64 uncertainty_ns;
	int old_state;
	int new_state;
	int earlier;  /* the task is the one that the mark keeps */
	__u32 wanted; /* enum tcp_recording: records of it that somebody wants */
	__u32 due;    /* the same, of the socket's end */
};

/* Not inlined, so that the record's layout gets into the object's BTF; likewise below. */
static __noinline void describe_transition(struct tcp_transition *t, struct tcp_control *ctl,
					   struct sock *sk, struct tcp_socket *s,
					   const struct change *c)
{
	t->header = TCP_HEADER(t, TCP_RECORD_TRANSITION);
	t->socket_id = s->socket_id;
	t->listener_id = s->listener_id;
	t->time_ns = c->time_ns;
	t->old_since_ns = c->old_since_ns;
	t->uncertainty_ns = c->uncertainty_ns;
	copy_addresses(t->local_addr, t->remote_addr, sk);
	t->local_port = local_port(sk);
	t->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	t->old_state = c->old_state;
	t->new_state = c->new_state;
	t->error = c->new_state == TCP_CLOSE ? READ_IF_THERE(sk, sk_err) : 0;
	t->accepted = is_accepted(sk);
	if (c->earlier) {
		t->task_id = s->task_id;
		__builtin_memcpy(t->task_name, s->task_name, sizeof(t->task_name));
	} else {
		copy_task(ctl, s, &t->task_id, t->task_name);
	}
}

static __noinline void describe_end(struct tcp_end *end, struct tcp_socket *s, int old_state)
{
	end->header = TCP_HEADER(end, TCP_RECORD_END);
	end->old_state = old_state;
	end->socket_id = s->socket_id;
}

static __always_inline void report_transition(struct tcp_control *ctl, struct sock *sk,
					      struct tcp_socket *s, const struct change *c)
{
	void *ring = ring_of(owner_of(s));
	struct tcp_transition *t = reserve(ring, sizeof(*t));

	if (!t) {
		COUNT(s, records_lost);
		return;
	}
	describe_transition(t, ctl, sk, s, c);
	submit(ctl, ring, t);
}

static __always_inline void report_connection(struct tcp_control *ctl, struct sock *sk,
					      struct tcp_socket *s, const struct change *c)
{
	void *ring = ring_of(owner_of(s));
	struct tcp_connection *conn = reserve(ring, sizeof(*conn));

	if (!conn) {
		COUNT(s, connections_lost);
		return;
	}
	describe_connection(conn, sk, s, c->old_state, c->time_ns);
	conn->wanted = c->wanted;
	submit(ctl, ring, conn);
}

static __always_inline void report_end(struct tcp_control *ctl, struct tcp_socket *s, int old_state)
{
	void *ring = ring_of(owner_of(s));
	struct tcp_end *end = reserve(ring, sizeof(*end));

	if (!end) {
		COUNT(s, ends_lost);
		return;
	}
	describe_end(end, s, old_state);
	submit(ctl, ring, end);
}

static __always_inline int is_opening(int old_state, int new_state)
{
	return old_state == TCP_CLOSE && (new_state == TCP_SYN_SENT || new_state == TCP_LISTEN);
}

/* The mark of a socket that its owner opens just now. */
static __always_inline struct tcp_socket *new_mark(struct tcp_control *ctl, struct tcp_counters *n,
						   struct sock *sk, __u64 owner)
{
	struct tcp_socket mark = { .state = TCP_CLOSE };
	struct tcp_socket *s;

	if (!is_current_owner(ctl))
		return NULL;
	set_owner(&mark, owner);
	mark.socket_id = bpf_get_socket_cookie(sk);
	s = bpf_sk_storage_get(&sockets, sk, &mark, BPF_SK_STORAGE_GET_F_CREATE);
	if (s)
		note_netns(ctl, n, sk);
	else
		count(&n->no_memory);
	return s;
}

/*
 * What the filter includes of a socket's transition, and of its end. A client has no local
 * port yet at its first: if the filter must know that, the transition waits for the next.
 */
static __noinline __u32 included_records(struct tcp_control *ctl, struct sock *sk,
					 struct tcp_socket *s, const struct change *c, __u32 *due)
{
	struct ends of;
	__u32 now;

	ends_of(&of, sk);
	now = wanted_of(&of, 0, owner_of(s));
	*due = of.local_port ? now : wanted_of(&of, 1, owner_of(s));
	if (c->new_state == TCP_SYN_SENT &&
	    *due & ~now & ctl->recording & TCP_RECORDING_TRANSITIONS) {
		s->pending = TCP_PENDING_SYN_SENT;
		s->pending_old_since_ns = s->since_ns;
		note_task(ctl, s);
	}
	return now;
}

/* A child that no program has seen: it still has its listener's mark. */
static __always_inline int is_new_child(const struct tcp_socket *s, const struct change *c)
{
	return s->state == TCP_LISTEN && !(c->old_state == TCP_LISTEN && c->new_state == TCP_CLOSE);
}

/*
 * A new child of a listener, at its first transition. Before Linux 6.15 it has neither
 * remote address nor cookie here, so the report waits for its next transition, on every
 * kernel.
 */
static __always_inline void mark_child(struct tcp_control *ctl, struct tcp_socket *s,
				       const struct change *c)
{
	s->listener_id = s->socket_id;
	s->socket_id = 0;
	s->opened_ns = c->time_ns;
	s->since_ns = c->time_ns;
	s->state = TCP_CLOSE; /* LISTEN is its listener's, which stays there */
	s->pending = TCP_PENDING_SYN_RECV;
	s->adopted = 0;
	s->retransmits = 0;
	s->resets_seen = 0;
	s->idle_ns = 0;
	s->due = 0; /* as the state */
	note_task(ctl, s);
	move_to_state(s, TCP_SYN_RECV, c->due);
}

/* Whatever the mark has of before is of another connection of this socket. */
static __always_inline void begin_anew(struct tcp_socket *s, const struct change *c)
{
	s->listener_id = 0;
	s->closer = TCP_CLOSER_NONE;
	s->adopted = 0;
	s->retransmits = 0;
	s->resets_seen = 0;
	s->opened_ns = c->time_ns;
	s->established_ns = 0;
	s->in_state = (struct tcp_state_times){};
	s->idle_ns = 0;
}

/* The transition that waited for this one: who it was, or the local port, was not known. */
static __always_inline void report_pending(struct tcp_control *ctl, struct sock *sk,
					   struct tcp_socket *s, const struct change *c,
					   __u64 uncertainty_ns)
{
	struct change first = {
		.time_ns = s->since_ns,
		.old_since_ns = s->since_ns,
		.uncertainty_ns = uncertainty_ns,
		.old_state = TCP_LISTEN,
		.new_state = TCP_SYN_RECV,
		.earlier = 1,
	};

	if (s->pending == TCP_PENDING_SYN_SENT) {
		first.old_since_ns = s->pending_old_since_ns;
		first.old_state = TCP_CLOSE;
		first.new_state = TCP_SYN_SENT;
	}
	if (c->wanted & TCP_RECORDING_TRANSITIONS)
		report_transition(ctl, sk, s, &first);
	s->pending = TCP_PENDING_NONE;
}

/* Both programs were kept from running: what is known of the transitions since the last one. */
static __always_inline void report_missed(struct tcp_control *ctl, struct tcp_counters *n,
					  struct sock *sk, struct tcp_socket *s,
					  const struct change *c)
{
	struct change missed = {
		.time_ns = c->time_ns,
		.old_since_ns = s->since_ns,
		.uncertainty_ns = s->since_ns ? c->time_ns - s->since_ns : 0,
		.old_state = s->state,
		.new_state = c->old_state,
	};

	if (c->wanted & TCP_RECORDING_TRANSITIONS) {
		count(&n->skipped);
		report_transition(ctl, sk, s, &missed);
	}
	if (missed.old_state == TCP_CLOSE)
		begin_anew(s, &missed);
	move_to_state(s, c->old_state, c->due);
	s->since_ns = c->time_ns;
}

/* Global, as move_to_state() is. */
__noinline int add_time(struct tcp_state_times *in, __u32 state, __u64 ns)
{
	if (!in)
		return 0;
	switch (state) {
	case TCP_ESTABLISHED:
		in->established += ns;
		break;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		in->fin_wait += ns;
		break;
	case TCP_CLOSE_WAIT:
		in->close_wait += ns;
		break;
	case TCP_LAST_ACK:
		in->last_ack += ns;
		break;
	}
	return 0;
}

/* Keeps the mark's count with the kernel's at transitions that only that one counts up to. */
static __always_inline void note_retransmits(struct sock *sk, struct tcp_socket *s,
					     const struct change *c)
{
	struct tcp_sock *tcp;

	if (c->old_state != TCP_SYN_RECV && c->new_state != TCP_CLOSE)
		return;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return;
	if (c->old_state == TCP_SYN_RECV)
		s->retransmits = READ_IF_THERE(tcp, total_retrans); /* its request's SYN-ACKs */
	if (c->new_state == TCP_CLOSE && c->wanted & TCP_RECORDING_RETRANSMITS)
		count_missed_retransmits(tcp, s->retransmits, s);
}

/* A connection that nobody ends stays established for as long as it is idle. */
static __always_inline void note_idle(struct tcp_control *ctl, struct sock *sk,
				      struct tcp_socket *s, const struct change *c)
{
	struct tcp_sock *tcp;

	if (c->old_state != TCP_ESTABLISHED)
		return;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (tcp)
		s->idle_ns = idle_ns(ctl, tcp, s, c->time_ns) | 1; /* 0: not known */
}

/* The mark takes the new state. */
static __always_inline void enter_state(struct tcp_control *ctl, struct sock *sk,
					struct tcp_socket *s, struct change *c)
{
	c->old_since_ns = s->since_ns;
	if (s->since_ns)
		add_time(&s->in_state, c->old_state, c->time_ns - s->since_ns);
	if (c->new_state == TCP_ESTABLISHED)
		s->established_ns = c->time_ns;
	else if (c->new_state == TCP_FIN_WAIT1 && !s->closer)
		s->closer = TCP_CLOSER_LOCAL;
	else if (c->new_state == TCP_CLOSE_WAIT && !s->closer)
		s->closer = TCP_CLOSER_REMOTE;
	note_retransmits(sk, s, c);
	note_idle(ctl, sk, s, c);
	s->since_ns = c->time_ns;
	s->left = c->old_state;
	move_to_state(s, c->new_state, c->due);
}

static __always_inline void report(struct tcp_control *ctl, struct sock *sk, struct tcp_socket *s,
				   const struct change *c)
{
	if (c->new_state == TCP_CLOSE && c->old_state != TCP_LISTEN &&
	    c->wanted & (TCP_RECORDING_CONNECTIONS | TCP_RECORDING_TOTALS))
		report_connection(ctl, sk, s, c);
	if (c->wanted & TCP_RECORDING_TRANSITIONS)
		report_transition(ctl, sk, s, c);
	else if (c->new_state == TCP_CLOSE)
		report_end(ctl, s, c->old_state);
}

static __always_inline int state_changed(struct sock *sk, int old_state, int new_state)
{
	struct change c = { .old_state = old_state, .new_state = new_state, .due = ~0 };
	__u64 born_uncertainty_ns = 0;
	struct tcp_counters *n;
	struct tcp_control *ctl;
	struct tcp_socket *s;
	__u64 owner;

	/* The kernel also stores FIN_WAIT1 over FIN_WAIT1 and the like. */
	if (old_state == new_state || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	/* A socket of others, mostly: this takes half as long as to ask for the mark. */
	if (bpf_core_field_exists(sk->sk_bpf_storage) && old_state != TCP_CLOSE &&
	    !sk->sk_bpf_storage)
		return 0;
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!s && !is_opening(old_state, new_state))
		return 0;
	if (s && is_opening(old_state, new_state) && is_stale(s)) {
		bpf_sk_storage_delete(&sockets, sk);
		s = NULL;
	}
	owner = s ? owner_of(s) : current_owner();
	ctl = settings_of(owner);
	n = counters_of(owner);
	if (!ctl || !n)
		return 0;
	if (!s)
		s = new_mark(ctl, n, sk, owner);
	if (!s)
		return 0;
	/* A child that was cloned while its listener, just adopted, had no state here yet. */
	if (s->state == 0 && old_state == TCP_LISTEN && new_state != TCP_CLOSE)
		s->state = TCP_LISTEN;
	count_adopted(n, sk, s, old_state);
	if (s->state == (__u32)new_state) /* the other program has seen it */
		return 0;

	/* The only reading of the clock: whatever this transition begins and ends, does so then. */
	c.time_ns = bpf_ktime_get_ns();
	c.wanted = ctl->recording;
	if (ctl->filtered)
		c.wanted &= included_records(ctl, sk, s, &c, &c.due);
	if (is_new_child(s, &c)) {
		if (old_state != TCP_LISTEN) { /* its birth was missed */
			born_uncertainty_ns = c.time_ns - s->since_ns;
			if (c.wanted & TCP_RECORDING_TRANSITIONS)
				count(&n->skipped);
		}
		mark_child(ctl, s, &c);
		if (new_state == TCP_SYN_RECV)
			return 0;
	}
	if (s->pending == TCP_PENDING_SYN_RECV)
		s->socket_id = bpf_get_socket_cookie(sk);
	if (s->pending && new_state != TCP_SYN_SENT)
		report_pending(ctl, sk, s, &c, born_uncertainty_ns);
	if (s->state != (__u32)old_state)
		report_missed(ctl, n, sk, s, &c);
	if (old_state == TCP_CLOSE)
		begin_anew(s, &c);
	enter_state(ctl, sk, s, &c);
	report(ctl, sk, s, &c);
	return 0;
}

#endif
