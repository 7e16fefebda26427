/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps: what the programs and the agent share. There is one mark of a socket; the rest
 * there is once in own mode, and once for each registered JVM in node mode.
 */
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

#ifdef TCPSTATES_NODE
#include "node.bpf.h"
#else
#include "own.bpf.h"
#endif

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* For what is seldom counted: looks up the counters. */
#define COUNT(socket, counter)                                                                     \
	do {                                                                                       \
		struct tcp_counters *here = counters_of(owner_of(socket));                         \
		if (here)                                                                          \
			count(&here->counter);                                                     \
	} while (0)

#endif
