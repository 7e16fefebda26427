/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Both ends of a socket: addresses, IPv4 mapped into IPv6, and ports in host byte order. */
#ifndef TCPSTATES_ENDS_BPF_H
#define TCPSTATES_ENDS_BPF_H

#include "kernel.h"

/* Both ends of a connection, as records have them; aligned, for they are written by words. */
struct ends {
	__u8 local_addr[16] __attribute__((aligned(8)));
	__u8 remote_addr[16] __attribute__((aligned(8)));
	__u16 local_port;
	__u16 remote_port;
};

static __always_inline void copy_address(__u8 to[16], const struct in6_addr *from)
{
	__u32 *words = (__u32 *)to;

	words[0] = from->in6_u.u6_addr32[0];
	words[1] = from->in6_u.u6_addr32[1];
	words[2] = from->in6_u.u6_addr32[2];
	words[3] = from->in6_u.u6_addr32[3];
}

static __always_inline void map_address(__u8 to[16], __be32 from)
{
	__u32 *words = (__u32 *)to;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = from;
}

static __always_inline void copy_addresses(__u8 local[16], __u8 remote[16], struct sock *sk)
{
	/* A kernel without IPv6 lacks these two fields. */
	if (bpf_core_field_exists(sk->__sk_common.skc_v6_daddr) &&
	    sk->__sk_common.skc_family == AF_INET6) {
		copy_address(local, &sk->__sk_common.skc_v6_rcv_saddr);
		copy_address(remote, &sk->__sk_common.skc_v6_daddr);
	} else {
		map_address(local, sk->__sk_common.skc_rcv_saddr);
		map_address(remote, sk->__sk_common.skc_daddr);
	}
}

static __always_inline __u16 local_port(struct sock *sk)
{
	__u16 port = sk->__sk_common.skc_num;
	struct tcp_sock *tcp;

	if (port)
		return port;
	/* At -> CLOSE the kernel has given it back already, but inet_sport still has it. */
	tcp = bpf_skc_to_tcp_sock(sk);
	return tcp ? bpf_ntohs(READ_IF_THERE(tcp, inet_conn.icsk_inet.inet_sport)) : 0;
}

static __always_inline void ends_of(struct ends *of, struct sock *sk)
{
	copy_addresses(of->local_addr, of->remote_addr, sk);
	of->local_port = local_port(sk);
	of->remote_port = bpf_ntohs(sk->__sk_common.skc_dport);
}

#endif
