// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** The functions of the C library for unix sockets, and their constants on Linux. */
final class NativeSockets {
  static final int AF_UNIX = 1;
  static final int SOCK_STREAM = 1;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_PASSCRED = 16;
  static final int SO_PEERCRED = 17;
  static final int SO_RCVTIMEO = 20;
  static final int SO_SNDTIMEO = 21;
  static final int SO_PEERPIDFD = 77;
  static final int SCM_RIGHTS = 1;
  static final int SCM_CREDENTIALS = 2;
  static final int SHUT_RDWR = 2;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int MSG_CMSG_CLOEXEC = 0x40000000;
  static final long SYS_PIDFD_OPEN = 434; // on every architecture
  static final int POLLIN = 1;
  static final int POLLHUP = 0x10;
  static final int POLLRDHUP = 0x2000;
  static final int F_DUPFD_CLOEXEC = 1030;
  static final int O_PATH = 0x200000;
  static final int O_CLOEXEC = 0x80000;
  static final int O_RDONLY = 0;
  static final int LOCK_EX_NB = 6;

  static {
    Native.register(NativeSockets.class, NativeLibrary.getProcess());
  }

  private NativeSockets() {}

  static native int socket(int domain, int type, int protocol);

  static native int bind(int socket, Pointer address, int length);

  static native int listen(int socket, int backlog);

  static native int accept4(int socket, Pointer address, Pointer length, int flags);

  static native int connect(int socket, Pointer address, int length);

  static native int setsockopt(int socket, int level, int option, Pointer value, int length);

  static native int getsockopt(int socket, int level, int option, byte[] value, int[] length);

  static native long sendmsg(int socket, Pointer message, int flags);

  static native long recvmsg(int socket, Pointer message, int flags);

  static native int poll(Pointer polled, long count, int millis);

  static native int fcntl(int fd, int command, int argument);

  static native int close(int fd);

  static native int shutdown(int socket, int how);

  static native int flock(int fd, int operation);

  static native int open(String path, int flags);

  static native long syscall(long number, long one, long two);
}
