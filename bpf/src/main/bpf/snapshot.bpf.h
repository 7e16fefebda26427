/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The owned sockets as they are now. Two iterators list them, and nothing is kept for that:
 * whatever was lost or missed before, this is right.
 *
 * open_sockets walks this process's descriptors, which takes as long as there are
 * descriptors. sockets_now walks the kernel's table of the reading thread's network
 * namespace, as ss does, for what has no descriptor: connections that wait for accept,
 * and sockets that were closed and have not ended. Both write a socket once in a listing.
 * A program runs once more for a socket whose record had no room in what was read.
 */
#ifndef TCPSTATES_SNAPSHOT_BPF_H
#define TCPSTATES_SNAPSHOT_BPF_H

#include "mark.bpf.h"
#include "traffic.bpf.h"

/* A program sees a transition just before the kernel stores the new state. */
#define STORED_NS 1000000000

static __always_inline void describe_listener(struct tcp_snapshot *now, struct tcp_sock *tcp)
{
	struct sock *sk = (struct sock *)tcp;

	now->send_queue = READ_IF_THERE(sk, sk_max_ack_backlog);
	now->receive_queue = READ_IF_THERE(sk, sk_ack_backlog);
	/* Linux 6.18 counts some sockets' drops elsewhere, but those are UDP and raw. */
	now->drops = READ_IF_THERE(sk, sk_drops.counter);
	now->half_open = READ_IF_THERE(tcp, inet_conn.icsk_accept_queue.qlen.counter);
}

#define LONGEST_TIMEOUT_MS 120000 /* TCP_RTO_MAX */

static __always_inline __u32 milliseconds(__u64 ns)
{
	return ns == ~0ULL ? TCPSTATES_NEVER : ns / 1000000;
}

/* What the kernel's giving up depends on. */
static __always_inline void describe_patience(struct tcp_snapshot *now, struct tcp_control *ctl,
					      struct tcp_sock *tcp)
{
	struct sock *sk = (struct sock *)tcp;

	now->user_timeout = READ_IF_THERE(tcp, inet_conn.icsk_user_timeout);
	now->longest_timeout = LONGEST_TIMEOUT_MS;
	if (bpf_core_field_exists(tcp->inet_conn.icsk_rto_max))
		now->longest_timeout =
			milliseconds((__u64)tcp->inet_conn.icsk_rto_max * ctl->tick_ns);
	now->first_retransmit = milliseconds(age_of_first_retransmit(tcp));
	now->next_timeout = milliseconds(until_retransmit(ctl, tcp));
	if (READ_IF_THERE(sk, sk_err_soft))
		now->flags |= TCP_SNAPSHOT_SOFT_ERROR;
}

static __always_inline void describe_progress(struct tcp_snapshot *now, struct tcp_control *ctl,
					      struct tcp_sock *tcp)
{
	now->bytes_acknowledged = READ_IF_THERE(tcp, bytes_acked);
	now->timeout = milliseconds((__u64)READ_IF_THERE(tcp, inet_conn.icsk_rto) * ctl->tick_ns);
	now->retransmits = READ_IF_THERE(tcp, total_retrans);
	now->timeouts = READ_IF_THERE(tcp, inet_conn.icsk_retransmits);
	now->backoff = READ_IF_THERE(tcp, inet_conn.icsk_backoff);
	if (now->bytes_sent)
		now->last_sent = milliseconds(age_of_last_sent(ctl, tcp));
	if (now->bytes_received)
		now->last_received = milliseconds(age_of_last_received(ctl, tcp));
	if (now->state != TCP_SYN_SENT && now->state != TCP_SYN_RECV)
		now->last_ack = milliseconds(age_of_last_ack(ctl, tcp));
	describe_patience(now, ctl, tcp);
}

static __always_inline void describe_traffic(struct tcp_snapshot *now, struct tcp_sock *tcp,
					     struct tcp_socket *s, __u32 fin)
{
	struct tcp_control *ctl = settings_of(owner_of(s));
	__u8 state = now->state;

