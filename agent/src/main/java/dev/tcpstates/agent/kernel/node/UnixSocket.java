// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.tcpstates.agent.kernel.libbpf.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A connection, or a listener, of a unix socket that passes descriptors: what Java's own channels
 * can't. Not thread-safe.
 */
public final class UnixSocket implements AutoCloseable {
  /** Most descriptors that a message carries. */
  public static final int MOST_DESCRIPTORS = 8;

  /** Many JVMs may start at once; the kernel takes at most net.core.somaxconn. */
  private static final int BACKLOG = 4096;

  /** {@code struct sockaddr_un}: the family, and the path with a zero behind it. */
  private static final int PATH_AT = 2;

  private static final int ADDRESS_BYTES = PATH_AT + 108;

  /** {@code struct msghdr}, {@code struct iovec} and {@code struct cmsghdr}, of 64-bit Linux. */
  private static final int MESSAGE_BYTES = 56;

  private static final int IOVEC_BYTES = 16;
  private static final int CONTROL_HEADER_BYTES = 16;
  private static final int CONTROL_BYTES = CONTROL_HEADER_BYTES + 4 * MOST_DESCRIPTORS;

  /** {@code struct ucred}: pid, uid, gid. */
  private static final int CREDENTIALS_BYTES = 12;

  /** Room for the sender alone: descriptors that somebody adds find none, and are closed. */
  private static final int SENDER_BYTES = CONTROL_HEADER_BYTES + 16;

  private final int fd;

  private UnixSocket(int fd) {
    this.fd = fd;
  }

  /**
   * What a connection brought.
   *
   * @param sender the process that sent it, in the PID namespace of the calling process; 0: not
   *     known
   */
  public record Received(byte[] bytes, int[] descriptors, int sender) {}

  /**
   * A process, as the kernel says.
   *
   * @param pid in the PID namespace of the calling process; 0 if it can't be seen from there
   * @param uid in the user namespace of the calling process
   */
  public record Peer(int pid, int uid) {}

  /**
   * Connects; then each call waits for up to so long.
   *
   * @throws IOException with the error's name
   */
  public static UnixSocket connect(Path path, int timeoutSeconds) throws IOException {
    UnixSocket socket = open(0);
    try (Memory address = address(path);
        Memory time = new Memory(16)) {
      time.clear();
      time.setLong(0, timeoutSeconds);
      for (int option : new int[] {NativeSockets.SO_RCVTIMEO, NativeSockets.SO_SNDTIMEO}) {
        NativeSockets.setsockopt(socket.fd, NativeSockets.SOL_SOCKET, option, time, 16);
      }
      checked(
          "connect", again(() -> NativeSockets.connect(socket.fd, address, (int) address.size())));
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Listens, without ever waiting. */
  public static UnixSocket listen(Path path) throws IOException {
    UnixSocket socket = open(NativeSockets.SOCK_NONBLOCK);
    try (Memory address = address(path)) {
      checked("bind", NativeSockets.bind(socket.fd, address, (int) address.size()));
      checked("listen", NativeSockets.listen(socket.fd, BACKLOG));
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static UnixSocket open(int flags) throws IOException {
    return new UnixSocket(
        (int)
            checked(
                "socket",
                NativeSockets.socket(
                    NativeSockets.AF_UNIX,
                    NativeSockets.SOCK_STREAM | NativeSockets.SOCK_CLOEXEC | flags,
                    0)));
  }

  private static Memory address(Path path) throws IOException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length >= ADDRESS_BYTES - PATH_AT) {
      throw new IOException(
          "the path " + path + " is longer than " + (ADDRESS_BYTES - PATH_AT - 1) + " bytes");
    }
    Memory address = new Memory(ADDRESS_BYTES);
    address.clear();
    address.setShort(0, (short) NativeSockets.AF_UNIX);
    address.write(PATH_AT, name, 0, name.length);
    return address;
  }

  private interface Call {
    long make();
  }

  /** Calls that have a time limit are interrupted by signals, such as those of profilers. */
  private static long again(Call call) {
    long result;
    do {
      result = call.make();
    } while (result < 0 && Native.getLastError() == Errno.EINTR);
    return result;
  }

  private static long checked(String call, long result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": " + Errno.name(Native.getLastError()));
    }
    return result;
  }

  /**
   * Returns a connection that waits to be accepted, which never waits; {@code null}: none.
   *
   * @throws IOException if one may wait and can't be accepted, for example for lack of descriptors
   */
  public UnixSocket accept() throws IOException {
    int accepted =
        NativeSockets.accept4(
            fd, null, null, NativeSockets.SOCK_NONBLOCK | NativeSockets.SOCK_CLOEXEC);
    if (accepted < 0 && Native.getLastError() == Errno.EAGAIN) {
      return null;
    }
    return new UnixSocket((int) checked("accept", accepted));
  }

