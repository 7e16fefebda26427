/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel side and the Java side say to each other: the records in the
 * ring buffer, the value stored at each socket, and the control page.
 *
 * This is the only definition. A unit test reads the BTF of the compiled object
 * and compares every offset and size here with what the Java side uses.
 *
 * Rules: fixed-width fields, natural alignment, no padding the compiler chose,
 * every byte written. Host byte order, except addresses (network order, IPv4 as
 * ::ffff:a.b.c.d). Times are nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef TCPSTATES_H
#define TCPSTATES_H

#define TCPSTATES_VERSION 2

#define TCPSTATES_TASK_NAME 16 /* the kernel's TASK_COMM_LEN */
#define TCPSTATES_STATES 16    /* room for every TCP state; a power of two */
#define TCPSTATES_NEVER (~0u)  /* instead of an age */

enum tcp_record_kind {
	TCP_RECORD_TRANSITION = 1, /* struct tcp_transition */
	TCP_RECORD_END = 2,        /* struct tcp_end */
	TCP_RECORD_CONNECTION = 4, /* struct tcp_connection */
	TCP_RECORD_RETRANSMIT = 5, /* struct tcp_retransmit */
	TCP_RECORD_RESET = 6,      /* struct tcp_reset */
	TCP_RECORD_SNAPSHOT = 16,  /* struct tcp_snapshot, not in the ring but from an iterator */
	TCP_RECORD_TIME_WAIT = 17, /* struct tcp_time_wait, likewise */
};

/* How each record begins. */
struct tcp_header {
	__u16 size;   /* of the record, in bytes */
	__u8 version; /* TCPSTATES_VERSION */
	__u8 kind;    /* enum tcp_record_kind */
};

#define TCP_HEADER(record, record_kind)                                                            \
	((struct tcp_header){                                                                      \
		.size = sizeof(*(record)), .version = TCPSTATES_VERSION, .kind = (record_kind) })

/* One transition of one socket. */
struct tcp_transition {
	struct tcp_header header;
	__u32 task_id;        /* process that was on the CPU; 0: of another PID namespace */
	__u64 socket_id;      /* the socket cookie */
	__u64 listener_id;    /* cookie of the listener it was accepted from; 0: none */
	__u64 time_ns;        /* when it entered new_state */
	__u64 old_since_ns;   /* when it entered old_state; 0: not known */
	__u64 uncertainty_ns; /* the transition took place in [time_ns - this, time_ns] */
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port;  /* 0: none chosen yet */
	__u16 remote_port; /* 0: no peer */
	__u8 old_state;    /* TCP_ESTABLISHED ... as in the kernel's tcp_states.h */
	__u8 new_state;
	__u8 error;                          /* the socket's sk_err, an errno; 0: none */
	__u8 accepted;                       /* accept has returned it, in whatever process */
	__u8 task_name[TCPSTATES_TASK_NAME]; /* of task_id, zero-terminated */
};

enum tcp_closer {
	TCP_CLOSER_NONE = 0, /* no FIN from either side */
	TCP_CLOSER_LOCAL = 1,
	TCP_CLOSER_REMOTE = 2,
};

/* How long a connection was in the states that Connection reports, in nanoseconds. */
struct tcp_state_times {
	__u64 established;
	__u64 fin_wait; /* both of them */
	__u64 close_wait;
	__u64 last_ack;
};

/* A connection, or an attempt at one, has come to its end. */
struct tcp_connection {
	struct tcp_header header;
	__u8 old_state; /* the one it left for CLOSE */
	__u8 closer;    /* enum tcp_closer: whose FIN was first */
	__u16 error;    /* sk_err, an errno; 0: none */
	__u64 socket_id;
	__u64 listener_id;
	__u64 opened_ns;      /* its first transition; 0: older than the agent */
	__u64 established_ns; /* 0: never, or before the agent */
	__u64 time_ns;        /* when it entered CLOSE */
	struct tcp_state_times in_state;
	__u64 bytes_sent;     /* payload, without what was retransmitted */
	__u64 bytes_received; /* payload, in order */
	__u64 bytes_retransmitted;
	__u32 segments_sent;
	__u32 segments_received;
	__u32 retransmits;  /* segments */
	__u32 smoothed_rtt; /* microseconds; 0: never measured */
	__u32 minimum_rtt;  /* microseconds; ~0: never measured */
	__u32 unread;       /* bytes received that nobody read */
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port;
	__u16 remote_port;
	__u8 aborted;  /* it ended here and now, though FINs were on their way */
	__u8 accepted; /* accept has returned it, in whatever process */
	__u16 wanted;  /* what for: bits of enum tcp_recording */
	__u64 idle_ns; /* without data when it left ESTABLISHED; 0: not known */
};

