// SPDX-License-Identifier: Apache-2.0
/*
 * To be preloaded into a JVM: logs each bpf() call, and what else the agent's threads ask the kernel
 * for, and refuses the calls that the environment names.
 *
 * Each call has a key that is the same in each run, such as "MAP_CREATE sockets". The environment:
 *
 * REFUSE_LOG    file to append a line to for each call: its key, a tab, and its result, which is a
 *               negative error number if it failed; then " refused", if it was refused here
 * REFUSE_KEYS   keys of the calls to refuse, with semicolons between; bpf() for all of these
 * REFUSE_ERRNO  error number that a refused call fails with
 * REFUSE_CONNECTS  a port: connect() fails for each of the next 200 ports, with the error number that
 *               is to be added to this one to get the port; these calls are not logged
 * REFUSE_TIMES  how many calls are refused, the first ones; all if it is not there
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTORS 4096
#define NAME 64
#define KEY 256

/* Names of programs by the descriptors of the programs and of their links. */
static char programs[DESCRIPTORS][NAME];

#define NEXT(function)                                                                             \
	static __typeof__(&function) next;                                                         \
	if (!next)                                                                                 \
	next = (__typeof__(&function))dlsym(RTLD_NEXT, #function)

static long real_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	NEXT(syscall);
	return next(number, a, b, c, d, e, f);
}

static int setting(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 0;
}

static int is_to_be_refused(const char *key)
{
	const char *wanted = getenv("REFUSE_KEYS");
	size_t length = strlen(key);

	for (; wanted; wanted = strchr(wanted, ';') ? strchr(wanted, ';') + 1 : NULL) {
		if (!strncmp(wanted, key, length) && (!wanted[length] || wanted[length] == ';'))
			return 1;
		/* Only the keys of bpf() begin with a capital letter. */
		if (!strncmp(wanted, "bpf()", 5) && isupper(key[0]))
			return 1;
	}
	return 0;
}

static void note(const char *key, long result, const char *remark)
{
	const char *path = getenv("REFUSE_LOG");
	char line[KEY + 64];
	int length, file;

	if (!path)
		return;
	length = snprintf(line, sizeof(line), "%s\t%ld%s\n", key, result, remark);
	file = real_syscall(__NR_openat, AT_FDCWD, (long)path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
			    0644, 0, 0);
	real_syscall(__NR_write, file, (long)line, length, 0, 0, 0);
	real_syscall(__NR_close, file, 0, 0, 0, 0, 0);
}

static int refuse(const char *key)
{
	static int refused;

	if (!is_to_be_refused(key))
		return 0;
	if (getenv("REFUSE_TIMES") &&
	    __atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED) >= setting("REFUSE_TIMES"))
		return 0;
	errno = setting("REFUSE_ERRNO");
	note(key, -errno, " refused");
	errno = setting("REFUSE_ERRNO");
	return 1;
}

static void noted(const char *key, int failed, long result)
{
	int error = errno;

	note(key, failed ? -error : result, "");
	errno = error;
}

/* ---- connect() ------------------------------------------------------------------------------ */

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
	const struct sockaddr_in *to = address.__sockaddr_in__; /* IPv6 has its port there too */
	int error = ntohs(to->sin_port) - setting("REFUSE_CONNECTS");

	NEXT(connect);
	if (setting("REFUSE_CONNECTS") && to->sin_family != AF_UNIX && error > 0 && error <= 200) {
		errno = error;
		return -1;
	}
	return next(fd, address, length);
}

/* ---- bpf() ---------------------------------------------------------------------------------- */

static int is_of_kind(int fd, const char *kind)
{
	char link[64], target[64] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, target, sizeof(target) - 1) > 0 && strstr(target, kind);
}

/* NULL if it is no map. */
static const char *map_name(int fd, char *name)
{
	struct bpf_map_info info = {};
	union bpf_attr attr = {
		.info = { .bpf_fd = fd, .info_len = sizeof(info), .info = (unsigned long)&info },
	};

	if (!is_of_kind(fd, "bpf-map") ||
	    real_syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, (long)&attr, sizeof(attr), 0, 0, 0))
		return NULL;
	snprintf(name, NAME, "%s", info.name);
	return name;
}

static const char *name_of(int fd, char *name)
{
	const char *map = map_name(fd, name);

	if (map)
		return map;
	return fd >= 0 && fd < DESCRIPTORS ? programs[fd] : "?";
}

static void remember(long fd, const char *program)
{
	if (fd >= 0 && fd < DESCRIPTORS)
		snprintf(programs[fd], NAME, "%s", program);
}

