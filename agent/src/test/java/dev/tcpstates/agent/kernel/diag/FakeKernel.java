// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Answers requests of {@code NETLINK_SOCK_DIAG} from a list of sockets, in the format of the
 * kernel's headers {@code linux/netlink.h}, {@code linux/inet_diag.h} and {@code linux/tcp.h},
 * whose offsets are written here once more.
 */
public final class FakeKernel implements Netlink {
  public static final int TCP_ESTABLISHED = 1;
  public static final int TCP_SYN_SENT = 2;
  public static final int TCP_SYN_RECV = 3;
  public static final int TCP_FIN_WAIT2 = 5;
  public static final int TCP_TIME_WAIT = 6;
  public static final int TCP_CLOSE_WAIT = 8;
  public static final int TCP_LAST_ACK = 9;
  public static final int TCP_LISTEN = 10;

  /** As long as in Linux 6.18. */
  static final int TCP_INFO = 280;

  /** A socket of the machine. */
  public static final class Socket {
    final long cookie;
    int family = 10; // AF_INET6
    int state = TCP_ESTABLISHED;
    int timer;
    String local = "::ffff:127.0.0.1";
    String remote = "::ffff:127.0.0.1";
    int localPort = 40000;
    int remotePort = 443;
    int receiveQueue;
    int sendQueue;
    int user = 1000;
    int inode = 1;
    public int infoLength = TCP_INFO;
    byte[] info = new byte[512];
    int drops;

    /** An established connection over loopback. */
    public Socket(long cookie) {
      this.cookie = cookie;
      inode = (int) cookie;
    }

    /** In another state. */
    public Socket state(int newState) {
      state = newState;
      return this;
    }

    /** With these ports. */
    public Socket ports(int newLocal, int newRemote) {
      localPort = newLocal;
      remotePort = newRemote;
      return this;
    }

    /** With this address on both sides. */
    public Socket local(int newFamily, String address) {
      family = newFamily;
      local = address;
      remote = address;
      return this;
    }

    public Socket user(int id) {
      user = id;
      return this;
    }

    /** As a socket that no descriptor refers to. */
    public Socket noDescriptor() {
      inode = 0;
      return this;
    }

    /** As a half-open connection. */
    public Socket request() {
      state = TCP_SYN_RECV;
      inode = 0;
      infoLength = 0;
      return this;
    }

    /** What is left of it. */
    public Socket timeWait(int substate) {
      state = substate;
      timer = 3;
      inode = 0;
      infoLength = 0;
      return this;
    }

    /** A number of struct tcp_info. */
    public Socket info(int offset, int value) {
      ByteBuffer.wrap(info).order(ByteOrder.nativeOrder()).putInt(offset, value);
      return this;
    }

    /** A number of struct tcp_info. */
    public Socket info(int offset, long value) {
      ByteBuffer.wrap(info).order(ByteOrder.nativeOrder()).putLong(offset, value);
      return this;
    }

    /** With these queues. */
    public Socket queues(int receive, int send) {
      receiveQueue = receive;
      sendQueue = send;
      return this;
    }
  }

  final List<Socket> sockets = new ArrayList<>();

  /** Passed over by the next dump of such, though they are there. */
  public final List<Long> passedOver = new ArrayList<>();

  /** An errno that requests are refused with; 0: none. */
  public int refusal;

  /** How many of the next dumps are said to be inconsistent. */
  int inconsistent;

  int datagramBytes = 400;

  /** Dumps that were asked for, of either family. */
  public int dumps;

  int resets;
  int noise;
  private final Deque<byte[]> answers = new ArrayDeque<>();

  /** Opens a socket. */
  public Socket add(Socket socket) {
    sockets.add(socket);
    return socket;
  }

  /** Closes a socket. */
  public void remove(long cookie) {
    sockets.removeIf(socket -> socket.cookie == cookie);
  }

  /** A socket that is there. */
  public Socket get(long cookie) {
    return sockets.stream().filter(socket -> socket.cookie == cookie).findFirst().orElseThrow();
  }

  /** The client of this kernel. */
  public SockDiag diag() {
    return new SockDiag(this);
  }

  @Override
  public void send(ByteBuffer request) throws DiagException {
    // nlmsghdr: u32 len, u16 type, u16 flags, u32 seq, u32 pid
    if (request.getInt(0) != 72 || request.getShort(4) != 20) {
      throw new AssertionError("no SOCK_DIAG_BY_FAMILY: " + request);
    }
    if (!answers.isEmpty()) {
      throw new AssertionError("the last answer was not read");
    }
    int flags = request.getShort(6);
    int sequence = request.getInt(8);
    // inet_diag_req_v2: u8 family, u8 protocol, u8 ext, u8 pad, u32 states, inet_diag_sockid
    int family = request.get(16);
    if (request.get(17) != 6) {
      throw new AssertionError("not IPPROTO_TCP");
    }
    int extensions = request.get(18);
    int states = request.getInt(20);
    for (int i = 0; i < noise; i++) {
      answers.add(message(3, 0, sequence - 1, new byte[4]));
    }
    if (refusal != 0) {
      answers.add(message(2, 0, sequence, error(-refusal)));
    } else if ((flags & 0x300) == 0x300) {
      dump(family, extensions, states, sequence);
    } else {
      find(request, extensions, sequence);
    }
  }

