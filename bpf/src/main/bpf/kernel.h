/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel types that are read, with only the fields that are read. The
 * loader finds the fields' real offsets in the running kernel's BTF (CO-RE).
 */
#ifndef TCPSTATES_KERNEL_H
#define TCPSTATES_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#define AF_INET6 10
#define IPPROTO_TCP 6

#define EBUSY 16

/* include/net/sock.h, enum sock_flags */
#define SOCK_DEAD 0 /* no descriptor is left */
#define SOCK_DONE 1 /* the other side's FIN has come */

/* include/net/tcp_states.h */
enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT = 2,
	TCP_SYN_RECV = 3,
	TCP_FIN_WAIT1 = 4,
	TCP_FIN_WAIT2 = 5,
	TCP_TIME_WAIT = 6,
	TCP_CLOSE = 7,
	TCP_CLOSE_WAIT = 8,
	TCP_LAST_ACK = 9,
	TCP_LISTEN = 10,
	TCP_CLOSING = 11,
	TCP_NEW_SYN_RECV = 12,
};

#define RCV_SHUTDOWN 1 /* nobody will read what comes */

#define TCPHDR_FIN 0x01
#define TCPHDR_SYN 0x02

/* include/net/inet_connection_sock.h: the timer that is set or has just run out */
#define ICSK_TIME_RETRANS 1
#define ICSK_TIME_LOSS_PROBE 5
#define ICSK_TIME_REO_TIMEOUT 6

/* include/uapi/linux/tcp.h, enum tcp_ca_state */
#define TCP_CA_Recovery 3

struct seq_file;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr {
	union {
		__be32 u6_addr32[4];
	} in6_u;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	union {
		unsigned long skc_flags;
		struct sock *skc_listener; /* of a request */
	};
};

struct timer_list {
	unsigned long expires;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	int sk_err;
	int sk_err_soft;
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
	atomic_t sk_drops;
	__u8 sk_shutdown;
	struct socket *sk_socket;
	struct timer_list tcp_retransmit_timer; /* from Linux 6.19; icsk_retransmit_timer before */
	struct bpf_local_storage *sk_bpf_storage;
};

struct inet_sock {
	__be16 inet_sport;
};

struct request_sock_queue {
	atomic_t qlen;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct request_sock_queue icsk_accept_queue;
	struct timer_list icsk_retransmit_timer;
	__u32 icsk_rto;
	__u32 icsk_rto_max; /* from Linux 6.15 */
	__u32 icsk_user_timeout;
	__u8 icsk_ca_state : 5;
	__u8 icsk_retransmits;
	__u8 icsk_pending;
	__u8 icsk_backoff;
	struct {
		__u32 lrcvtime;
	} icsk_ack;
};

struct minmax_sample {
	__u32 v;
};

struct minmax {
	struct minmax_sample s[3];
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u64 bytes_sent;
	__u64 bytes_received;
	__u64 bytes_acked;
	__u64 bytes_retrans;
	__u32 segs_out;
	__u32 segs_in;
	__u32 total_retrans;
	__u32 srtt_us;
	__u32 snd_cwnd;
	struct minmax rtt_min;
	__u32 rcv_nxt;
	__u32 snd_una;
	__u32 retrans_stamp;
	__u8 tcp_usec_ts : 1; /* from Linux 6.7 */
	__u32 write_seq;
	__u32 copied_seq;
	__u32 lsndtime;
	__u32 rcv_tstamp;
};

/* A connection half open in a listener's queue. */
struct request_sock {
	struct sock_common __req_common;
	__u8 num_retrans;
};

struct inet_request_sock {
	struct request_sock req;
};

struct tcp_request_sock {
	struct inet_request_sock req;
	__u64 snt_synack;
};

struct inet_timewait_sock {
	unsigned char tw_substate;
};

struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
};

struct sk_buff {
	unsigned int len;
	__u16 network_header;
	__u16 transport_header;
	char cb[48];
	unsigned char *head;
};

/* What TCP keeps in a segment's cb. */
struct tcp_skb_cb {
	__u16 tcp_gso_segs;
	__u8 tcp_flags;
};

/* Only its name and that it is an enum are compared with the kernel's. */
enum sk_rst_reason___any {
	SK_RST_REASON_NOT_SPECIFIED = 0,
};

/* Signatures of tracepoints that have grown: the first argument is the program's own. */
typedef void (*btf_trace_tcp_retransmit_skb___with_error)(void *, const struct sock *,
							  const struct sk_buff *, int);
typedef void (*btf_trace_tcp_send_reset___with_reason)(void *, const struct sock *,
						       const struct sk_buff *,
						       enum sk_rst_reason___any);

struct socket {
	struct sock *sk;
};

struct file {
	struct {
		atomic64_t refcnt;
	} f_ref;
};

/* Before Linux 6.13. */
struct file___counted {
	atomic64_t f_count;
};

struct pid_namespace {
	struct {
		unsigned int inum;
	} ns;
};

struct nsproxy {
	struct pid_namespace *pid_ns_for_children;
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *group_leader;
	__u64 start_boottime;
	__u64 self_exec_id;
	struct nsproxy *nsproxy;
	char comm[16]; /* TASK_COMM_LEN */
};

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	union {
		struct bpf_iter_meta *meta;
	};
	union {
		struct task_struct *task;
	};
};

struct bpf_map {
	char name[16]; /* BPF_OBJ_NAME_LEN */
	__u32 value_size;
	__u32 max_entries;
};

struct bpf_iter__bpf_map {
	union {
		struct bpf_iter_meta *meta;
	};
	union {
		struct bpf_map *map;
	};
};

struct bpf_iter__task_file {
	union {
		struct bpf_iter_meta *meta;
	};
	union {
		struct task_struct *task;
	};
	__u32 fd;
	union {
		struct file *file;
	};
};

struct bpf_iter__tcp {
	union {
		struct bpf_iter_meta *meta;
	};
	union {
		struct sock_common *sk_common;
	};
};

#pragma clang attribute pop

/*
 * A field that another build of the kernel may lack, or name otherwise: 0 there. Without
 * this, the loader makes the read an instruction that the verifier refuses.
 */
#define READ_IF_THERE(pointer, field)                                                              \
	(bpf_core_field_exists((pointer)->field) ? (pointer)->field : 0)

#endif
