/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Retransmitted segments, and resets. Most programs are there twice, as with the
 * transitions: the kernel runs no program inside itself, so of a softirq on top of the first
 * one only the second sees the segment. A socket is locked meanwhile, so its mark can keep
 * which segments the first program has seen.
 */
#ifndef TCPSTATES_SEGMENTS_BPF_H
#define TCPSTATES_SEGMENTS_BPF_H

#include "mark.bpf.h"
#include "ring.bpf.h"
#include "traffic.bpf.h"

#define set_ends(record, of)                                                                       \
	do {                                                                                       \
		__builtin_memcpy((record)->local_addr, (of)->local_addr, 16);                      \
		__builtin_memcpy((record)->remote_addr, (of)->remote_addr, 16);                    \
		(record)->local_port = (of)->local_port;                                           \
		(record)->remote_port = (of)->remote_port;                                         \
	} while (0)

/* The mark of an owned socket. */
static __always_inline struct tcp_socket *mark_of(struct tcp_control **ctl, struct sock *sk)
{
	struct tcp_socket *s;

	if (!sk)
		return NULL;
	/* Nothing for what is no full socket, such as a TIME_WAIT stand-in. */
	s = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	if (!s)
		return NULL;
	*ctl = settings_of(owner_of(s));
	return *ctl ? s : NULL;
}

/* The same, if records of this kind are wanted. */
static __always_inline struct tcp_socket *mark_if_wanted(struct tcp_control **ctl, struct sock *sk,
							 __u32 recording)
{
	struct tcp_socket *s = mark_of(ctl, sk);

	return s && (*ctl)->recording & recording ? s : NULL;
}

static __always_inline int is_included(struct tcp_control *ctl, const struct ends *of,
				       __u32 recording, struct tcp_socket *s)
{
	return !ctl->filtered || wanted_of(of, 0, owner_of(s)) & recording;
}

/* By what the kernel does, for it gives no name to what it retransmits. */
static __always_inline __u8 kind_of_segment(struct tcp_sock *tcp, const struct tcp_skb_cb *cb,
					    __u32 bytes)
{
	const struct inet_connection_sock *icsk = &tcp->inet_conn;

	if (cb->tcp_flags & TCPHDR_SYN)
		return TCP_SEGMENT_SYN;
	/*
	 * The probe's timer is still noted while the probe is sent. It may also be when an
	 * acknowledgement has brought on a recovery, but then the kernel is in that state.
	 */
	if (icsk->icsk_pending == ICSK_TIME_LOSS_PROBE &&
	    BPF_CORE_READ_BITFIELD(icsk, icsk_ca_state) < TCP_CA_Recovery)
		return TCP_SEGMENT_LOSS_PROBE;
	return cb->tcp_flags & TCPHDR_FIN && !bytes ? TCP_SEGMENT_FIN : TCP_SEGMENT_DATA;
}

static __noinline void describe_retransmit(struct tcp_retransmit *r, struct sock *sk,
					   struct tcp_socket *s, struct sk_buff *skb)
{
	const struct tcp_skb_cb *cb = (const struct tcp_skb_cb *)skb->cb;
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);

	r->header = TCP_HEADER(r, TCP_RECORD_RETRANSMIT);
	r->state = sk->__sk_common.skc_state;
	r->bytes_retransmitted = skb->len;
	r->segment = tcp ? kind_of_segment(tcp, cb, r->bytes_retransmitted) : 0;
	r->segments = cb->tcp_gso_segs;
	r->socket_id = bpf_get_socket_cookie(sk);
	r->listener_id = s->listener_id;
	r->time_ns = bpf_ktime_get_ns();
	r->retransmits = s->retransmits;
	r->reserved = 0;
}

static __always_inline int report_retransmit(unsigned long long *ctx, struct sock *sk,
					     struct sk_buff *skb)
{
	struct tcp_retransmit *r;
	struct tcp_control *ctl;
	struct tcp_socket *s;
	struct tcp_sock *tcp;
	struct ends of;
	__u32 before;
	void *ring;
	int error = 0;

