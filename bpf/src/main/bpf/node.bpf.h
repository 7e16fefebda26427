/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Node mode: the programs serve all JVMs that the node program has registered. A mark has the
 * number of its JVM's registration, its owner. The number is never given again, so a mark that
 * outlives the registration leads nowhere.
 *
 * A JVM can write its own pages, and nothing else. So nothing in them decides whose a socket
 * is: that is in the table of JVMs and in the marks, which only the node program and the kernel
 * side write.
 */
#ifndef TCPSTATES_NODE_BPF_H
#define TCPSTATES_NODE_BPF_H

#include "ends.bpf.h"
#include "kernel.h"
#include "tcpstates.h"

#define MOST_JVMS 4096

/*
 * The registered JVMs, by process id in the initial PID namespace.
 * Inserted, deleted: by the node program. Read: by all programs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_JVMS);
	__type(key, __u32);
	__type(value, struct tcp_jvm);
} jvms SEC(".maps");

/*
 * Of each owner, the ring with its records.
 * Inserted, deleted: by the node program. Read: by the JVM, in its mapping.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, MOST_JVMS);
	__type(key, __u64);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 1 << 16);
		});
} rings SEC(".maps");

/*
 * Of each owner, its settings, filter and counters: union tcp_page, TCPSTATES_PAGES of them, and
 * one more for each CPU there can be. The node program sets how many before it loads.
 * Inserted, deleted: by the node program. Changed: by the JVM, in its mapping, and the programs.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, MOST_JVMS);
	__type(key, __u64);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(map_flags, BPF_F_MMAPABLE);
			__uint(max_entries, TCPSTATES_PAGES + 1);
			__uint(key_size, sizeof(__u32));
			/* Of a map in a map, the compiler does not describe the type. */
			__uint(value_size, sizeof(union tcp_page));
		});
} pages SEC(".maps");

static __always_inline __u64 owner_of(const struct tcp_socket *s)
{
	return s->owner;
}

/*
 * What distinguishes a process from others with the same id, and from itself after exec. Not
 * inlined, so that the layout gets into the object's BTF.
 */
static __noinline void identify(struct tcp_process *p, struct task_struct *task)
{
	p->tgid = task->tgid;
	/* That of its children, but it has no threads unless it is its own. */
	p->pidns_ino = READ_IF_THERE(task, nsproxy->pid_ns_for_children->ns.inum);
	p->start_ns = READ_IF_THERE(task, group_leader->start_boottime);
	p->exec_id = task->self_exec_id;
}

/* The registration of the process that the task on the CPU belongs to, if any. */
static __always_inline struct tcp_jvm *current_jvm(void)
{
	struct tcp_process p;
	struct tcp_jvm *jvm;

	p.tgid = bpf_get_current_pid_tgid() >> 32;
	jvm = bpf_map_lookup_elem(&jvms, &p.tgid);
	if (!jvm)
		return NULL;
	identify(&p, bpf_get_current_task_btf());
	return jvm->start_ns == p.start_ns && jvm->exec_id == p.exec_id ? jvm : NULL;
}

/* The same by its number; 0: none. */
static __always_inline __u64 current_owner(void)
{
	struct tcp_jvm *jvm = current_jvm();

	return jvm ? jvm->owner : 0;
}

/* The owner is the process that the task on the CPU belongs to. */
static __always_inline void set_owner(struct tcp_socket *s, __u64 owner)
{
	struct tcp_jvm *jvm = current_jvm();

	s->owner = owner;
	if (jvm) {
		s->pidns_dev = jvm->pidns_dev;
		s->pidns_ino = jvm->pidns_ino;
	}
}

static __always_inline int is_current_owner(struct tcp_control *ctl)
{
	return 1; /* current_owner() has found it */
}

/*
 * The task on the CPU, in the owner's PID namespace. Not 0: it is of another namespace. A JVM can
 * write the namespace in its settings, so the one in the mark is used.
 */
static __always_inline long ids_of_task(struct tcp_control *ctl, const struct tcp_socket *s,
					struct bpf_pidns_info *ids)
{
	return bpf_get_ns_current_pid_tgid(s->pidns_dev, s->pidns_ino, ids, sizeof(*ids));
}

static __noinline union tcp_page *page_of(__u64 owner, __u32 number)
{
	void *own = bpf_map_lookup_elem(&pages, &owner);

	return own ? bpf_map_lookup_elem(own, &number) : NULL;
}

static __always_inline struct tcp_control *settings_of(__u64 owner)
{
	union tcp_page *page = page_of(owner, TCPSTATES_PAGE_CONTROL);

	return page ? &page->control : NULL;
}

/*
 * Of this CPU: a program stays on it. A CPU that the node program did not know of counts where
 * the first one does, for all adds are atomic.
 */
static __always_inline struct tcp_counters *counters_of(__u64 owner)
{
	union tcp_page *page = page_of(owner, TCPSTATES_PAGES + bpf_get_smp_processor_id());

	if (!page)
		page = page_of(owner, TCPSTATES_PAGES);
	return page ? &page->counters : NULL;
}

static __always_inline void *ring_of(__u64 owner)
{
	return bpf_map_lookup_elem(&rings, &owner);
}

static __always_inline __u32 wanted_by_port(__u64 owner, __u32 first, __u16 port)
{
	union tcp_page *page = page_of(owner, first + (port >> 8));

	return page ? page->ports[port & 0xff] : 0;
}

/* The records that are wanted by the ports of a socket, in bits of enum tcp_recording. */
static __always_inline __u32 wanted_by_ports(__u64 owner, const struct ends *of, int any_local)
{
	__u32 wanted = wanted_by_port(owner, TCPSTATES_PAGE_REMOTE_PORTS, of->remote_port);

	return any_local
		       ? wanted
		       : wanted & wanted_by_port(owner, TCPSTATES_PAGE_LOCAL_PORTS, of->local_port);
}

/* The registration has ended: the JVM has detached, or this is another process. */
static __always_inline int is_stale(const struct tcp_socket *s)
{
	__u64 owner = owner_of(s);

	return !bpf_map_lookup_elem(&pages, &owner);
}

/*
 * The maps that JVMs have of the node program. Such a map is there for as long as anybody has a
 * descriptor or a mapping of it, whether it is still registered or not.
 */
static __noinline void describe_given(struct tcp_given *g, struct bpf_map *map)
{
#pragma unroll
	for (unsigned int i = 0; i < sizeof(g->name); i++)
		g->name[i] = map->name[i];
	/* Of a ring, there are no values. */
	g->size = (__u64)map->max_entries * (map->value_size ? map->value_size : 1);
}

static __always_inline int write_given(struct bpf_iter__bpf_map *ctx)
{
	struct bpf_map *map = ctx->map;
	struct tcp_given g;

	if (!map || map->name[0] != TCPSTATES_GIVEN[0] || map->name[1] != TCPSTATES_GIVEN[1] ||
	    map->name[2] != TCPSTATES_GIVEN[2] || map->name[3] != TCPSTATES_GIVEN[3])
		return 0;
	describe_given(&g, map);
	bpf_seq_write(ctx->meta->seq, &g, sizeof(g));
	return 0;
}

/* The process that the node program asks for. */
static __always_inline int write_process(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct tcp_process p;

	if (!task || task->pid != task->tgid)
		return 0;
	identify(&p, task);
	bpf_seq_write(ctx->meta->seq, &p, sizeof(p));
	return 0;
}

#endif
