// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.Errno;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A Unix datagram socket, which the JDK does not have. */
final class UnixDatagram implements AutoCloseable {
  private static final int MAX_PATH = 107;

  private final String path;
  private final int fd;

  private UnixDatagram(String path, int fd) {
    this.path = path;
    this.fd = fd;
  }

  /**
   * Connects to a socket in the file system.
   *
   * @throws CommandException if that fails
   */
  static UnixDatagram connect(String path) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > MAX_PATH) {
      throw new CommandException(Exit.USAGE, path + " is too long for a socket path");
    }
    try {
      JnaLoader.load();
    } catch (BpfException e) {
      throw new CommandException(Exit.FAILED, e.getMessage());
    }
    int fd = -1;
    try {
      fd = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
      byte[] address =
          ByteBuffer.allocate(Short.BYTES + name.length + 1)
              .order(ByteOrder.nativeOrder())
              .putShort((short) LibC.AF_UNIX)
              .put(name)
              .array();
      LibC.connect(fd, address, address.length);
      return new UnixDatagram(path, fd);
    } catch (LastErrorException e) {
      if (fd >= 0) {
        LibC.close(fd);
      }
      throw failed(path, e);
    }
  }

  /** Sends one datagram, and waits while the receiver has no room for it. */
  void send(byte[] message) {
    try {
      LibC.send(fd, message, message.length, LibC.MSG_NOSIGNAL);
    } catch (LastErrorException e) {
      throw failed(path, e);
    }
  }

  private static CommandException failed(String path, LastErrorException e) {
    return new CommandException(
        Exit.FAILED,
        "can't write to the journal's socket "
            + path
            + " ("
            + Errno.name(e.getErrorCode())
            + "); is systemd-journald running?");
  }

  @Override
  public void close() {
    LibC.close(fd);
  }

  private static final class LibC {
    static final int AF_UNIX = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int MSG_NOSIGNAL = 0x4000;

    static {
      Native.register(LibC.class, NativeLibrary.getProcess());
    }

    static native int socket(int family, int type, int protocol) throws LastErrorException;

    static native int connect(int fd, byte[] address, int length) throws LastErrorException;

    static native long send(int fd, byte[] message, long length, int flags)
        throws LastErrorException;

    static native int close(int fd);
  }
}
