// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.it.KernelTier;
import dev.tcpstates.jfr.TcpState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets of this JVM that are older than the BPF programs. */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
class AdoptedSocketsIT {
  private final List<Socket> sockets = new ArrayList<>();
  private BpfSession session;

  @BeforeEach
  void require() throws IOException {
    KernelTier.require();
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (session != null) {
      session.close();
    }
  }

  private static ServerSocket server() throws IOException {
    return new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
  }

  /** The client's end; the server's end is the next one in the list. */
  private Socket connect(ServerSocket server) throws IOException {
    Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
    sockets.add(client);
    sockets.add(server.accept());
    return client;
  }

  /** The sockets of this server and its connections, by state, as the kernel lists them. */
  private Map<String, Integer> list(ServerSocket server, boolean adopted) throws BpfException {
    Map<String, Integer> states = new TreeMap<>();
    session.openSockets(
        socket -> {
          if (socket.localPort() == server.getLocalPort()
              || socket.remotePort() == server.getLocalPort()) {
            states.merge(TcpState.nameOf(socket.markState()), 1, Integer::sum);
            assertEquals(adopted, socket.adopted(), "adopted");
            assertEquals(SocketCookie.cookie(socket.fd()), socket.socketId());
          }
        });
    return states;
  }

  /** What the counters say, without the states that nothing is in. */
  private Map<String, Long> gauges() {
    Map<String, Long> gauges = new TreeMap<>();
    for (TcpState state : TcpState.values()) {
      long count = session.sockets(state.kernelValue());
      if (count != 0) {
        gauges.put(state.name(), count);
      }
    }
    return gauges;
  }

  /** Waits for the kernel to have done the same. */
  private void awaitGauges(Map<String, Long> expected) throws InterruptedException {
    for (int i = 0; i < 500 && !gauges().equals(expected); i++) {
      Thread.sleep(10);
    }
    assertEquals(expected, gauges());
  }

  @Test
  void theCountersTakeThemInAndLetThemGo() throws Exception {
    try (ServerSocket server = server()) {
      Socket first = connect(server);
      connect(server);
      Socket half = connect(server);
      half.shutdownOutput();
      assertEquals(-1, sockets.get(sockets.size() - 1).getInputStream().read());

      session = BpfSession.open(1 << 16);
      Map<String, Integer> expected =
          Map.of("LISTEN", 1, "ESTABLISHED", 4, "FIN_WAIT2", 1, "CLOSE_WAIT", 1);
      assertEquals(expected, list(server, true));
      assertEquals(expected, list(server, true), "a second time");
      Map<String, Long> counters =
          Map.of("LISTEN", 1L, "ESTABLISHED", 4L, "FIN_WAIT2", 1L, "CLOSE_WAIT", 1L);
      awaitGauges(counters);

      connect(server);
      first.shutdownOutput();
      assertEquals(-1, sockets.get(1).getInputStream().read());
      awaitGauges(Map.of("LISTEN", 1L, "ESTABLISHED", 4L, "FIN_WAIT2", 2L, "CLOSE_WAIT", 2L));
    }
    for (Socket socket : sockets) {
      socket.close();
    }
    awaitGauges(Map.of());
    assertEquals(0, session.losses().skipped());
  }

  @Test
  void aSocketThatIsClosedButStillHeldIsNotListed() throws Exception {
    try (ServerSocket server = server()) {
      Socket client = connect(server);
      session = BpfSession.open(1 << 16);
      assertEquals(Map.of("LISTEN", 1, "ESTABLISHED", 2), list(server, true));

      // A reset, so that the peer's socket is in CLOSE at once and its descriptor still there.
      client.setSoLinger(true, 0);
      client.close();
      awaitGauges(Map.of("LISTEN", 1L));
      assertEquals(Map.of("LISTEN", 1), list(server, true));
    }
    awaitGauges(Map.of());
  }

