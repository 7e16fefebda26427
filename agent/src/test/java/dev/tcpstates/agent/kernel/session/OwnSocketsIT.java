// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static dev.tcpstates.agent.kernel.session.LiveSession.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.jfr.TcpState;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list of this JVM's sockets, against what their descriptors say they are. */
class OwnSocketsIT {
  /** Some four times what the kernel hands over in one piece. */
  private static final int PAIRS = 600;

  private static final int ROUNDS = 20;

  @RegisterExtension private final LiveSession live = new LiveSession();

  private BpfSession session;

  @BeforeEach
  void open() {
    session = live.get();
  }

  /** The cookies of this process's sockets, by asking for each. */
  private static Set<Long> cookies() throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.map(fd -> Integer.parseInt(fd.getFileName().toString()))
          .map(SocketCookie::cookie)
          .filter(cookie -> cookie != 0)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Map<Long, Integer> states(SocketSnapshot snapshot) {
    Map<Long, Integer> states = new HashMap<>();
    snapshot.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            assertFalse(states.containsKey(socket.socketId()), "listed twice");
            states.put(socket.socketId(), socket.state());
          }

          @Override
          public void timeWait(long socketId, int state) {
            throw new AssertionError("what is left of a closed socket");
          }
        });
    return states;
  }

  @Test
  void eachIsListedOnceWhileOthersComeAndGo() throws Exception {
    Set<Long> others = cookies();
    List<Socket> sockets = new ArrayList<>();
    try (ServerSocket server = server()) {
      for (int i = 0; i < PAIRS; i++) {
        sockets.add(new Socket(server.getInetAddress(), server.getLocalPort()));
        sockets.add(server.accept());
      }
      Set<Long> open = cookies();
      open.removeAll(others);
      assertEquals(2 * PAIRS + 1, open.size());
      AtomicBoolean ended = new AtomicBoolean();
      AtomicInteger passing = new AtomicInteger();
      Thread churn = new Thread(() -> connectAndClose(ended, passing));
      churn.start();
      try {
        for (int i = 0; i < ROUNDS; i++) {
          int before = passing.get();
          assertTrue(states(session.ownSockets()).keySet().containsAll(open));
          Set<Long> marked = new TreeSet<>();
          assertTrue(session.forEachSocket(marked::add, true));
          assertTrue(marked.containsAll(open));
          while (passing.get() == before) {
            Thread.onSpinWait();
          }
        }
      } finally {
        ended.set(true);
        churn.join();
      }
      // Neither what is in TIME_WAIT, nor those of other processes.
      assertEquals(open, states(session.ownSockets()).keySet());
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    assertEquals(Set.of(), states(session.ownSockets()).keySet());
  }

  private static void connectAndClose(AtomicBoolean ended, AtomicInteger passing) {
    try (ServerSocket server = server()) {
      while (!ended.get()) {
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept();
        client.close();
        accepted.close();
        passing.incrementAndGet();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theStateIsTheSockets() throws Exception {
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      client.getOutputStream().write(1);
      client.shutdownOutput();
      accepted.getInputStream().readAllBytes();
      long clientId = Marks.cookieOf(client, session);
      long acceptedId = Marks.cookieOf(accepted, session);
      Map<Long, Integer> states = states(session.ownSockets());
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      // The acknowledgement may take its time.
      while (states.get(clientId) == TcpState.FIN_WAIT1.kernelValue()
          && System.nanoTime() - until < 0) {
        states = states(session.ownSockets());
      }
      assertEquals(TcpState.FIN_WAIT2.kernelValue(), states.remove(clientId));
      assertEquals(TcpState.CLOSE_WAIT.kernelValue(), states.remove(acceptedId));
      assertEquals(List.of(TcpState.LISTEN.kernelValue()), List.copyOf(states.values()));
    }
  }
}
