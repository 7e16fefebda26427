/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a socket has sent and received, by the kernel's own counts. */
#ifndef TCPSTATES_TRAFFIC_BPF_H
#define TCPSTATES_TRAFFIC_BPF_H

#include "kernel.h"
#include "maps.bpf.h"

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

/* The age of a time that the kernel noted in ticks. */
static __always_inline __u64 age_ns(struct tcp_control *ctl, __u32 noted)
{
	__s32 ticks = (__u32)bpf_jiffies64() - noted;

	return ticks > 0 ? (__u64)ticks * ctl->tick_ns : 0;
}

static __always_inline __u64 age_of_last_sent(struct tcp_control *ctl, struct tcp_sock *tcp)
{
	return age_ns(ctl, READ_IF_THERE(tcp, lsndtime));
}

static __always_inline __u64 age_of_last_received(struct tcp_control *ctl, struct tcp_sock *tcp)
{
	return age_ns(ctl, READ_IF_THERE(tcp, inet_conn.icsk_ack.lrcvtime));
}

static __always_inline __u64 age_of_last_ack(struct tcp_control *ctl, struct tcp_sock *tcp)
{
	return age_ns(ctl, READ_IF_THERE(tcp, rcv_tstamp));
}

/* When the timer of retransmits runs out, in ticks; 0: not known. */
static __always_inline unsigned long retransmit_expires(struct tcp_sock *tcp)
{
	struct sock *sk = (struct sock *)tcp;

	if (bpf_core_field_exists(sk->tcp_retransmit_timer))
		return sk->tcp_retransmit_timer.expires;
	return READ_IF_THERE(tcp, inet_conn.icsk_retransmit_timer.expires);
}

/* How long until the next retransmit; ~0: none is due, as with a window of zero. */
static __always_inline __u64 until_retransmit(struct tcp_control *ctl, struct tcp_sock *tcp)
{
	__u8 timer = READ_IF_THERE(tcp, inet_conn.icsk_pending);
	unsigned long expires = retransmit_expires(tcp);
	__s64 ticks = expires - bpf_jiffies64();

	/* The timers that come before it are shorter. */
	if (timer == ICSK_TIME_LOSS_PROBE || timer == ICSK_TIME_REO_TIMEOUT)
		ticks = READ_IF_THERE(tcp, inet_conn.icsk_rto);
	else if (timer != ICSK_TIME_RETRANS || !expires)
		return ~0ULL;
	return ticks > 0 ? ticks * ctl->tick_ns : 0;
}

/* The age of the first retransmit since the last progress; ~0: there was none. */
static __always_inline __u64 age_of_first_retransmit(struct tcp_sock *tcp)
{
	__u32 noted = READ_IF_THERE(tcp, retrans_stamp);
	__u64 unit = 1000000;

	if (!noted)
		return ~0ULL;
	if (bpf_core_field_exists(tcp->tcp_usec_ts) && BPF_CORE_READ_BITFIELD(tcp, tcp_usec_ts))
		unit = 1000;
	return ((__u32)(bpf_ktime_get_ns() / unit) - noted) * unit;
}

/*
 * How long an established connection has been without data. Data that is not acknowledged
 * does not end that time: it is what the other side answers with a reset, or not at all. An
 * acknowledgement does, unless it came with the other side's FIN.
 */
static __noinline __u64 idle_ns(struct tcp_control *ctl, struct tcp_sock *tcp, struct tcp_socket *s,
				__u64 now_ns)
{
	__u64 received = age_of_last_received(ctl, tcp);
	__u64 other;

	if (!unacknowledged(tcp)) {
		other = age_of_last_sent(ctl, tcp);
	} else {
		other = age_of_last_ack(ctl, tcp);
		if (s->state == TCP_CLOSE_WAIT && other + 2 * ctl->tick_ns >= now_ns - s->since_ns)
			return received;
	}
	return other < received ? other : received;
}

/*
 * Counts retransmitted segments that no program saw. The kernel also counts those that could
 * not be sent; where it does not report these, nothing is known.
 */
static __always_inline void count_missed_retransmits(struct tcp_sock *tcp, __u32 seen,
						     struct tcp_socket *s)
{
	__u32 missed = READ_IF_THERE(tcp, total_retrans) - seen;
	struct tcp_counters *n;

	if (!bpf_core_type_matches(btf_trace_tcp_retransmit_skb___with_error) || !missed)
		return;
	n = counters_of(owner_of(s));
	if (n)
		__sync_fetch_and_add(&n->retransmits_skipped, missed);
}

#endif