  @Test
  void thoseThatConnectLaterAreNotAdopted() throws Exception {
    session = BpfSession.open(1 << 16);
    try (ServerSocket server = server()) {
      connect(server);
      assertEquals(Map.of("LISTEN", 1, "ESTABLISHED", 2), list(server, false));
    }
  }

  @Test
  void aSocketThatIsNotUsedYetIsListedAndStaysAsItIs() throws Exception {
    server().close(); // so that the JDK's own sockets are there
    Set<Integer> before = descriptors();
    try (ServerSocketChannel unused = ServerSocketChannel.open()) {
      long socketId = SocketCookie.cookie(newDescriptor(before));
      session = BpfSession.open(1 << 16);
      assertEquals(List.of("CLOSE adopted"), listed(socketId));
      awaitGauges(Map.of());

      unused.bind(null);
      assertEquals(List.of("LISTEN"), listed(socketId));
      awaitGauges(Map.of("LISTEN", 1L));
    }
    awaitGauges(Map.of());
  }

  private List<String> listed(long socketId) throws BpfException {
    List<String> listed = new ArrayList<>();
    session.openSockets(
        socket -> {
          if (socket.socketId() == socketId) {
            listed.add(TcpState.nameOf(socket.markState()) + (socket.adopted() ? " adopted" : ""));
          }
        });
    return listed;
  }

  /** More than fit into what the kernel hands over at a time. */
  @Test
  void noneOfManyIsForgotten() throws Exception {
    try (ServerSocket server = server()) {
      for (int i = 0; i < 1000; i++) {
        connect(server);
      }
      session = BpfSession.open(1 << 16);
      assertEquals(Map.of("LISTEN", 1, "ESTABLISHED", 2000), list(server, true));
      awaitGauges(Map.of("LISTEN", 1L, "ESTABLISHED", 2000L));
    }
  }

  @Test
  void aConnectionFromTheAcceptQueueIsAdoptedOnce() throws Exception {
    try (ServerSocket server = server()) {
      sockets.add(new Socket(server.getInetAddress(), server.getLocalPort()));
      session = BpfSession.open(1 << 16);
      assertEquals(Map.of("LISTEN", 1, "ESTABLISHED", 1), list(server, true), "its peer alone");

      Set<Integer> before = descriptors();
      Socket accepted = server.accept();
      sockets.add(accepted);
      int fd = newDescriptor(before);
      assertTrue(session.adopt(fd, SocketCookie.cookie(fd)));
      assertEquals(false, session.adopt(fd, SocketCookie.cookie(fd)), "a second time");
      sockets.get(0).close();
      assertEquals(-1, accepted.getInputStream().read());
      awaitGauges(Map.of("LISTEN", 1L, "CLOSE_WAIT", 1L));
      accepted.close();
      awaitGauges(Map.of("LISTEN", 1L));
    }
    awaitGauges(Map.of());
  }

  /** A listener may clone its mark into a child at the very moment in which it gets it. */
  @Test
  void aChildOfAListenerThatIsNotCountedYetIsNoListener() throws Exception {
    server().close(); // so that the JDK's own sockets are there
    Set<Integer> before = descriptors();
    try (ServerSocket server = server()) {
      int fd = newDescriptor(before);
      session = BpfSession.open(1 << 16);
      assertTrue(session.adopt(fd, SocketCookie.cookie(fd)));
      connect(server);
      awaitGauges(Map.of("ESTABLISHED", 2L));
      assertEquals(Map.of("ESTABLISHED", 2, "LISTEN", 1), list(server, false));
      awaitGauges(Map.of("ESTABLISHED", 2L, "LISTEN", 1L));
    }
  }

  private static Set<Integer> descriptors() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.map(fd -> Integer.valueOf(fd.getFileName().toString()))
          .filter(fd -> SocketCookie.cookie(fd) != 0)
          .collect(Collectors.toSet());
    }
  }

  private static int newDescriptor(Set<Integer> before) throws IOException {
    Set<Integer> now = descriptors();
    now.removeAll(before);
    assertEquals(1, now.size());
    return now.iterator().next();
  }
}