enum tcp_segment {
	TCP_SEGMENT_SYN = 1,
	TCP_SEGMENT_SYN_ACK = 2,
	TCP_SEGMENT_DATA = 3,
	TCP_SEGMENT_FIN = 4,
	TCP_SEGMENT_LOSS_PROBE = 5, /* data or a FIN: the last that is not acknowledged */
};

/* A segment, or several at once, was retransmitted. */
struct tcp_retransmit {
	struct tcp_header header;
	__u8 state;     /* of the socket */
	__u8 segment;   /* enum tcp_segment */
	__u16 segments; /* how many */
	__u64 socket_id;
	__u64 listener_id;
	__u64 time_ns;
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 bytes_retransmitted; /* payload */
	__u32 retransmits; /* segments of this connection retransmitted so far, these included */
	__u32 reserved;
};

enum tcp_reset_direction {
	TCP_RESET_SENT = 0,
	TCP_RESET_RECEIVED = 1,
	TCP_RESET_RECEIVED_OR_ABORT = 2, /* the latter if one is sent right after it */
};

/* A reset was sent or received. */
struct tcp_reset {
	struct tcp_header header;
	__u8 state;     /* of the socket; if that is closed already, the one it left for CLOSE */
	__u8 direction; /* enum tcp_reset_direction */
	__u16 reason;   /* the running kernel's enum sk_rst_reason; 0: none given */
	__u64 socket_id;
	__u64 listener_id;
	__u64 time_ns; /* not after its entering CLOSE */
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u16 local_port;
	__u16 remote_port;
	__u32 reserved;
	__u64 idle_ns; /* without data until now; ~0: there can't have been any */
};

/* A socket has reached CLOSE while nobody records: its opener can be forgotten. */
struct tcp_end {
	struct tcp_header header;
	__u32 old_state; /* from some, a TIME_WAIT stand-in goes on under the same cookie */
	__u64 socket_id;
};

enum tcp_snapshot_flag {
	TCP_SNAPSHOT_ORPHAN = 1,  /* no descriptor is left */
	TCP_SNAPSHOT_ADOPTED = 2, /* it became owned when it was listed first, not by opening */
	TCP_SNAPSHOT_OLDER =
		4, /* it was open before it became owned: its counts may be from before */
	TCP_SNAPSHOT_EXCLUDED = 8,    /* by the filter */
	TCP_SNAPSHOT_SOFT_ERROR = 16, /* the network has reported one, such as no route */
	TCP_SNAPSHOT_SHARED = 32,     /* another process may have it, too; with a descriptor only */
	TCP_SNAPSHOT_ACCEPTED = 64,   /* accept has returned it, in whatever process */
};