  private static byte[] error(int number) {
    return ByteBuffer.allocate(20).order(ByteOrder.nativeOrder()).putInt(number).array();
  }

  private void dump(int family, int extensions, int states, int sequence) {
    dumps++;
    int flags = 2; // NLM_F_MULTI
    if (inconsistent > 0) {
      inconsistent--;
      flags |= 0x10; // NLM_F_DUMP_INTR
    }
    ByteArrayOutputStream datagram = new ByteArrayOutputStream();
    for (Socket socket : sockets) {
      if (socket.family != family
          || (states & 1 << socket.state) == 0
          || passedOver.contains(socket.cookie)) {
        continue;
      }
      byte[] message = message(20, flags, sequence, payload(socket, extensions));
      if (datagram.size() > 0 && datagram.size() + message.length > datagramBytes) {
        answers.add(datagram.toByteArray());
        datagram.reset();
      }
      datagram.writeBytes(message);
    }
    if (datagram.size() > 0) {
      answers.add(datagram.toByteArray());
    }
    answers.add(message(3, flags, sequence, new byte[4]));
  }

  private void find(ByteBuffer request, int extensions, int sequence) {
    // inet_diag_sockid: be16 sport, be16 dport, be32 src[4], be32 dst[4], u32 if, u32 cookie[2]
    for (Socket socket : sockets) {
      byte[] id = payload(socket, 0);
      boolean same = id[0] == request.get(16);
      for (int i = 4; same && i < 52; i++) {
        same = id[i] == request.get(20 + i);
      }
      if (same) {
        answers.add(message(20, 0, sequence, payload(socket, extensions)));
        return;
      }
    }
    answers.add(message(2, 0, sequence, error(-2))); // ENOENT
  }

  private static byte[] message(int type, int flags, int sequence, byte[] payload) {
    int length = 16 + payload.length;
    return ByteBuffer.allocate(length + 3 & ~3)
        .order(ByteOrder.nativeOrder())
        .putInt(length)
        .putShort((short) type)
        .putShort((short) flags)
        .putInt(sequence)
        .putInt(0)
        .put(payload)
        .array();
  }

  private static byte[] payload(Socket socket, int extensions) {
    ByteBuffer to = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());
    to.put((byte) socket.family).put((byte) socket.state).put((byte) socket.timer).put((byte) 0);
    to.put((byte) (socket.localPort >> 8)).put((byte) socket.localPort);
    to.put((byte) (socket.remotePort >> 8)).put((byte) socket.remotePort);
    to.put(address(socket.family, socket.local)).put(address(socket.family, socket.remote));
    to.putInt(0).putInt((int) socket.cookie).putInt((int) (socket.cookie >>> 32));
    to.putInt(0).putInt(socket.receiveQueue).putInt(socket.sendQueue);
    to.putInt(socket.user).putInt(socket.inode);
    attribute(to, 8, new byte[] {0}); // INET_DIAG_SHUTDOWN, which is never asked for
    if ((extensions & 1 << 6) != 0) {
      byte[] memory = new byte[36];
      ByteBuffer.wrap(memory).order(ByteOrder.nativeOrder()).putInt(32, socket.drops);
      attribute(to, 7, memory);
    }
    if ((extensions & 1 << 1) != 0 && socket.infoLength > 0) {
      byte[] info = new byte[socket.infoLength];
      System.arraycopy(socket.info, 0, info, 0, info.length);
      attribute(to, 2, info);
    }
    byte[] bytes = new byte[to.position()];
    to.get(0, bytes);
    return bytes;
  }

  private static void attribute(ByteBuffer to, int type, byte[] value) {
    to.putShort((short) (4 + value.length)).putShort((short) type).put(value);
    to.position(to.position() + 3 & ~3);
  }

  private static byte[] address(int family, String text) {
    try {
      InetAddress address = InetAddress.getByName(text); // gives IPv4 for what is mapped
      byte[] bytes = address.getAddress();
      byte[] all = new byte[16];
      if (family == 10 && address instanceof Inet4Address) {
        all[10] = (byte) 0xff;
        all[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, all, 12, 4);
      } else {
        System.arraycopy(bytes, 0, all, 0, bytes.length);
      }
      return all;
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public int receive(ByteBuffer into) throws DiagException {
    byte[] answer = answers.poll();
    if (answer == null) {
      throw new DiagException("reading NETLINK_SOCK_DIAG's answer", 11);
    }
    into.put(0, answer, 0, Math.min(answer.length, into.capacity()));
    return answer.length;
  }

  @Override
  public void reset() {
    resets++;
    answers.clear();
  }

  @Override
  public void close() {
    reset();
  }
}