/* The name of what a call is about, in *program if it is one. */
static void bpf_key(int command, const union bpf_attr *attr, char *key, char *program)
{
	char buffer[NAME];

	program[0] = 0;
	switch (command) {
	case BPF_MAP_CREATE:
		if (attr->map_name[0])
			snprintf(key, KEY, "MAP_CREATE %.16s", attr->map_name);
		else
			snprintf(key, KEY, "MAP_CREATE of type %u", attr->map_type);
		break;
	case BPF_PROG_LOAD:
		/* The kernel keeps 15 characters of a name; the length distinguishes those that begin alike. */
		snprintf(program, NAME, "%.16s/%u", attr->prog_name[0] ? attr->prog_name : "unnamed",
			 attr->insn_cnt);
		snprintf(key, KEY, "PROG_LOAD %s", program);
		break;
	case BPF_BTF_LOAD:
		snprintf(key, KEY, "BTF_LOAD %u bytes", attr->btf_size);
		break;
	case BPF_RAW_TRACEPOINT_OPEN:
		snprintf(program, NAME, "%s", name_of(attr->raw_tracepoint.prog_fd, buffer));
		snprintf(key, KEY, "RAW_TRACEPOINT_OPEN %s", program);
		break;
	case BPF_LINK_CREATE:
		snprintf(program, NAME, "%s", name_of(attr->link_create.prog_fd, buffer));
		snprintf(key, KEY, "LINK_CREATE %s", program);
		break;
	case BPF_ITER_CREATE:
		snprintf(key, KEY, "ITER_CREATE %s", name_of(attr->iter_create.link_fd, buffer));
		break;
	case BPF_OBJ_GET_INFO_BY_FD:
		snprintf(key, KEY, "OBJ_GET_INFO_BY_FD %s", name_of(attr->info.bpf_fd, buffer));
		break;
	case BPF_MAP_LOOKUP_ELEM:
		snprintf(key, KEY, "MAP_LOOKUP_ELEM %s", name_of(attr->map_fd, buffer));
		break;
	case BPF_MAP_UPDATE_ELEM:
		snprintf(key, KEY, "MAP_UPDATE_ELEM %s", name_of(attr->map_fd, buffer));
		break;
	case BPF_MAP_DELETE_ELEM:
		snprintf(key, KEY, "MAP_DELETE_ELEM %s", name_of(attr->map_fd, buffer));
		break;
	case BPF_MAP_FREEZE:
		snprintf(key, KEY, "MAP_FREEZE %s", name_of(attr->map_fd, buffer));
		break;
	default:
		snprintf(key, KEY, "BPF_COMMAND %d", command);
	}
}

static long bpf(int command, const union bpf_attr *attr, long size)
{
	union bpf_attr whole = {};
	char key[KEY], program[NAME];
	long result;

	memcpy(&whole, attr, size < (long)sizeof(whole) ? size : (long)sizeof(whole));
	bpf_key(command, &whole, key, program);
	if (refuse(key))
		return -1;
	result = real_syscall(__NR_bpf, command, (long)attr, size, 0, 0, 0);
	if (command == BPF_PROG_LOAD || command == BPF_RAW_TRACEPOINT_OPEN ||
	    command == BPF_LINK_CREATE)
		remember(result, program);
	noted(key, result < 0, result);
	return result;
}

long syscall(long number, ...)
{
	long a[6];
	va_list list;
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == __NR_bpf)
		return bpf(a[0], (const union bpf_attr *)a[1], a[2]);
	return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Refused only, and not logged. Sockets are listed by threads of the JDK too. */
ssize_t read(int fd, void *to, size_t length)
{
	NEXT(read);

	if (is_to_be_refused("read iterator") && is_of_kind(fd, "bpf_iter") && refuse("read iterator"))
		return -1;
	return next(fd, to, length);
}

/* ---- What else the agent's own threads ask for ------------------------------------------------ */

static int is_agents_thread(void)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	return !strncmp(name, "tcpstates", 9);
}

/* Logs and refuses only what threads of the agent call. */
#define CALL(failed, failure, key, call)                                                           \
	do {                                                                                       \
		__typeof__(call) result;                                                           \
		if (!is_agents_thread())                                                           \
			return call;                                                               \
		if (refuse(key))                                                                   \
			return failure;                                                            \
		result = call;                                                                     \
		noted(key, result == failed, (long)result);                                        \
		return result;                                                                     \
	} while (0)

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	NEXT(mmap);
	char key[KEY], name[NAME];

	if (fd < 0 || !is_agents_thread() || !map_name(fd, name))
		return next(address, length, protection, flags, fd, offset);
	snprintf(key, KEY, "mmap %s from %ld%s", name, (long)offset,
		 protection & PROT_WRITE ? " writable" : "");
	CALL(MAP_FAILED, MAP_FAILED, key, next(address, length, protection, flags, fd, offset));
}