	now->bytes_sent = bytes_sent(tcp);
	now->bytes_received = bytes_received(tcp, fin);
	now->send_queue = unacknowledged(tcp);
	/* The kernel counts a FIN as a byte, and a SYN too. */
	if (now->send_queue && (state == TCP_SYN_SENT || state == TCP_FIN_WAIT1 ||
				state == TCP_CLOSING || state == TCP_LAST_ACK))
		now->send_queue--;
	if (now->bytes_received)
		now->receive_queue = unread(tcp, fin);
	now->segments_sent = READ_IF_THERE(tcp, segs_out);
	now->smoothed_rtt = READ_IF_THERE(tcp, srtt_us) >> 3; /* kept in eighths */
	now->congestion_window = READ_IF_THERE(tcp, snd_cwnd);
	if (ctl)
		describe_progress(now, ctl, tcp);
}

static __noinline void describe_snapshot(struct tcp_snapshot *now, struct tcp_sock *tcp,
					 struct tcp_socket *s, __u32 fd)
{
	struct sock *sk = (struct sock *)tcp;
	unsigned long flags = READ_IF_THERE(sk, __sk_common.skc_flags);

	__builtin_memset(now, 0, sizeof(*now));
	now->header = TCP_HEADER(now, TCP_RECORD_SNAPSHOT);
	now->state = sk->__sk_common.skc_state;
	now->mark_state = s->state;
	now->flags = (flags >> SOCK_DEAD & 1 ? TCP_SNAPSHOT_ORPHAN : 0) |
		     (s->adopted ? TCP_SNAPSHOT_ADOPTED : 0) |
		     (s->opened_ns ? 0 : TCP_SNAPSHOT_OLDER) |
		     (is_accepted(sk) ? TCP_SNAPSHOT_ACCEPTED : 0);
	now->due = s->due;
	now->socket_id = s->socket_id ? s->socket_id : bpf_get_socket_cookie(sk);
	now->listener_id = s->listener_id;
	now->since_ns = s->since_ns;
	now->last_sent = now->last_received = now->last_ack = TCPSTATES_NEVER;
	now->first_retransmit = now->next_timeout = TCPSTATES_NEVER;
	now->fd = fd;
	now->local_port = local_port(sk);
	now->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	copy_addresses(now->local_addr, now->remote_addr, sk);
	if (now->state == TCP_LISTEN)
		describe_listener(now, tcp);
	else
		describe_traffic(now, tcp, s, flags >> SOCK_DONE & 1);
}

/* The filter may have changed since. A transition at this moment knows better. */
static __always_inline void refresh_due(struct tcp_control *ctl, struct tcp_counters *n,
					struct sock *sk, struct tcp_socket *s)
{
	__u32 before = s->due;
	__u32 now;

	if (!ctl->filtered)
		return;
	now = due_of(sk, s->state, owner_of(s));
	if (before != now && __sync_val_compare_and_swap(&s->due, before, now) == before)
		gauge_due(n, before, now);
}

/* Writes an owned socket, unless this listing has it already. */
static __always_inline void write_once(struct tcp_control *ctl, struct seq_file *seq,
				       struct tcp_sock *tcp, struct tcp_socket *s, __u32 fd,
				       __u8 flags)
{
	struct sock *sk = (struct sock *)tcp;
	struct tcp_snapshot now;

	if (s->listed == ctl->listing)
		return;
	describe_snapshot(&now, tcp, s, fd);
	now.flags |= flags;
	if (!included(ctl, sk, owner_of(s)))
		now.flags |= TCP_SNAPSHOT_EXCLUDED;
	if (!bpf_seq_write(seq, &now, sizeof(now)))
		s->listed = ctl->listing;
}

/*
 * Whether there are more references to a file than a descriptor's and this iterator's: another
 * descriptor's, of whatever process, or a system call's that is going on.
 */
static __always_inline int is_shared(struct file *file)
{
	struct file___counted *counted = (struct file___counted *)file;

	if (bpf_core_field_exists(file->f_ref.refcnt.counter))
		return file->f_ref.refcnt.counter > 1; /* one is 0 */
	return READ_IF_THERE(counted, f_count.counter) > 2;
}

