/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way of a record into the ring. */
#ifndef TCPSTATES_RING_BPF_H
#define TCPSTATES_RING_BPF_H

#include "maps.bpf.h"

/* How far from a mark still counts as at it: a few records, for other CPUs fill the ring too. */
#define NEAR_BYTES 1024

/*
 * The reader polls, for to wake it for each record costs ten times the rest. It is woken
 * when the ring fills up, and then not for each record either, for it may have to wait for
 * a CPU.
 */
static __always_inline int wakes(const struct tcp_control *ctl, __u64 waiting)
{
	__u64 step = ctl->wakeup_bytes / 16;

	return waiting >= ctl->wakeup_bytes && (!step || waiting % step < NEAR_BYTES);
}

/* Room for a record; NULL if the ring is full, or there is none any more. */
static __always_inline void *reserve(void *ring, __u64 bytes)
{
	return ring ? bpf_ringbuf_reserve(ring, bytes, 0) : NULL;
}

static __always_inline void submit(struct tcp_control *ctl, void *ring, void *record)
{
	__u64 waiting = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(record, wakes(ctl, waiting) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#endif