int epoll_create1(int flags)
{
	static int (*next)(int);

	if (!next)
		next = (int (*)(int))dlsym(RTLD_NEXT, "epoll_create1");
	CALL(-1, -1, "epoll_create1", next(flags));
}

int epoll_ctl(int epoll, int operation, int fd, void *event)
{
	static int (*next)(int, int, int, void *);
	char key[KEY], name[NAME];

	if (!next)
		next = (int (*)(int, int, int, void *))dlsym(RTLD_NEXT, "epoll_ctl");
	if (!is_agents_thread())
		return next(epoll, operation, fd, event);
	snprintf(key, KEY, "epoll_ctl %s", map_name(fd, name) ?: "eventfd");
	CALL(-1, -1, key, next(epoll, operation, fd, event));
}

/* Refused only, and not logged: it is called all the time. */
int epoll_wait(int epoll, void *events, int count, int millis)
{
	static int (*next)(int, void *, int, int);

	if (!next)
		next = (int (*)(int, void *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
	if (is_agents_thread() && refuse("epoll_wait"))
		return -1;
	return next(epoll, events, count, millis);
}

int eventfd(unsigned int value, int flags)
{
	static int (*next)(unsigned int, int);

	if (!next)
		next = (int (*)(unsigned int, int))dlsym(RTLD_NEXT, "eventfd");
	CALL(-1, -1, "eventfd", next(value, flags));
}

/* All but Netlink is the application's or the JDK's own. */
int socket(int family, int type, int protocol)
{
	NEXT(socket);
	if (family != AF_NETLINK)
		return next(family, type, protocol);
	CALL(-1, -1, "socket netlink", next(family, type, protocol));
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
		   void *argument)
{
	NEXT(pthread_create);
	static int number;
	char key[KEY];
	int result;

	if (!is_agents_thread())
		return next(thread, attributes, run, argument);
	snprintf(key, KEY, "pthread_create %d", __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED));
	if (refuse(key))
		return errno;
	result = next(thread, attributes, run, argument);
	note(key, -result, "");
	return result;
}

int setpriority(__priority_which_t which, id_t who, int nice)
{
	NEXT(setpriority);
	CALL(-1, -1, "setpriority", next(which, who, nice));
}

static int is_of_kernel(const char *path)
{
	return (!strncmp(path, "/sys/kernel/", 12) || !strncmp(path, "/sys/devices/", 13) ||
		strstr(path, "/fdinfo/")) &&
	       is_agents_thread();
}

/* Of descriptors without their numbers. */
static void open_key(const char *path, char *key)
{
	snprintf(key, KEY, "open %s", strstr(path, "/fdinfo/") ? "fdinfo" : path);
}

#define OPEN(function)                                                                             \
	int function(const char *path, int flags, ...)                                             \
	{                                                                                          \
		NEXT(function);                                                                    \
		char key[KEY];                                                                     \
		va_list list;                                                                      \
		int mode;                                                                          \
                                                                                                   \
		va_start(list, flags);                                                             \
		mode = va_arg(list, int);                                                          \
		va_end(list);                                                                      \
		if (!is_of_kernel(path))                                                           \
			return next(path, flags, mode);                                            \
		open_key(path, key);                                                               \
		CALL(-1, -1, key, next(path, flags, mode));                                        \
	}

OPEN(open)
OPEN(open64)

FILE *fopen(const char *path, const char *mode)
{
	NEXT(fopen);
	char key[KEY];

	if (!is_of_kernel(path))
		return next(path, mode);
	open_key(path, key);
	CALL(NULL, NULL, key, next(path, mode));
}

FILE *fopen64(const char *path, const char *mode)
{
	NEXT(fopen64);
	char key[KEY];

	if (!is_of_kernel(path))
		return next(path, mode);
	open_key(path, key);
	CALL(NULL, NULL, key, next(path, mode));
}

int access(const char *path, int mode)
{
	NEXT(access);
	char key[KEY];

	if (!is_of_kernel(path))
		return next(path, mode);
	snprintf(key, KEY, "access %s", path);
	CALL(-1, -1, key, next(path, mode));
}