	/* Newer kernels also report what could not be sent, which is tried again. */
	if (bpf_core_type_matches(btf_trace_tcp_retransmit_skb___with_error))
		error = (int)ctx[2];
	if (error == -EBUSY) /* still in a queue from the last time, and not counted either */
		return 0;
	/* Of each, so that the mark is up to date when a recording begins. */
	s = mark_of(&ctl, sk);
	if (!s)
		return 0;
	tcp = bpf_skc_to_tcp_sock(sk);
	/* The kernel has counted these segments already. The other program has, too? */
	if (!tcp || s->retransmits == tcp->total_retrans)
		return 0;
	before = s->retransmits;
	s->retransmits = tcp->total_retrans;
	if (error)
		return 0;
	ends_of(&of, sk);
	if (!(ctl->recording & TCP_RECORDING_RETRANSMITS) ||
	    !is_included(ctl, &of, TCP_RECORDING_RETRANSMITS, s))
		return 0;
	if (s->state) /* else just adopted: nothing is known of what was before */
		count_missed_retransmits(tcp, before + ((struct tcp_skb_cb *)skb->cb)->tcp_gso_segs,
					 s);
	ring = ring_of(owner_of(s));
	r = reserve(ring, sizeof(*r));
	if (!r) {
		COUNT(s, retransmits_lost);
		return 0;
	}
	describe_retransmit(r, sk, s, skb);
	set_ends(r, &of);
	submit(ctl, ring, r);
	return 0;
}

static __noinline void describe_synack(struct tcp_retransmit *r, struct sock *sk,
				       struct tcp_socket *s, struct request_sock *req)
{
	int listens = sk->__sk_common.skc_state == TCP_LISTEN;

	r->header = TCP_HEADER(r, TCP_RECORD_RETRANSMIT);
	r->segment = TCP_SEGMENT_SYN_ACK;
	r->segments = 1;
	r->time_ns = bpf_ktime_get_ns();
	r->bytes_retransmitted = 0;
	/* The child that the connection becomes goes on counting from here. */
	r->retransmits = req->num_retrans + 1;
	r->reserved = 0;
	if (listens) {
		r->state = TCP_NEW_SYN_RECV;
		/* The child gets it, too. */
		r->socket_id = bpf_get_socket_cookie(req);
		r->listener_id = s->socket_id;
	} else {
		/* With TCP Fast Open, the child is there before the handshake is complete. */
		r->state = sk->__sk_common.skc_state;
		r->socket_id = bpf_get_socket_cookie(sk);
		r->listener_id = s->listener_id;
	}
}

static __always_inline int report_synack(struct sock *sk, struct request_sock *req)
{
	struct tcp_retransmit *r;
	struct tcp_control *ctl;
	struct tcp_socket *s = mark_if_wanted(&ctl, sk, TCP_RECORDING_RETRANSMITS);
	struct ends of;
	void *ring;

	if (!s)
		return 0;
	ends_of(&of, (struct sock *)req); /* both begin with what is read there */
	if (!is_included(ctl, &of, TCP_RECORDING_RETRANSMITS, s))
		return 0;
	ring = ring_of(owner_of(s));
	r = reserve(ring, sizeof(*r));
	if (!r) {
		COUNT(s, retransmits_lost);
		return 0;
	}
	describe_synack(r, sk, s, req);
	set_ends(r, &of);
	submit(ctl, ring, r);
	return 0;
}

/* The ends of the connection that a segment came in on, this side's first. */
static __always_inline void ends_of_segment(struct ends *of, const struct sk_buff *skb)
{
	const unsigned char *ip = skb->head + skb->network_header;
	const unsigned char *tcp = skb->head + skb->transport_header;
	__be32 v4[2] = {};
	__be16 ports[2] = {};
	__u8 version = 0;

	bpf_probe_read_kernel(&version, sizeof(version), ip);
	if (version >> 4 == 6) {
		bpf_probe_read_kernel(of->remote_addr, sizeof(of->remote_addr), ip + 8);
		bpf_probe_read_kernel(of->local_addr, sizeof(of->local_addr), ip + 24);
	} else {
		bpf_probe_read_kernel(v4, sizeof(v4), ip + 12);
		map_address(of->remote_addr, v4[0]);
		map_address(of->local_addr, v4[1]);
	}
	bpf_probe_read_kernel(ports, sizeof(ports), tcp);
	of->remote_port = bpf_ntohs(ports[0]);
	of->local_port = bpf_ntohs(ports[1]);
}