/* An owned socket, or a request sock of any listener, as it is now. */
struct tcp_snapshot {
	struct tcp_header header;
	__u8 state;      /* the socket's; TCP_NEW_SYN_RECV: a request sock */
	__u8 mark_state; /* as of the last transition seen; 0: adopted now; CLOSE: not used yet */
	__u8 flags;      /* enum tcp_snapshot_flag */
	__u8 due;        /* as in struct tcp_socket */
	__u64 socket_id;
	__u64 listener_id; /* 0: none */
	__u64 since_ns;    /* when it entered mark_state; 0: not known */
	__u64 bytes_sent;  /* as in struct tcp_connection, these two */
	__u64 bytes_received;
	__u64 bytes_acknowledged; /* by the other side; SYN and FIN count as one each */
	__u32 last_sent;     /* age of the last payload sent or retransmitted, in milliseconds */
	__u32 last_received; /* of the last payload received; TCPSTATES_NEVER, these three */
	__u32 last_ack;      /* of the last acknowledgement received */
	__u32 timeout;       /* the retransmission timeout, with its backoff, in milliseconds */
	__u32 retransmits;   /* segments, since it was opened */
	__u16 timeouts;      /* of the retransmission timer, since the last progress */
	__u16 backoff;       /* how often they doubled the timeout */
	__u32 fd;            /* a descriptor of it; TCP_NO_FD: it was found without one */
	__u32 send_queue;    /* bytes written and not acknowledged; of a listener: its limit */
	__u32 receive_queue; /* bytes received and not read; of a listener: waiting for accept */
	__u32 smoothed_rtt;  /* microseconds; 0: never measured */
	__u32 congestion_window; /* segments */
	__u32 drops;             /* of a listener: connections and requests, since it was opened */
	__u32 half_open;         /* of a listener: its request socks */
	__u16 local_port;
	__u16 remote_port;
	__u8 local_addr[16];
	__u8 remote_addr[16];
	__u32 user_timeout;     /* the option TCP_USER_TIMEOUT, in milliseconds; 0: not set */
	__u32 longest_timeout;  /* that doubling leads to, in milliseconds */
	__u32 first_retransmit; /* age of the first since the last progress; TCPSTATES_NEVER */
	__u32 next_timeout;     /* milliseconds until the next retransmit; TCPSTATES_NEVER */
	__u32 segments_sent;    /* since it was opened, as in struct tcp_connection */
	__u32 reserved;
};

#define TCP_NO_FD (~0u)

/* What the kernel keeps of a socket, owned or not, once it has closed. */
struct tcp_time_wait {
	struct tcp_header header;
	__u32 substate; /* TCP_FIN_WAIT2: the other side's FIN has not come; else TCP_TIME_WAIT */
	__u64 socket_id;
};

enum tcp_pending {
	TCP_PENDING_NONE = 0,
	TCP_PENDING_SYN_RECV = 1, /* LISTEN -> SYN_RECV: who it is, is not known yet */
	TCP_PENDING_SYN_SENT = 2, /* CLOSE -> SYN_SENT: the filter waits for the local port */
};

/* The owner mark: it makes a socket an owned one, and is kept in the socket itself. */
struct tcp_socket {
	__u64 socket_id;   /* 0: a child that has no cookie of its own yet */
	__u64 listener_id; /* 0: none */
	__u64 since_ns;    /* when it entered state; 0: not known */
	__u32 state;       /* 0: just adopted, and in none of the counters yet */
	__u32 task_id;     /* with task_name: who was on the CPU at SYN_RECV */
	__u8 task_name[TCPSTATES_TASK_NAME];
	__u32 pending;     /* enum tcp_pending: a transition still to be reported */
	__u32 closer;      /* enum tcp_closer */
	__u32 adopted;     /* by the iterator */
	__u32 left;        /* the state before this one */
	__u32 retransmits; /* segments retransmitted, as of the last program that was run */
	__u32 resets_seen; /* by the first of two programs, and not yet by the second */
	__u32 due;    /* if there is a filter: records that its end makes (enum tcp_recording) */
	__u32 listed; /* the last listing that has it, by struct tcp_control's listing */
	__u64 pending_old_since_ns; /* of that transition */
	__u64 opened_ns;            /* as in struct tcp_connection, these four */
	__u64 established_ns;
	struct tcp_state_times in_state;
	__u64 idle_ns;
#ifdef TCPSTATES_NODE
	__u64 owner;     /* the registration of the JVM whose socket it is */
	__u32 pidns_dev; /* device and inode of its PID namespace, in the kernel's encoding */
	__u32 pidns_ino;
#endif
};

enum tcp_recording {
	TCP_RECORDING_TRANSITIONS = 1,
	TCP_RECORDING_CONNECTIONS = 2,
	TCP_RECORDING_RETRANSMITS = 4,
	TCP_RECORDING_RESETS = 8,
	TCP_RECORDING_TOTALS = 16, /* connection records, for their bytes */
	TCP_RECORDING_LISTS = 32,  /* of the iterators: always made */
};

/* The records that are wanted by port, in bits of enum tcp_recording. Port 0: none yet. */
struct tcp_ports {
	__u8 local[65536];
	__u8 remote[65536];
};