/* The TCP socket that a descriptor of this process refers to. */
static __always_inline struct sock *own_socket(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct sock *sk;

	/* The reader is the process itself, so this holds in any PID namespace. */
	if (!task || !file || (__u32)task->tgid != bpf_get_current_pid_tgid() >> 32)
		return NULL;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return NULL;
	sk = socket->sk;
	return sk && sk->sk_protocol == IPPROTO_TCP ? sk : NULL;
}

/*
 * Lists the sockets of this process's descriptors, and adopts those that are not owned
 * yet: they were opened before the programs were attached, or by another process that
 * handed them over.
 */
static __always_inline int list_descriptor(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct tcp_snapshot unused;
	struct tcp_counters *n;
	struct tcp_control *ctl;
	struct tcp_socket *s;
	struct tcp_sock *tcp;
	struct sock *sk;
	__u64 owner;
	__u8 state;

	sk = own_socket(ctx);
	if (!sk || !file)
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	owner = current_owner();
	ctl = settings_of(owner);
	n = counters_of(owner);
	if (!tcp || !ctl || !n)
		return 0;

	state = sk->__sk_common.skc_state;
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (s && owner_of(s) != owner) {
		/* It belongs to the JVM that opened it, until that one's registration ends. */
		if (!is_stale(s))
			return 0;
		bpf_sk_storage_delete(&sockets, sk);
		s = NULL;
	}
	if (!s) {
		struct tcp_socket mark = { .adopted = 1 };

		/* Else nobody would know that it is older than the agent. */
		if (!ctl->adopt)
			return 0;
		set_owner(&mark, owner);
		mark.socket_id = bpf_get_socket_cookie(sk);
		if (state == TCP_CLOSE) {
			/* It becomes owned with its first transition. */
			mark.state = TCP_CLOSE;
			describe_snapshot(&unused, tcp, &mark, ctx->fd);
			bpf_seq_write(ctx->meta->seq, &unused, sizeof(unused));
			return 0;
		}
		s = bpf_sk_storage_get(&sockets, sk, &mark, BPF_SK_STORAGE_GET_F_CREATE);
		if (!s) {
			count(&n->no_memory);
			return 0;
		}
		note_netns(ctl, n, sk);
	}
	if (count_adopted(n, sk, s, state) && ctl->filtered)
		set_due(n, s, due_of(sk, s->state, owner_of(s)));
	if (s->state != TCP_CLOSE && state == TCP_CLOSE &&
	    bpf_ktime_get_ns() - s->since_ns > STORED_NS) {
		/* No program saw its end. The gauges still have it, and show it as missed. */
		s->state = TCP_CLOSE;
		s->due = 0;
	}
	if (s->state == TCP_CLOSE) /* the descriptor has outlived the connection */
		return 0;
	refresh_due(ctl, n, sk, s);
	write_once(ctl, ctx->meta->seq, tcp, s, ctx->fd, is_shared(file) ? TCP_SNAPSHOT_SHARED : 0);
	return 0;
}

/*
 * A request sock: a SYN has come and was answered, and there is no socket until the
 * handshake is done. Whose the listener is, the agent knows: its mark can't be read here.
 */
static __noinline void describe_request(struct tcp_snapshot *now, struct tcp_request_sock *req,
					__u64 listener_id)
{
	struct sock *sk = (struct sock *)req; /* both begin with what is read here */

	__builtin_memset(now, 0, sizeof(*now));
	now->header = TCP_HEADER(now, TCP_RECORD_SNAPSHOT);
	now->state = TCP_NEW_SYN_RECV;
	now->socket_id = bpf_get_socket_cookie(req); /* its socket will have the same */
	now->listener_id = listener_id;
	now->since_ns = READ_IF_THERE(req, snt_synack) * 1000;
	now->last_sent = now->last_received = now->last_ack = TCPSTATES_NEVER;
	now->first_retransmit = now->next_timeout = TCPSTATES_NEVER;
	now->fd = TCP_NO_FD;
	now->local_port = sk->__sk_common.skc_num;
	now->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	copy_addresses(now->local_addr, now->remote_addr, sk);
}

static __noinline void describe_time_wait(struct tcp_time_wait *now, struct tcp_timewait_sock *tw,
					  __u64 cookie)
{
	now->header = TCP_HEADER(now, TCP_RECORD_TIME_WAIT);
	now->substate = READ_IF_THERE(tw, tw_sk.tw_substate);
	now->socket_id = cookie;
}

