// SPDX-License-Identifier: Apache-2.0
// glibc exports fstat only since 2.33, and nothing else here needs one newer than 2.28. The kernel
// fills glibc's struct stat itself on x86-64 and arm64.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fstat(int fd, struct stat *status)
{
	return (int)syscall(SYS_fstat, fd, status);
}
