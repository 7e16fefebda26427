/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The filter: which sockets are recorded. It judges the socket, each time: a socket's ends
 * don't change, except for the local port, which is 0 until the kernel has chosen one.
 */
#ifndef TCPSTATES_FILTER_BPF_H
#define TCPSTATES_FILTER_BPF_H

#include "ends.bpf.h"
#include "maps.bpf.h"

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
__noinline __u32 wanted_of(const struct ends *of, int any_local, __u64 owner)
{
	struct tcp_control *ctl = settings_of(owner);
	__u32 wanted;

	if (!of || !ctl)
		return 0;
	wanted = wanted_by_ports(owner, of, any_local);
	/* A listener for both is IPv6, as is its address. */
	wanted &= is_ipv4(of->local_addr) || is_ipv4(of->remote_addr) ? ctl->ipv4 : ctl->ipv6;
	if (is_loopback(of->local_addr) || is_loopback(of->remote_addr))
		wanted &= ctl->loopback;
	return wanted;
}

/* Whether the filter includes a socket, a request sock or a TIME_WAIT in listings. */
static __always_inline int included(struct tcp_control *ctl, struct sock *sk, __u64 owner)
{
	struct ends of;

	if (!ctl->filtered)
		return 1;
	ends_of(&of, sk);
	return !!(wanted_of(&of, 0, owner) & TCP_RECORDING_LISTS);
}

#endif
