/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps: what the programs and the agent share. */
#ifndef TCPSTATES_MAPS_BPF_H
#define TCPSTATES_MAPS_BPF_H

#include "kernel.h"
#include "tcpstates.h"

/*
 * The owner mark, in the socket itself.
 * Inserted: by tcp_state, at a socket's first transition; by the kernel, as a copy of
 *           the listener's, when it clones the listener into a child; by open_sockets,
 *           for sockets older than the agent; by the agent, for those that had no
 *           descriptor then, because they waited in an accept queue.
 * Deleted:  by the kernel, with the socket.
 * Read:     by all programs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct tcp_socket);
} sockets SEC(".maps");

/*
 * The records, in order.
 * Inserted: by the programs at tracepoints.
 * Deleted, read: by the agent, in its mapping of the ring.
 * The agent sets the size before it loads.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} records SEC(".maps");

/*
 * The agent's settings, one entry that is always there.
 * Changed: by the agent, in its mapping. Read: by all programs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_control);
} control SEC(".maps");

/*
 * One entry for each CPU there can be, always there. Not a per-CPU map: these can't be
 * mapped. The agent sets how many before it loads.
 * Changed: by the programs, and by the agent where it corrects a gauge.
 * Read: by the agent.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_counters);
} counters SEC(".maps");

/*
 * For each port, the records that are wanted of its sockets, one entry that is always there.
 * Changed: by the agent, in its mapping. Read: by the filter, if there is any.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_ports);
} ports SEC(".maps");

static __always_inline struct tcp_control *settings(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* Of this CPU: a program stays on it. */
static __always_inline struct tcp_counters *counters_here(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&counters, &cpu);
}

/* For what is seldom counted: looks up the counters. */
#define COUNT(counter)                                                                             \
	do {                                                                                       \
		struct tcp_counters *here = counters_here();                                       \
		if (here)                                                                          \
			count(&here->counter);                                                     \
	} while (0)

#endif
