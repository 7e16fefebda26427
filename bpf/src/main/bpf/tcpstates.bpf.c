// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reports every TCP state transition of the sockets that one process opened.
 *
 * A transition runs in whatever context caused it: the process itself, its peer
 * on loopback, a softirq on top of anybody. So the current task says nothing
 * about whose socket it is. A socket becomes ours once, at CLOSE -> SYN_SENT or
 * CLOSE -> LISTEN, which do run in the process that opens it; the mark is kept
 * in the socket, is inherited by a listener's children, and goes with the socket.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "kernel.h"
#include "tcpstates.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * The mark of our sockets.
 * Inserted: here, at a socket's first transition; by the kernel, as a copy of
 *           the listener's, when it clones the listener into a child; by the
 *           iterator, for sockets older than the agent; by the agent, for those
 *           that had no descriptor then, because they waited in an accept queue.
 * Deleted:  by the kernel, with the socket.
 * Read:     here, at each transition.
 */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct tcp_socket);
} sockets SEC(".maps");

/*
 * The records, in order.
 * Inserted: here. Deleted and read: by the agent, in its mapping of the ring.
 * The agent sets the size before it loads.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} records SEC(".maps");

/*
 * The control page, one entry that is always there.
 * Settings: written by the agent, read here. The census: the other way round.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_control);
} control SEC(".maps");

/*
 * One entry for each CPU there can be, always there: not a per-CPU map, for these
 * can't be mapped. The agent sets how many before it loads.
 * Changed: here, and by the agent where it corrects a gauge. Read: by the agent.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_counters);
} counters SEC(".maps");

struct change {
	__u64 time_ns;
	__u64 old_since_ns;
	__u64 uncertainty_ns;
	int old_state;
	int new_state;
	int earlier; /* who was on the CPU is told by the socket's mark */
};

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* A program stays on its CPU. */
static __always_inline struct tcp_counters *counters_here(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

/* Where it is seldom. */
#define COUNT(counter)                                                                             \
	do {                                                                                       \
		struct tcp_counters *here = counters_here();                                       \
		if (here)                                                                          \
			count(&here->counter);                                                     \
	} while (0)

static __always_inline void gauge(struct tcp_counters *n, __u32 state, int by)
{
	/* Most sockets that ever were are in CLOSE: nothing to learn from a number. */
	if (state != TCP_CLOSE)
		__sync_fetch_and_add(&n->sockets[state & (TCPSTATES_STATES - 1)], by);
}

/* The agent's listings don't reach what native code opens in another network namespace. */
static __always_inline void note_netns(struct tcp_control *ctl, struct tcp_counters *n,
				       struct sock *sk)
{
	if (bpf_core_field_exists(sk->__sk_common.skc_net.net) &&
	    sk->__sk_common.skc_net.net->ns.inum != ctl->netns_ino)
		count(&n->other_netns);
}

static __always_inline int opened_by_us(struct tcp_control *ctl)
{
	struct bpf_pidns_info ids = {};

	/* Fails in a process of another PID namespace, which is not us either. */
	if (bpf_get_ns_current_pid_tgid(ctl->pidns_dev, ctl->pidns_ino, &ids, sizeof(ids)))
		return 0;
	return ids.tgid == ctl->pid;
}

/* How near to a mark counts as at it: a few records, for other CPUs fill the ring too. */
#define NEAR_BYTES 1024

/*
 * The reader comes by on its own: waking it for each record costs ten times the
 * rest. So it is woken when the ring fills up, and then not for each record either,
 * for it may have to wait for a CPU.
 */
static __always_inline int wakes(const struct tcp_control *ctl, __u64 waiting)
{
	__u64 step = ctl->wakeup_bytes / 16;

	return waiting >= ctl->wakeup_bytes && (!step || waiting % step < NEAR_BYTES);
}

static __always_inline void submit(struct tcp_control *ctl, void *record)
{
	__u64 waiting = bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(record, wakes(ctl, waiting) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/* Who is on the CPU. Byte by byte, for so the verifier has it; the helper takes twice as long. */
static __noinline void copy_task(__u32 *id, __u8 name[TCPSTATES_TASK_NAME])
{
	struct task_struct *task = bpf_get_current_task_btf();

	*id = task->tgid;
#pragma unroll
	for (int i = 0; i < TCPSTATES_TASK_NAME; i++)
		name[i] = task->comm[i];
}

static __always_inline void copy_address(__u8 to[16], const struct in6_addr *from)
{
	__u32 *words = (__u32 *)to;

	words[0] = from->in6_u.u6_addr32[0];
	words[1] = from->in6_u.u6_addr32[1];
	words[2] = from->in6_u.u6_addr32[2];
	words[3] = from->in6_u.u6_addr32[3];
}

static __always_inline void map_address(__u8 to[16], __be32 from)
{
	__u32 *words = (__u32 *)to;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = from;
}

static __always_inline void copy_addresses(__u8 local[16], __u8 remote[16], struct sock *sk)
{
	/* A kernel without IPv6 lacks these two fields. */
	if (bpf_core_field_exists(sk->__sk_common.skc_v6_daddr) &&
	    sk->__sk_common.skc_family == AF_INET6) {
		copy_address(local, &sk->__sk_common.skc_v6_rcv_saddr);
		copy_address(remote, &sk->__sk_common.skc_v6_daddr);
	} else {
		map_address(local, sk->__sk_common.skc_rcv_saddr);
		map_address(remote, sk->__sk_common.skc_daddr);
	}
}

static __always_inline __u16 local_port(struct sock *sk)
{
	__u16 port = sk->__sk_common.skc_num;
	struct tcp_sock *tcp;

	if (port)
		return port;
	/* At -> CLOSE the kernel has given it back already, but inet_sport still tells. */
	tcp = bpf_skc_to_tcp_sock(sk);
	return tcp ? bpf_ntohs(READ_IF_THERE(tcp, inet_conn.icsk_inet.inet_sport)) : 0;
}

#include "filter.bpf.h"

/* What the end of a socket in this state is told as, if that is recorded. */
static __always_inline __u32 told_of(__u32 state)
{
	if (state == TCP_CLOSE)
		return 0;
	return TCP_RECORDING_TRANSITIONS | (state == TCP_LISTEN ? 0 : TCP_RECORDING_CONNECTIONS);
}

/* Of a port that is not chosen yet, rather too much than too little. */
static __noinline __u32 due_of(struct sock *sk, __u32 state)
{
	struct ends of;

	ends_of(&of, sk);
	return told_of(state) & wanted_of(&of, !of.local_port);
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
 * While the two counters differ, mark and gauges may too. A global function: the
 * verifier walks through it once, and not again on each path that leads to it.
 */
__noinline int move(struct tcp_socket *s, __u32 to, __u32 due)
{
	struct tcp_counters *n = counters_here();
	struct tcp_control *ctl;
	__u32 zero = 0;
	__u32 from;

	ctl = bpf_map_lookup_elem(&control, &zero);
	if (!s || !n || !ctl)
		return 0;
	from = s->state;
	count(&n->transitions);
	s->state = to;
	gauge(n, from, -1);
	gauge(n, to, 1);
	/* Without a filter, the gauges of the states tell it. */
	if (ctl->filtered || s->due)
		set_due(n, s, told_of(to) & due);
	count(&n->settled);
	return 0;
}

/* Not inlined, so that the record's layout gets into the object's BTF; likewise below. */
static __noinline void describe(struct tcp_transition *t, struct sock *sk, struct tcp_socket *s,
				const struct change *c)
{
	t->size = sizeof(*t);
	t->version = TCPSTATES_VERSION;
	t->kind = TCP_RECORD_TRANSITION;
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
	if (c->earlier) {
		t->task_id = s->task_id;
		__builtin_memcpy(t->task_name, s->task_name, sizeof(t->task_name));
	} else {
		copy_task(&t->task_id, t->task_name);
	}
}

static __noinline void describe_end(struct tcp_end *end, struct tcp_socket *s, int old_state)
{
	end->size = sizeof(*end);
	end->version = TCPSTATES_VERSION;
	end->kind = TCP_RECORD_END;
	end->old_state = old_state;
	end->socket_id = s->socket_id;
}

static __always_inline void report(struct tcp_control *ctl, struct sock *sk, struct tcp_socket *s,
				   const struct change *c)
{
	struct tcp_transition *t = bpf_ringbuf_reserve(&records, sizeof(*t), 0);

	if (!t) {
		COUNT(records_lost);
		return;
	}
	describe(t, sk, s, c);
	submit(ctl, t);
}

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

static __noinline void describe_connection(struct tcp_connection *conn, struct sock *sk,
					   struct tcp_socket *s, const struct change *c)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	unsigned long flags = READ_IF_THERE(sk, __sk_common.skc_flags);
	__u32 fin = flags >> SOCK_DONE & 1;
	__u32 orphan = flags >> SOCK_DEAD & 1;

	conn->size = sizeof(*conn);
	conn->version = TCPSTATES_VERSION;
	conn->kind = TCP_RECORD_CONNECTION;
	conn->old_state = c->old_state;
	conn->closer = s->closer;
	conn->error = READ_IF_THERE(sk, sk_err);
	conn->socket_id = s->socket_id;
	conn->listener_id = s->listener_id;
	conn->opened_ns = s->opened_ns;
	conn->established_ns = s->established_ns;
	conn->time_ns = c->time_ns;
	conn->in_state = s->in_state;
	copy_addresses(conn->local_addr, conn->remote_addr, sk);
	conn->local_port = local_port(sk);
	conn->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	/* TIME_WAIT takes over from FIN_WAIT2 when the FIN has come, or nobody waits for it. */
	conn->aborted = c->old_state == TCP_FIN_WAIT2 && !fin && !orphan;
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
	/* These two wait for the other side to acknowledge our FIN. */
	if (c->old_state == TCP_LAST_ACK || c->old_state == TCP_CLOSING)
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

static __always_inline void report_connection(struct tcp_control *ctl, struct sock *sk,
					      struct tcp_socket *s, const struct change *c,
					      __u32 wanted)
{
	struct tcp_connection *conn = bpf_ringbuf_reserve(&records, sizeof(*conn), 0);

	if (!conn) {
		COUNT(connections_lost);
		return;
	}
	describe_connection(conn, sk, s, c);
	conn->wanted = wanted;
	submit(ctl, conn);
}

static __always_inline void report_end(struct tcp_control *ctl, struct tcp_socket *s, int old_state)
{
	struct tcp_end *end = bpf_ringbuf_reserve(&records, sizeof(*end), 0);

	if (!end) {
		COUNT(ends_lost);
		return;
	}
	describe_end(end, s, old_state);
	submit(ctl, end);
}

/*
 * Counts segments that were sent again and not seen. The kernel counts those that
 * could not be sent, too: where it doesn't tell of these, nothing is known.
 */
static __always_inline void count_unseen(struct tcp_sock *tcp, __u32 seen)
{
	__u32 unseen = READ_IF_THERE(tcp, total_retrans) - seen;
	struct tcp_counters *n;

	if (!bpf_core_type_matches(btf_trace_tcp_retransmit_skb___with_error) || !unseen)
		return;
	n = counters_here();
	if (n)
		__sync_fetch_and_add(&n->retransmits_skipped, unseen);
}

/* Who was on the CPU at a transition that is reported later. */
static __always_inline void note_task(struct tcp_socket *s)
{
	copy_task(&s->task_id, s->task_name);
}

/*
 * A fresh child of one of our listeners, at its first transition. Before Linux
 * 6.15 it has neither remote address nor cookie here, so the report waits for
 * its next transition, on every kernel.
 */
static __always_inline void child_born(struct tcp_socket *s, __u64 now, __u32 due)
{
	s->listener_id = s->socket_id;
	s->socket_id = 0;
	s->opened_ns = now;
	s->since_ns = now;
	s->state = TCP_CLOSE; /* LISTEN is its listener's, which stays there */
	s->pending = TCP_PENDING_SYN_RECV;
	s->adopted = 0;
	s->retransmits = 0;
	s->resets_seen = 0;
	s->due = 0; /* as the state */
	note_task(s);
	move(s, TCP_SYN_RECV, due);
}

/*
 * A socket just adopted gets into the counters once: by the iterator, or by its
 * next transition, whichever is first. What is due is the caller's to set.
 */
static __always_inline int enter(struct tcp_counters *n, struct sock *sk, struct tcp_socket *s,
				 __u32 state)
{
	struct tcp_sock *tcp;

	if (s->state)
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (tcp)
		s->retransmits = READ_IF_THERE(tcp, total_retrans);
	if (__sync_val_compare_and_swap(&s->state, 0, state) != 0)
		return 0;
	gauge(n, state, 1);
	return 1;
}

static __always_inline void report_pending(struct tcp_control *ctl, struct sock *sk,
					   struct tcp_socket *s, __u64 uncertainty_ns)
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
	report(ctl, sk, s, &first);
}

/*
 * What a filter lets through of a socket's transition, and of its end. A client has
 * no local port yet at its first: if a filter must know that, the transition waits
 * for the next.
 */
static __noinline __u32 allowed_here(struct tcp_control *ctl, struct sock *sk, struct tcp_socket *s,
				     const struct change *c, __u32 *due)
{
	struct ends of;
	__u32 allowed;

	ends_of(&of, sk);
	allowed = wanted_of(&of, 0);
	*due = of.local_port ? allowed : wanted_of(&of, 1);
	if (c->new_state == TCP_SYN_SENT &&
	    *due & ~allowed & ctl->recording & TCP_RECORDING_TRANSITIONS) {
		s->pending = TCP_PENDING_SYN_SENT;
		s->pending_old_since_ns = s->since_ns;
		note_task(s);
	}
	return allowed;
}

/* Global, as move() is. */
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

/* The mark follows what the kernel counts, where nothing else tells. */
static __always_inline void note_retransmits(struct sock *sk, struct tcp_socket *s,
					     const struct change *c, __u32 wanted)
{
	struct tcp_sock *tcp;

	if (c->new_state == TCP_SYN_SENT)
		s->retransmits = 0; /* a socket that was connected before, perhaps */
	if (c->old_state != TCP_SYN_RECV && c->new_state != TCP_CLOSE)
		return;
	tcp = bpf_skc_to_tcp_sock(sk);
	if (!tcp)
		return;
	if (c->old_state == TCP_SYN_RECV)
		s->retransmits = READ_IF_THERE(tcp, total_retrans); /* its request's SYN-ACKs */
	if (c->new_state == TCP_CLOSE && wanted & TCP_RECORDING_RETRANSMITS)
		count_unseen(tcp, s->retransmits);
}

static __always_inline int state_changed(struct sock *sk, int old_state, int new_state)
{
	struct change c = { .old_state = old_state, .new_state = new_state };
	__u64 born_uncertainty_ns = 0;
	int birth_hidden = 0;
	struct tcp_counters *n;
	struct tcp_control *ctl;
	struct tcp_socket *s;
	__u32 wanted, due = ~0;
	__u32 zero = 0;

	/* The kernel also stores FIN_WAIT1 over FIN_WAIT1 and the like. */
	if (old_state == new_state || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	/* A socket of others, mostly: this takes half as long as to ask for our mark. */
	if (bpf_core_field_exists(sk->sk_bpf_storage) && old_state != TCP_CLOSE &&
	    !sk->sk_bpf_storage)
		return 0;
	ctl = bpf_map_lookup_elem(&control, &zero);
	n = counters_here();
	if (!ctl || !n)
		return 0;

	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!s) {
		struct tcp_socket mark = { .state = TCP_CLOSE };

		if (old_state != TCP_CLOSE ||
		    (new_state != TCP_SYN_SENT && new_state != TCP_LISTEN) || !opened_by_us(ctl))
			return 0;
		mark.socket_id = bpf_get_socket_cookie(sk);
		mark.opened_ns = bpf_ktime_get_ns();
		s = bpf_sk_storage_get(&sockets, sk, &mark, BPF_SK_STORAGE_GET_F_CREATE);
		if (!s) {
			count(&n->no_memory);
			return 0;
		}
		note_netns(ctl, n, sk);
	}
	/* A child that was cloned while its listener, just adopted, had no state here yet. */
	if (s->state == 0 && old_state == TCP_LISTEN && new_state != TCP_CLOSE)
		s->state = TCP_LISTEN;
	enter(n, sk, s, old_state);
	if (s->state == (__u32)new_state) /* the other program has seen it */
		return 0;

	c.time_ns = bpf_ktime_get_ns();
	wanted = ctl->recording;
	if (ctl->filtered)
		wanted &= allowed_here(ctl, sk, s, &c, &due);
	if (s->state == TCP_LISTEN && !(old_state == TCP_LISTEN && new_state == TCP_CLOSE)) {
		/* Its listener's mark: a child that has not been seen before. */
		if (old_state != TCP_LISTEN) {
			birth_hidden = 1;
			born_uncertainty_ns = c.time_ns - s->since_ns;
		}
		child_born(s, c.time_ns, due);
		if (new_state == TCP_SYN_RECV)
			return 0;
	}

	if (s->pending == TCP_PENDING_SYN_RECV)
		s->socket_id = bpf_get_socket_cookie(sk);
	if (birth_hidden && wanted & TCP_RECORDING_TRANSITIONS)
		count(&n->skipped);
	if (s->pending && new_state != TCP_SYN_SENT) {
		if (wanted & TCP_RECORDING_TRANSITIONS)
			report_pending(ctl, sk, s, born_uncertainty_ns);
		s->pending = TCP_PENDING_NONE;
	}

	if (s->state != (__u32)old_state) {
		/* Both programs were kept from running: tell what is known of the transition. */
		if (wanted & TCP_RECORDING_TRANSITIONS) {
			struct change missed = {
				.time_ns = c.time_ns,
				.old_since_ns = s->since_ns,
				.uncertainty_ns = s->since_ns ? c.time_ns - s->since_ns : 0,
				.old_state = s->state,
				.new_state = old_state,
			};
			count(&n->skipped);
			report(ctl, sk, s, &missed);
		}
		move(s, old_state, due);
		s->since_ns = c.time_ns;
	}

	c.old_since_ns = s->since_ns;
	if (s->since_ns)
		add_time(&s->in_state, old_state, c.time_ns - s->since_ns);
	if (new_state == TCP_ESTABLISHED)
		s->established_ns = c.time_ns;
	else if (new_state == TCP_FIN_WAIT1 && !s->closer)
		s->closer = TCP_CLOSER_LOCAL;
	else if (new_state == TCP_CLOSE_WAIT && !s->closer)
		s->closer = TCP_CLOSER_REMOTE;
	note_retransmits(sk, s, &c, wanted);
	s->since_ns = c.time_ns;
	s->left = old_state;
	move(s, new_state, due);
	if (new_state == TCP_CLOSE && old_state != TCP_LISTEN &&
	    wanted & (TCP_RECORDING_CONNECTIONS | TCP_RECORDING_TOTALS))
		report_connection(ctl, sk, s, &c, wanted);
	if (wanted & TCP_RECORDING_TRANSITIONS)
		report(ctl, sk, s, &c);
	else if (new_state == TCP_CLOSE)
		report_end(ctl, s, old_state);
	return 0;
}

/*
 * Two programs with one body. The kernel doesn't run a program inside itself: a
 * transition made by a softirq on top of the first program is skipped by it, and
 * seen by the second, and the other way round.
 */
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

#include "segments.bpf.h"
#include "snapshot.bpf.h"
