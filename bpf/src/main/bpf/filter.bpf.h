/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which sockets are told of: a part of tcpstates.bpf.c. It is judged by the socket,
 * each time, for its ends don't change but for the local port, which is 0 until
 * the kernel has chosen one.
 */
#ifndef TCPSTATES_FILTER_H
#define TCPSTATES_FILTER_H

/*
 * For each port, the records that are wanted of its sockets; one entry that is always there.
 * Inserted, changed: by the agent, in its mapping. Deleted: never. Read: here, if
 * there is any filter.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_ports);
} ports SEC(".maps");

/* Both ends of a connection, as records have them. */
struct ends {
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port;
	__u16 remote_port;
};

static __always_inline int is_ipv4(const __u8 addr[16])
{
	const __u32 *words = (const __u32 *)addr;

	return !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

static __always_inline int is_loopback(const __u8 addr[16])
{
	const __u32 *words = (const __u32 *)addr;

	if (is_ipv4(addr))
		return addr[12] == 127;
	return !words[0] && !words[1] && !words[2] && words[3] == bpf_htonl(1);
}

/*
 * What is wanted of a connection, in bits of enum tcp_recording: now, or once its
 * local port will be known, whichever it is. A global function: the verifier walks
 * through it once, and not again on each path that leads to it.
 */
__noinline __u32 wanted_of(const struct ends *of, int any_local)
{
	struct tcp_control *ctl;
	struct tcp_ports *by;
	__u32 zero = 0;
	__u32 wanted;

	ctl = bpf_map_lookup_elem(&control, &zero);
	by = bpf_map_lookup_elem(&ports, &zero);
	if (!of || !ctl || !by)
		return 0;
	wanted = by->remote[of->remote_port];
	if (!any_local)
		wanted &= by->local[of->local_port];
	/* A listener for both is IPv6, as is its address. */
	wanted &= is_ipv4(of->local_addr) || is_ipv4(of->remote_addr) ? ctl->ipv4 : ctl->ipv6;
	if (is_loopback(of->local_addr) || is_loopback(of->remote_addr))
		wanted &= ctl->loopback;
	return wanted;
}

static __always_inline void ends_of(struct ends *of, struct sock *sk)
{
	copy_addresses(of->local_addr, of->remote_addr, sk);
	of->local_port = local_port(sk);
	of->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
}

/* Whether the iterators are to list what this is, a socket or one of its stand-ins. */
static __always_inline int listed(struct tcp_control *ctl, struct sock *sk)
{
	struct ends of;

	if (!ctl->filtered)
		return 1;
	ends_of(&of, sk);
	return !!(wanted_of(&of, 0) & TCP_RECORDING_LISTS);
}

#endif