static __always_inline void list_time_wait(struct seq_file *seq, struct sock_common *skc)
{
	struct tcp_timewait_sock *tw = bpf_skc_to_tcp_timewait_sock(skc);
	__u64 cookie = skc->skc_cookie.counter;
	struct tcp_time_wait now;

	/* The mark went with the socket: the agent knows the owned ones, which had a cookie. */
	if (!tw || !cookie)
		return;
	describe_time_wait(&now, tw, cookie);
	bpf_seq_write(seq, &now, sizeof(now));
}

static __always_inline void list_request(struct seq_file *seq, struct sock_common *skc)
{
	struct tcp_request_sock *req = bpf_skc_to_tcp_request_sock(skc);
	struct tcp_snapshot now;
	__u64 listener_id;

	if (!req)
		return;
	listener_id = BPF_CORE_READ(req, req.req.__req_common.skc_listener,
				    __sk_common.skc_cookie.counter);
	if (!listener_id) /* owned listeners have a cookie */
		return;
	describe_request(&now, req, listener_id);
	bpf_seq_write(seq, &now, sizeof(now));
}

/* A child that was cloned just now: with its listener's mark, but no state or cookie of it. */
static __always_inline int unborn(struct sock *sk, struct tcp_socket *s)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return !cookie || (s->state == TCP_LISTEN && cookie != s->socket_id);
}

static __always_inline void list_socket(struct tcp_control *ctl, struct seq_file *seq,
					struct sock_common *skc, __u64 owner)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(skc);
	struct tcp_counters *n = counters_of(owner);
	struct tcp_socket *s;
	struct sock *sk;

	if (!tcp || !n)
		return;
	sk = (struct sock *)tcp;
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!s || owner_of(s) != owner || s->state == TCP_CLOSE || unborn(sk, s))
		return;
	refresh_due(ctl, n, sk, s);
	write_once(ctl, seq, tcp, s, TCP_NO_FD, 0);
}

static __always_inline int list_entry(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct seq_file *seq = ctx->meta->seq;
	__u64 owner = current_owner();
	struct tcp_control *ctl = settings_of(owner);

	if (!skc || !ctl)
		return 0;
	if (skc->skc_state == TCP_TIME_WAIT) {
		if (ctl->time_wait && included(ctl, (struct sock *)skc, owner))
			list_time_wait(seq, skc);
	} else if (skc->skc_state == TCP_NEW_SYN_RECV) {
		if (included(ctl, (struct sock *)skc, owner))
			list_request(seq, skc);
	} else {
		list_socket(ctl, seq, skc, owner);
	}
	return 0;
}

#ifdef TCPSTATES_NODE
/*
 * Adopts what is open and not owned, and writes its cookie: a JVM can't set a mark by a descriptor.
 * Unlike a listing, it may run while another one does.
 */
static __always_inline int adopt_descriptor(struct bpf_iter__task_file *ctx)
{
	struct sock *sk = own_socket(ctx);
	struct tcp_socket mark = { .adopted = 1 };
	__u64 owner = current_owner();
	struct tcp_control *ctl = settings_of(owner);
	struct tcp_counters *n = counters_of(owner);
	struct tcp_socket *s;
	__u8 state;

	if (!sk || !ctl || !n)
		return 0;
	state = sk->__sk_common.skc_state;
	if (state == TCP_CLOSE)
		return 0;
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (s) {
		if (owner_of(s) == owner || !is_stale(s))
			return 0;
		bpf_sk_storage_delete(&sockets, sk);
	}
	set_owner(&mark, owner);
	mark.socket_id = bpf_get_socket_cookie(sk);
	s = bpf_sk_storage_get(&sockets, sk, &mark, BPF_SK_STORAGE_GET_F_CREATE);
	if (!s) {
		count(&n->no_memory);
		return 0;
	}
	note_netns(ctl, n, sk);
	if (count_adopted(n, sk, s, state) && ctl->filtered)
		set_due(n, s, due_of(sk, s->state, owner));
	bpf_seq_write(ctx->meta->seq, &mark.socket_id, sizeof(mark.socket_id));
	return 0;
}
#endif

#endif