/*
 * What the programs have counted on one CPU; a number is the sum over all CPUs, and
 * of one alone may be negative. Whole cache lines, so that no CPU ever waits for
 * one that another has just written. With atomic adds, for an interrupt may come in
 * between.
 */
struct tcp_counters {
	__s64 sockets[TCPSTATES_STATES]; /* owned sockets in each state now; CLOSE is not counted */
	__u64 transitions;               /* of owned sockets, recorded or not */
	__u64 settled;                   /* of the transitions, those that the gauges show */
	__u64 records_lost;              /* transition records the ring had no room for */
	__u64 ends_lost;                 /* end records the ring had no room for */
	__u64 connections_lost;          /* connection records the ring had no room for */
	__u64 retransmits_lost;          /* retransmit records the ring had no room for */
	__u64 resets_lost;               /* reset records the ring had no room for */
	__u64 skipped;             /* transitions that no program was run for, seen as a gap */
	__u64 retransmits_skipped; /* retransmitted segments that no program was run for */
	__u64 no_memory;           /* sockets that could not be marked */
	__s64 due_transitions;     /* as struct tcp_socket's due: ends wanted as a transition */
	__s64 due_connections;     /* ends wanted as a connection */
	__u64 other_netns; /* sockets marked in another network namespace than the agent's */
	__u64 reserved[3];
};

/* The agent's settings, on one page that both sides map. */
struct tcp_control {
	/* Written by the agent before the programs are attached. */
	__u64 pidns_dev; /* device and inode of the PID namespace, in the kernel's encoding */
	__u64 pidns_ino;
	/* Written by the agent at any time. */
	__u32 pid;          /* the process whose sockets are owned, in that namespace; 0: none */
	__u32 recording;    /* enum tcp_recording: which records are wanted */
	__u64 wakeup_bytes; /* wake the reader when this much waits in the ring */
	__u32 netns_ino;    /* of the agent's network namespace */
	__u32 filtered;     /* whether what follows, and struct tcp_ports, leaves anything out */
	__u32 ipv4;         /* records that are wanted of IPv4, mapped into IPv6 or not */
	__u32 ipv6;
	__u32 loopback;  /* records that are wanted of loopback addresses */
	__u32 listing;   /* a number of its own for each listing of the owned sockets, not 0 */
	__u32 time_wait; /* whether sockets_now lists what is in TIME_WAIT */
	__u32 adopt;     /* whether open_sockets marks sockets that are not owned yet */
	__u32 tick_ns;   /* length of a tick; written before the programs are attached */
	__u32 reserved;
};

#ifdef TCPSTATES_NODE
/* A process, as the node program learns of it from the kernel. */
struct tcp_process {
	__u32 tgid;      /* in the initial PID namespace */
	__u32 pidns_ino; /* inode of its own PID namespace */
	__u64 start_ns;  /* CLOCK_BOOTTIME */
	__u64 exec_id;   /* how often it has called exec */
};

/* How the names of these maps begin. */
#define TCPSTATES_GIVEN "tcpn"

/* A map that the node program has made for a JVM, and that somebody still has. */
struct tcp_given {
	__u8 name[16]; /* zero-terminated; the node program chose it */
	__u64 size;    /* bytes */
};

/* A registered JVM. */
struct tcp_jvm {
	__u64 owner;    /* the number of its registration, never 0 and never given again */
	__u64 start_ns; /* as in struct tcp_process, these two */
	__u64 exec_id;
	__u32 ring_bytes; /* for the node program that comes next, these two */
	__u32 uid;
	__u32 pidns_dev; /* as in struct tcp_socket, these two */
	__u32 pidns_ino;
};

/* How the pages of a JVM follow each other; the counters of each CPU are last. */
#define TCPSTATES_PAGE_CONTROL 0
#define TCPSTATES_PAGE_LOCAL_PORTS 1
#define TCPSTATES_PAGE_REMOTE_PORTS 257
#define TCPSTATES_PAGES 513

/* What a JVM and the programs share besides the ring, in pieces of one size. Of tcp_control, the
 * process and its namespace are not used: the table of JVMs has them. */
union tcp_page {
	struct tcp_control control;
	__u8 ports[256]; /* of struct tcp_ports */
	struct tcp_counters counters;
};
#endif

#endif
