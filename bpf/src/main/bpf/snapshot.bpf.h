/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What our sockets are doing at this moment: a part of tcpstates.bpf.c.
 *
 * The kernel's own tables are walked, as ss does it, and nothing is kept here.
 * So whatever was lost or skipped before, this is right. The kernel walks the
 * network namespace of the thread that reads, and no other.
 */
#ifndef TCPSTATES_SNAPSHOT_H
#define TCPSTATES_SNAPSHOT_H

static __noinline void describe_snapshot(struct tcp_snapshot *now, struct tcp_sock *tcp,
					 struct tcp_socket *s)
{
	struct sock *sk = (struct sock *)tcp;
	unsigned long flags = sk->__sk_common.skc_flags;
	__u32 fin = flags >> SOCK_DONE & 1;
	__u8 state = sk->__sk_common.skc_state;

	now->size = sizeof(*now);
	now->version = TCPSTATES_VERSION;
	now->kind = TCP_RECORD_SNAPSHOT;
	now->state = state;
	now->orphan = flags >> SOCK_DEAD & 1;
	now->adopted = s->opened_ns == 0;
	now->left_out = 0;
	now->socket_id = bpf_get_socket_cookie(sk);
	now->listener_id = s->listener_id;
	/* The mark may be a step behind, for it is written after the state. */
	now->since_ns = s->state == state ? s->since_ns : 0;
	now->smoothed_rtt = tcp->srtt_us >> 3; /* kept in eighths */
	now->congestion_window = tcp->snd_cwnd;
	now->drops = 0;
	now->local_port = local_port(sk);
	now->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	copy_addresses(now->local_addr, now->remote_addr, sk);
	now->bytes_sent = 0;
	now->bytes_received = 0;
	now->send_queue = 0;
	now->receive_queue = 0;
	if (state == TCP_LISTEN) {
		now->send_queue = sk->sk_max_ack_backlog;
		now->receive_queue = sk->sk_ack_backlog;
		/* Linux 6.18 counts some sockets' drops elsewhere, but those are UDP and raw. */
		now->drops = sk->sk_drops.counter;
		return;
	}
	now->bytes_sent = tcp->bytes_sent - tcp->bytes_retrans;
	/* The kernel counts a FIN as a byte, and a SYN too. */
	now->bytes_received = tcp->bytes_received;
	if (fin && now->bytes_received)
		now->bytes_received--;
	now->send_queue = tcp->write_seq - tcp->snd_una;
	if (now->send_queue && (state == TCP_SYN_SENT || state == TCP_FIN_WAIT1 ||
				state == TCP_CLOSING || state == TCP_LAST_ACK))
		now->send_queue--;
	if (now->bytes_received && tcp->rcv_nxt - tcp->copied_seq > fin)
		now->receive_queue = tcp->rcv_nxt - tcp->copied_seq - fin;
}

/*
 * A SYN has come and was answered; there is no socket until the handshake is done.
 * Whose the listener is, the agent sees: its mark can't be got at from here.
 */
static __noinline void describe_request(struct tcp_snapshot *now, struct tcp_request_sock *req,
					__u64 listener_id)
{
	struct sock *sk = (struct sock *)req; /* both begin with what is read here */

	__builtin_memset(now, 0, sizeof(*now));
	now->size = sizeof(*now);
	now->version = TCPSTATES_VERSION;
	now->kind = TCP_RECORD_SNAPSHOT;
	now->state = TCP_NEW_SYN_RECV;
	now->socket_id = bpf_get_socket_cookie(req); /* its socket will have the same */
	now->listener_id = listener_id;
	now->since_ns = req->snt_synack * 1000;
	now->local_port = sk->__sk_common.skc_num;
	now->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
	copy_addresses(now->local_addr, now->remote_addr, sk);
}

static __noinline void describe_time_wait(struct tcp_time_wait *now, struct tcp_timewait_sock *tw,
					  __u64 cookie)
{
	now->size = sizeof(*now);
	now->version = TCPSTATES_VERSION;
	now->kind = TCP_RECORD_TIME_WAIT;
	now->substate = tw->tw_sk.tw_substate;
	now->socket_id = cookie;
}

static __always_inline void list_time_wait(struct seq_file *seq, struct sock_common *skc)
{
	struct tcp_timewait_sock *tw = bpf_skc_to_tcp_timewait_sock(skc);
	__u64 cookie = skc->skc_cookie.counter;
	struct tcp_time_wait now;

	/* The mark went with the socket: whose it was, the agent knows. Ours had a cookie. */
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
	if (!listener_id) /* ours have a cookie */
		return;
	describe_request(&now, req, listener_id);
	bpf_seq_write(seq, &now, sizeof(now));
}

/* Runs when the agent reads it; once more for a socket whose record had no room. */
SEC("iter/tcp")
int sockets_now(struct bpf_iter__tcp *ctx)
{
	struct sock_common *skc = ctx->sk_common;
	struct tcp_control *ctl;
	struct tcp_snapshot now;
	struct tcp_socket *s;
	struct tcp_sock *tcp;
	__u32 zero = 0;
	int left_out;

	ctl = bpf_map_lookup_elem(&control, &zero);
	if (!skc || !ctl)
		return 0;
	left_out = !listed(ctl, (struct sock *)skc);
	if (left_out && skc->skc_state != TCP_LISTEN)
		return 0;
	if (skc->skc_state == TCP_TIME_WAIT) {
		list_time_wait(ctx->meta->seq, skc);
		return 0;
	}
	if (skc->skc_state == TCP_NEW_SYN_RECV) {
		list_request(ctx->meta->seq, skc);
		return 0;
	}
	tcp = bpf_skc_to_tcp_sock(skc);
	if (!tcp)
		return 0;
	s = bpf_sk_storage_get(&sockets, tcp, NULL, 0);
	if (!s)
		return 0;
	describe_snapshot(&now, tcp, s);
	now.left_out = left_out;
	bpf_seq_write(ctx->meta->seq, &now, sizeof(now));
	return 0;
}

#endif