/* How long the connection that is reset has been without data. */
static __always_inline __u64 idle_before(struct tcp_control *ctl, struct sock *sk,
					 struct tcp_socket *s, __u32 state)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);

	if (!tcp || state == TCP_LISTEN || state == TCP_SYN_SENT || state == TCP_SYN_RECV)
		return ~0ULL;
	if (s->state == TCP_CLOSE && state == TCP_ESTABLISHED)
		return s->idle_ns;
	return idle_ns(ctl, tcp, s, bpf_ktime_get_ns());
}

static __noinline void describe_reset(struct tcp_reset *r, struct tcp_control *ctl, struct sock *sk,
				      struct tcp_socket *s)
{
	int closed = s->state == TCP_CLOSE;

	r->header = TCP_HEADER(r, TCP_RECORD_RESET);
	/* Where this side gives up, the kernel closes the socket before it sends the reset. */
	r->state = closed ? s->left : sk->__sk_common.skc_state;
	r->socket_id = bpf_get_socket_cookie(sk);
	r->listener_id = s->listener_id;
	r->time_ns = closed ? s->since_ns : bpf_ktime_get_ns();
	r->idle_ns = idle_before(ctl, sk, s, r->state);
	r->reserved = 0;
}

/*
 * The kernel handles data that nobody will read as if a reset had come, and then
 * sends one.
 */
static __always_inline __u8 direction_received(struct sock *sk)
{
	int state = sk->__sk_common.skc_state;

	return (state == TCP_FIN_WAIT1 || state == TCP_FIN_WAIT2) &&
			       BPF_CORE_READ_BITFIELD(sk, sk_shutdown) & RCV_SHUTDOWN
		       ? TCP_RESET_RECEIVED_OR_ABORT
		       : TCP_RESET_RECEIVED;
}

static __always_inline int report_reset(struct sock *sk, const struct sk_buff *skb, int sent,
					__u16 reason, int again)
{
	struct tcp_control *ctl;
	struct tcp_socket *s = mark_if_wanted(&ctl, sk, TCP_RECORDING_RESETS);
	__u32 seen = 1 << sent;
	struct tcp_reset *r;
	struct ends of;
	void *ring;

	if (!s)
		return 0;
	if (sk->__sk_common.skc_state == TCP_LISTEN) {
		/* Not locked, but always in a softirq: the first program sees it. */
		if (again)
			return 0;
	} else if (!again) {
		s->resets_seen |= seen;
	} else if (s->resets_seen & seen) {
		s->resets_seen &= ~seen;
		return 0;
	}
	/* A listener answers what fits none of its connections. */
	if (sk->__sk_common.skc_state == TCP_LISTEN && skb)
		ends_of_segment(&of, skb);
	else
		ends_of(&of, sk);
	if (!is_included(ctl, &of, TCP_RECORDING_RESETS, s))
		return 0;
	ring = ring_of(owner_of(s));
	r = reserve(ring, sizeof(*r));
	if (!r) {
		COUNT(s, resets_lost);
		return 0;
	}
	describe_reset(r, ctl, sk, s);
	set_ends(r, &of);
	r->direction = sent ? TCP_RESET_SENT : direction_received(sk);
	r->reason = reason;
	submit(ctl, ring, r);
	return 0;
}

/* Newer kernels say why. */
static __always_inline __u16 reason_of_reset(unsigned long long *ctx)
{
	return bpf_core_type_matches(btf_trace_tcp_send_reset___with_reason) ? ctx[2] : 0;
}

#endif
