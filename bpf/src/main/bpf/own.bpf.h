/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Own mode: the programs serve one JVM, which has loaded them; each mark is this JVM's. */
#ifndef TCPSTATES_OWN_BPF_H
#define TCPSTATES_OWN_BPF_H

#include "ends.bpf.h"
#include "kernel.h"
#include "tcpstates.h"

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

/* All that is in the maps is entry 0's. */
static __always_inline __u64 owner_of(const struct tcp_socket *s)
{
	return 0;
}

static __always_inline void set_owner(struct tcp_socket *s, __u64 owner)
{
}

/* No mark outlives its agent, with whose maps it goes. */
static __always_inline int is_stale(const struct tcp_socket *s)
{
	return 0;
}

/* The owner that the task on the CPU may be; is_current_owner() says whether it is. */
static __always_inline __u64 current_owner(void)
{
	return 0;
}

static __always_inline int is_current_owner(struct tcp_control *ctl)
{
	struct bpf_pidns_info ids = {};

	/* Fails in a process of another PID namespace, which is not the owner either. */
	if (bpf_get_ns_current_pid_tgid(ctl->pidns_dev, ctl->pidns_ino, &ids, sizeof(ids)))
		return 0;
	return ids.tgid == ctl->pid;
}

/* The task on the CPU, in the agent's PID namespace. Not 0: it is of another namespace. */
static __always_inline long ids_of_task(struct tcp_control *ctl, const struct tcp_socket *s,
					struct bpf_pidns_info *ids)
{
	return bpf_get_ns_current_pid_tgid(ctl->pidns_dev, ctl->pidns_ino, ids, sizeof(*ids));
}

static __always_inline struct tcp_control *settings_of(__u64 owner)
{
	__u32 entry = owner;

	return bpf_map_lookup_elem(&control, &entry);
}

/*
 * Of this CPU: a program stays on it. A CPU that the agent did not know of counts where the
 * first one does, for all adds are atomic.
 */
static __always_inline struct tcp_counters *counters_of(__u64 owner)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct tcp_counters *n = bpf_map_lookup_elem(&counters, &cpu);

	if (n)
		return n;
	cpu = 0;
	return bpf_map_lookup_elem(&counters, &cpu);
}

static __always_inline void *ring_of(__u64 owner)
{
	return &records;
}

/* The records that are wanted by the ports of a socket, in bits of enum tcp_recording. */
static __always_inline __u32 wanted_by_ports(__u64 owner, const struct ends *of, int any_local)
{
	struct tcp_ports *by;
	__u32 zero = 0;

	by = bpf_map_lookup_elem(&ports, &zero);
	if (!by)
		return 0;
	return by->remote[of->remote_port] & (any_local ? ~0 : by->local[of->local_port]);
}

#endif