  /** From now on, the kernel says of each message which process has sent it. */
  public void nameSenders() throws IOException {
    try (Memory one = new Memory(Integer.BYTES)) {
      one.setInt(0, 1);
      checked(
          "setsockopt",
          NativeSockets.setsockopt(
              fd, NativeSockets.SOL_SOCKET, NativeSockets.SO_PASSCRED, one, Integer.BYTES));
    }
  }

  /** The process that has connected. */
  public Peer peer() throws IOException {
    byte[] credentials = new byte[CREDENTIALS_BYTES];
    checked("getsockopt", option(NativeSockets.SO_PEERCRED, credentials));
    ByteBuffer numbers = ByteBuffer.wrap(credentials).order(ByteOrder.nativeOrder());
    return new Peer(numbers.getInt(0), numbers.getInt(4));
  }

  /**
   * A descriptor of the process that has connected. It becomes readable when the process ends.
   *
   * @throws IOException if it has ended
   */
  public int peerPidfd() throws IOException {
    byte[] value = new byte[4];
    if (option(NativeSockets.SO_PEERPIDFD, value) == 0) {
      return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt();
    }
    return pidfd(peer().pid()); // before Linux 6.5
  }

  private int option(int option, byte[] value) {
    return NativeSockets.getsockopt(
        fd, NativeSockets.SOL_SOCKET, option, value, new int[] {value.length});
  }

  /**
   * Opens a descriptor of a process.
   *
   * @throws IOException if there is none
   */
  public static int pidfd(int pid) throws IOException {
    return (int) checked("pidfd_open", NativeSockets.syscall(NativeSockets.SYS_PIDFD_OPEN, pid, 0));
  }

  /** Opens a file for nothing but to pass it on. */
  public static int openPath(Path path) throws IOException {
    return (int)
        checked(
            "open " + path,
            NativeSockets.open(path.toString(), NativeSockets.O_PATH | NativeSockets.O_CLOEXEC));
  }

  /** Returns another descriptor of the same file. */
  public static int duplicate(int descriptor) throws IOException {
    return (int)
        checked("fcntl", NativeSockets.fcntl(descriptor, NativeSockets.F_DUPFD_CLOEXEC, 3));
  }

  /** Closes a descriptor. */
  public static void close(int descriptor) {
    NativeSockets.close(descriptor);
  }

  /**
   * Sends a message as a whole.
   *
   * @throws IOException if the other side is gone, or does not read
   */
  public void send(byte[] bytes, List<Integer> descriptors) throws IOException {
    try (Memory memory = new Memory(MESSAGE_BYTES + IOVEC_BYTES + CONTROL_BYTES + bytes.length)) {
      Pointer data = layOut(memory, bytes.length);
      data.write(0, bytes, 0, bytes.length);
      Pointer control = memory.share(MESSAGE_BYTES + IOVEC_BYTES);
      int length = CONTROL_HEADER_BYTES + Integer.BYTES * descriptors.size();
      control.setLong(0, length);
      control.setInt(8, NativeSockets.SOL_SOCKET);
      control.setInt(12, NativeSockets.SCM_RIGHTS);
      for (int i = 0; i < descriptors.size(); i++) {
        control.setInt(CONTROL_HEADER_BYTES + (long) Integer.BYTES * i, descriptors.get(i));
      }
      memory.setLong(40, descriptors.isEmpty() ? 0 : (length + 7) & ~7);
      long sent =
          checked(
              "sendmsg",
              again(() -> NativeSockets.sendmsg(fd, memory, NativeSockets.MSG_NOSIGNAL)));
      if (sent != bytes.length) {
        throw new IOException("sendmsg: a part only");
      }
    }
  }

  /**
   * Sends as much of a message as the other side takes for now.
   *
   * @param from how many bytes were sent before
   * @return how many bytes; 0 if it takes none for now
   * @throws IOException if the other side is gone
   */
  public int sendPart(byte[] bytes, int from) throws IOException {
    int length = bytes.length - from;
    try (Memory memory = new Memory(MESSAGE_BYTES + IOVEC_BYTES + CONTROL_BYTES + length)) {
      layOut(memory, length).write(0, bytes, from, length);
      memory.setLong(40, 0);
      long sent = again(() -> NativeSockets.sendmsg(fd, memory, NativeSockets.MSG_NOSIGNAL));
      if (sent < 0 && Native.getLastError() == Errno.EAGAIN) {
        return 0;
      }
      return (int) checked("sendmsg", sent);
    }
  }

