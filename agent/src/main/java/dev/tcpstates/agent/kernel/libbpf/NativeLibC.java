// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** The functions of the C library that are used, and their constants on Linux. */
public final class NativeLibC {
  static final int O_RDONLY = 0;
  static final int O_CLOEXEC = 0x80000;
  static final int F_DUPFD_CLOEXEC = 1030;
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;
  static final int MAP_PRIVATE = 2;
  static final int MAP_ANONYMOUS = 0x20;
  static final int EPOLL_CLOEXEC = 0x80000;
  static final int EPOLL_CTL_ADD = 1;
  static final int EPOLLIN = 1;
  static final int EPOLLET = 1 << 31;
  static final int EFD_CLOEXEC = 0x80000;
  static final int EFD_NONBLOCK = 0x800;
  static final int SOL_SOCKET = 1;
  static final int SO_COOKIE = 57;
  static final int CLOCK_THREAD_CPUTIME_ID = 3;
  static final int CLOCK_MONOTONIC_COARSE = 6;
  static final int PRIO_PROCESS = 0;
  static final int SIG_BLOCK = 0;
  static final int SIG_SETMASK = 2;

  /** Of sigset_t, in glibc and musl. */
  static final int SIGNAL_SET_BYTES = 128;

  static {
    // The C library that this process has already, whatever its name.
    Native.register(NativeLibC.class, NativeLibrary.getProcess());
  }

  private NativeLibC() {}

  static native Pointer mmap(
      Pointer address, long length, int protection, int flags, int fd, long offset);

  static native int munmap(Pointer address, long length);

  static native int open(String path, int flags);

  static native int fcntl(int fd, int command, int argument);

  static native long read(int fd, Pointer to, long length);

  static native int getpagesize();

  public static native int getpid();

  static native int epoll_create1(int flags);

  /** struct epoll_event is packed on x86 and not elsewhere; its first field is events on all. */
  static native int epoll_ctl(int epoll, int operation, int fd, byte[] event);

  static native int epoll_wait(int epoll, byte[] events, int maxEvents, int millis);

  static native int eventfd(int value, int flags);

  static native long write(int fd, long[] from, long length);

  static native int close(int fd);

  static native int getsockopt(int fd, int level, int option, long[] value, int[] length);

  static native int clock_gettime(int clock, long[] secondsAndNanos);

  static native int pthread_sigmask(int how, long[] set, long[] before);

  static native int clock_getres(int clock, long[] secondsAndNanos);

  static native String strerror(int errno);

  static native int getpriority(int which, int who);

  static native int setpriority(int which, int who, int nice);
}
