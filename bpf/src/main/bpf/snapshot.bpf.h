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

static __always_inline void describe_traffic(struct tcp_snapshot *now, struct tcp_sock *tcp,
					     __u32 fin)
{
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
	now->smoothed_rtt = READ_IF_THERE(tcp, srtt_us) >> 3; /* kept in eighths */
	now->congestion_window = READ_IF_THERE(tcp, snd_cwnd);
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
		     (s->opened_ns ? 0 : TCP_SNAPSHOT_OLDER);
	now->due = s->due;
	now->socket_id = s->socket_id ? s->socket_id : bpf_get_socket_cookie(sk);
	now->listener_id = s->listener_id;
	now->since_ns = s->since_ns;
	now->fd = fd;
	now->local_port = local_port(sk);
	now->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	copy_addresses(now->local_addr, now->remote_addr, sk);
	if (now->state == TCP_LISTEN)
		describe_listener(now, tcp);
	else
		describe_traffic(now, tcp, flags >> SOCK_DONE & 1);
}

/* The filter may have changed since. A transition at this moment knows better. */
static __always_inline void refresh_due(struct tcp_control *ctl, struct tcp_counters *n,
					struct sock *sk, struct tcp_socket *s)
{
	__u32 before = s->due;
	__u32 now;

	if (!ctl->filtered)
		return;
	now = due_of(sk, s->state);
	if (before != now && __sync_val_compare_and_swap(&s->due, before, now) == before)
		gauge_due(n, before, now);
}

/* Writes an owned socket, unless this listing has it already. */
static __always_inline void write_once(struct tcp_control *ctl, struct seq_file *seq,
				       struct tcp_sock *tcp, struct tcp_socket *s, __u32 fd)
{
	struct sock *sk = (struct sock *)tcp;
	struct tcp_snapshot now;

	if (s->listed == ctl->listing)
		return;
	describe_snapshot(&now, tcp, s, fd);
	if (!included(ctl, sk))
		now.flags |= TCP_SNAPSHOT_EXCLUDED;
	if (!bpf_seq_write(seq, &now, sizeof(now)))
		s->listed = ctl->listing;
}

/*
 * Lists the sockets of this process's descriptors, and adopts those that are not owned
 * yet: they were opened before the programs were attached, or by another process that
 * handed them over.
 */
static __always_inline int list_descriptor(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct tcp_snapshot unused;
	struct tcp_counters *n;
	struct tcp_control *ctl;
	struct socket *socket;
	struct tcp_socket *s;
	struct tcp_sock *tcp;
	struct sock *sk;
	__u8 state;

	/* The reader is the process itself, so this holds in any PID namespace. */
	if (!task || !file || (__u32)task->tgid != bpf_get_current_pid_tgid() >> 32)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	ctl = settings();
	n = counters_here();
	if (!tcp || !ctl || !n)
		return 0;

	state = sk->__sk_common.skc_state;
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!s) {
		struct tcp_socket mark = { .adopted = 1 };

		/* Else nobody would know that it is older than the agent. */
		if (!ctl->adopt)
			return 0;
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
		set_due(n, s, due_of(sk, s->state));
	if (s->state != TCP_CLOSE && state == TCP_CLOSE &&
	    bpf_ktime_get_ns() - s->since_ns > STORED_NS) {
		/* No program saw its end. The gauges still have it, and show it as missed. */
		s->state = TCP_CLOSE;
		s->due = 0;
	}
	if (s->state == TCP_CLOSE) /* the descriptor has outlived the connection */
		return 0;
	refresh_due(ctl, n, sk, s);
	write_once(ctl, ctx->meta->seq, tcp, s, ctx->fd);
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
					struct sock_common *skc)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(skc);
	struct tcp_counters *n = counters_here();
	struct tcp_socket *s;
	struct sock *sk;

	if (!tcp || !n)
		return;
	sk = (struct sock *)tcp;
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!s || s->state == TCP_CLOSE || unborn(sk, s))
		return;
	refresh_due(ctl, n, sk, s);
	write_once(ctl, seq, tcp, s, TCP_NO_FD);
}

static __always_inline int list_entry(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct seq_file *seq = ctx->meta->seq;
	struct tcp_control *ctl = settings();

	if (!skc || !ctl)
		return 0;
	if (skc->skc_state == TCP_TIME_WAIT) {
		if (ctl->time_wait && included(ctl, (struct sock *)skc))
			list_time_wait(seq, skc);
	} else if (skc->skc_state == TCP_NEW_SYN_RECV) {
		if (included(ctl, (struct sock *)skc))
			list_request(seq, skc);
	} else {
		list_socket(ctl, seq, skc);
	}
	return 0;
}

#endif