  /**
   * Receives what has come.
   *
   * @param descriptors whether to take descriptors; else they are left to the kernel, which closes
   *     them, and the sender is taken
   * @return {@code null} if nothing has, and the socket does not wait; no bytes at the end
   */
  public Received receive(int mostBytes, boolean descriptors) throws IOException {
    try (Memory memory = new Memory(MESSAGE_BYTES + IOVEC_BYTES + CONTROL_BYTES + mostBytes)) {
      Pointer data = layOut(memory, mostBytes);
      if (!descriptors) {
        memory.setLong(40, SENDER_BYTES);
      }
      long length = again(() -> NativeSockets.recvmsg(fd, memory, NativeSockets.MSG_CMSG_CLOEXEC));
      if (length < 0 && Native.getLastError() == Errno.EAGAIN) {
        return null;
      }
      checked("recvmsg", length);
      return new Received(data.getByteArray(0, (int) length), descriptors(memory), sender(memory));
    }
  }

  private static int[] descriptors(Memory message) {
    Pointer control = control(message, NativeSockets.SCM_RIGHTS);
    if (control == null) {
      return new int[0];
    }
    int count = (int) (control.getLong(0) - CONTROL_HEADER_BYTES) / Integer.BYTES;
    return control.getIntArray(CONTROL_HEADER_BYTES, count);
  }

  private static int sender(Memory message) {
    Pointer control = control(message, NativeSockets.SCM_CREDENTIALS);
    return control == null ? 0 : control.getInt(CONTROL_HEADER_BYTES);
  }

  /** The control data, if its first part is of this type; no caller expects more than one. */
  private static Pointer control(Memory message, int type) {
    Pointer control = message.share(MESSAGE_BYTES + IOVEC_BYTES);
    return message.getLong(40) >= CONTROL_HEADER_BYTES
            && control.getInt(8) == NativeSockets.SOL_SOCKET
            && control.getInt(12) == type
        ? control
        : null;
  }

  /** Lays out the message's header, one piece of data and the control data; returns the data. */
  private static Pointer layOut(Memory memory, int dataBytes) {
    memory.clear();
    Pointer data = memory.share(MESSAGE_BYTES + IOVEC_BYTES + CONTROL_BYTES);
    Pointer iovec = memory.share(MESSAGE_BYTES);
    iovec.setPointer(0, data);
    iovec.setLong(8, dataBytes);
    memory.setPointer(16, iovec);
    memory.setLong(24, 1);
    memory.setPointer(32, memory.share(MESSAGE_BYTES + IOVEC_BYTES));
    memory.setLong(40, CONTROL_BYTES);
    return data;
  }

  /** Whether the other side has closed the connection. */
  public boolean isHungUp() {
    Polled polled = new Polled(1);
    polled.set(0, fd);
    polled.await(0);
    return polled.isHungUp(0);
  }

  /** The descriptor, for {@link Polled}. */
  public int fd() {
    return fd;
  }

  /** Ends the connection for the other side, too, if a child process still has a descriptor. */
  public void shutDown() {
    NativeSockets.shutdown(fd, NativeSockets.SHUT_RDWR);
  }

  @Override
  public void close() {
    NativeSockets.close(fd);
  }

  /** A set of descriptors that are waited for ({@code struct pollfd}). Not thread-safe. */
  public static final class Polled {
    private static final int BYTES = 8;

    private final Memory memory;
    private final int count;

    /**
     * @param count how many, at least 1
     */
    public Polled(int count) {
      this.count = count;
      this.memory = new Memory((long) BYTES * count);
      memory.clear();
    }

    /** Sets a descriptor of the set. */
    public void set(int index, int descriptor) {
      memory.setInt((long) BYTES * index, descriptor);
      memory.setShort((long) BYTES * index + 4, (short) NativeSockets.POLLIN);
    }

    /** Sets a descriptor that is waited for only until the other side ends the connection. */
    public void setHangUp(int index, int descriptor) {
      memory.setInt((long) BYTES * index, descriptor);
      memory.setShort((long) BYTES * index + 4, (short) NativeSockets.POLLRDHUP);
    }

    /** Waits until one can be read or is hung up, or for so many milliseconds; -1: for ever. */
    public void await(int millis) {
      if (NativeSockets.poll(memory, count, millis) < 0) {
        for (int i = 0; i < count; i++) {
          memory.setShort((long) BYTES * i + 6, (short) 0);
        }
      }
    }

    /** Whether one can be read, or is hung up. */
    public boolean isReady(int index) {
      return memory.getShort((long) BYTES * index + 6) != 0;
    }

    /** Whether the other side is gone. */
    public boolean isHungUp(int index) {
      return (memory.getShort((long) BYTES * index + 6) & NativeSockets.POLLHUP) != 0;
    }
  }

  @Override
  public String toString() {
    return "unix socket " + fd;
  }
}
