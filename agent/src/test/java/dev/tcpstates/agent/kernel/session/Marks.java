// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.agent.kernel.wire.Btf;
import dev.tcpstates.jfr.TcpState;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The marks of this JVM's sockets, changed behind the programs' back. */
final class Marks {
  /** {@code BPF_MAP_TYPE_SK_STORAGE}. */
  private static final String STORAGE = "map_type:\t24";

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  static {
    Native.register(Marks.class, NativeLibrary.getInstance("libbpf.so.1"));
  }

  private Marks() {}

  static native int bpf_map_lookup_elem(int map, int[] key, byte[] value);

  static native int bpf_map_update_elem(int map, int[] key, byte[] value, long flags);

  static native int bpf_map_delete_elem(int map, int[] key);

  /** Writes the state of a socket, and since when it is in it. */
  static void write(long socketId, int state, long since) throws IOException {
    change(
        socketId,
        (mark, layout) ->
            mark.putInt(layout.get("state"), state).putLong(layout.get("since_ns"), since));
  }

  /** Writes that the socket's connection ended at a time, and which side closed it. */
  static void writeEnd(long socketId, int closer, long time) throws IOException {
    change(
        socketId,
        (mark, layout) ->
            mark.putInt(layout.get("state"), TcpState.CLOSE.kernelValue())
                .putInt(layout.get("closer"), closer)
                .putLong(layout.get("since_ns"), time));
  }

  /** Writes how many segments a socket has sent again, as far as a program has seen. */
  static void retransmits(long socketId, int seen) throws IOException {
    change(socketId, (mark, layout) -> mark.putInt(layout.get("retransmits"), seen));
  }

  private static void change(long socketId, BiConsumer<ByteBuffer, Map<String, Integer>> change)
      throws IOException {
    Map<String, Integer> layout = Btf.of("/dev/tcpstates/bpf/tcpstates.bpf.o").struct("tcp_socket");
    int map = storageMap();
    int[] fd = {descriptor(socketId)};
    ByteBuffer value = ByteBuffer.allocate(layout.get(Btf.SIZE)).order(ByteOrder.nativeOrder());
    assertEquals(0, bpf_map_lookup_elem(map, fd, value.array()));
    assertEquals(socketId, value.getLong(layout.get("socket_id")));
    change.accept(value, layout);
    assertEquals(0, bpf_map_update_elem(map, fd, value.array(), 0));
  }

  /** Removes a socket's owner mark: from now on, no program reports it. */
  static void remove(long socketId) throws IOException {
    assertEquals(0, bpf_map_delete_elem(storageMap(), new int[] {descriptor(socketId)}));
  }

  /** The cookie of the socket with these ends. */
  static long cookieOf(Socket socket, BpfSession session) throws BpfException {
    long[] found = new long[1];
    session.openSockets(
        open -> {
          if (open.localPort() == socket.getLocalPort() && open.remotePort() == socket.getPort()) {
            found[0] = open.socketId();
          }
        });
    return found[0];
  }

  private static int storageMap() throws IOException {
    try (Stream<Path> infos = Files.list(Path.of("/proc/self/fdinfo"))) {
      for (Path info : infos.toList()) {
        if (Files.exists(info) && Files.readString(info).contains(STORAGE)) {
          return Integer.parseInt(info.getFileName().toString());
        }
      }
    }
    throw new AssertionError("no descriptor of a socket storage map");
  }

  static int descriptor(long socketId) throws IOException {
    try (Stream<Path> fds = Files.list(DESCRIPTORS)) {
      return fds.mapToInt(fd -> Integer.parseInt(fd.getFileName().toString()))
          .filter(fd -> SocketCookie.cookie(fd) == socketId)
          .findFirst()
          .orElseThrow();
    }
  }
}
