// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static dev.tcpstates.agent.kernel.session.LiveSession.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.wire.RecordType;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sockets whose end no program saw, against a kernel's real list of sockets. */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
class SkippedEndsIT {
  private static final long PAUSE_NANOS = 5_000_000_000L;

  private static final int ESTABLISHED = 1;
  private static final int CLOSE = 7;

  @RegisterExtension private final LiveSession live = new LiveSession();

  private BpfSession session;

  @BeforeEach
  void open() {
    session = live.get();
    session.recording(EnumSet.of(RecordType.TRANSITIONS, RecordType.CONNECTIONS));
  }

  private Set<Long> marked() throws BpfException {
    Set<Long> marked = new HashSet<>();
    assertTrue(session.forEachSocket(marked::add, true));
    return marked;
  }

  /** A walk that took long, on a busy machine, is followed by a pause of the walks. */
  private void assertSkipped(int expected) throws BpfException {
    long until = System.nanoTime() + PAUSE_NANOS;
    do {
      session.reconcile();
    } while (session.losses().skipped() < expected && System.nanoTime() < until);
    Losses losses = session.losses();
    assertEquals(expected, losses.skipped());
    assertEquals(expected, losses.skippedConnections());
  }

  @Test
  void aSocketThatHasGoneUnseenIsCountedOnce() throws Exception {
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      assertSkipped(0);
      long id = Marks.cookieOf(client, session);
      assertTrue(marked().contains(id));
      assertEquals(3, marked().size());
      assertEquals(2, session.sockets(ESTABLISHED));

      // Without its mark, the programs let it go like a stranger's.
      Marks.remove(id);
      client.close();
      assertEquals(-1, accepted.getInputStream().read());
      accepted.close();
      assertSkipped(1);
      assertFalse(marked().contains(id));
      assertEquals(0, session.sockets(ESTABLISHED));
      assertSkipped(1);
    }
    assertSkipped(1);
  }

  @Test
  void aSocketThatADescriptorKeepsIsCountedOnce() throws Exception {
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      long id = Marks.cookieOf(client, session);
      Marks.write(id, CLOSE, System.nanoTime()); // what makes the programs pass over the next
      accepted.setSoLinger(true, 0);
      accepted.close();
      // It was ESTABLISHED, as far as anybody has seen.
      Marks.write(id, ESTABLISHED, System.nanoTime());
      session.reconcile();
      assertTrue(marked().contains(id), "the kernel may be about to store the new state");

      Marks.write(id, ESTABLISHED, System.nanoTime() - TimeUnit.SECONDS.toNanos(2));
      assertSkipped(1);
      assertFalse(marked().contains(id));
      assertEquals(0, session.sockets(ESTABLISHED));
    }
    assertSkipped(1);
  }

  /** Of two that are there already when a filter comes, it lets one pass. */
  @Test
  void aFilterThatComesLaterIsForThoseThatAreThere() throws Exception {
    try (ServerSocket server = server();
        ServerSocket other = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept();
        Socket leftOut = new Socket(other.getInetAddress(), other.getLocalPort());
        Socket leftOutToo = other.accept()) {
      assertSkipped(0);
      SocketFilter filter = SocketFilter.ALL.with("remotePorts", "" + server.getLocalPort());
      session.filter(Map.of(RecordType.TRANSITIONS, filter, RecordType.CONNECTIONS, filter));
      assertSkipped(0); // as the reader does at once

      endUnseen(client, accepted);
      endUnseen(leftOut, leftOutToo);
      assertSkipped(1);
      assertEquals(0, session.sockets(ESTABLISHED));

      try (Socket second = new Socket(server.getInetAddress(), server.getLocalPort());
          Socket secondAccepted = server.accept()) {
        session.filter(Map.of());
        assertSkipped(1);
        endUnseen(second, secondAccepted);
        assertSkipped(2);
        // Its end has been reported, and a new filter finds nothing left of it.
        session.filter(Map.of(RecordType.TRANSITIONS, filter, RecordType.CONNECTIONS, filter));
        assertSkipped(2);
      }
    }
    assertSkipped(2);
  }

  /** The other side's end is seen. */
  private void endUnseen(Socket socket, Socket otherSide) throws Exception {
    Marks.remove(Marks.cookieOf(socket, session));
    socket.close();
    assertEquals(-1, otherSide.getInputStream().read());
    otherSide.close();
  }

  @Test
  void underLoadNothingIsTakenForALoss() throws Exception {
    int threads = 4;
    int connections = 400;
    ExecutorService load = Executors.newFixedThreadPool(threads);
    try {
      Callable<Void> connecting =
          () -> {
            try (ServerSocket server = server()) {
              for (int i = 0; i < connections; i++) {
                try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                    Socket accepted = server.accept()) {
                  client.close();
                  assertEquals(-1, accepted.getInputStream().read());
                }
              }
            }
            return null;
          };
      Set<Future<Void>> running = new HashSet<>();
      IntStream.range(0, threads).forEach(i -> running.add(load.submit(connecting)));
      int walks = 0;
      while (!running.stream().allMatch(Future::isDone)) {
        session.reconcile();
        walks++;
      }
      for (Future<Void> done : running) {
        done.get();
      }
      assertTrue(walks > 100, walks + " walks");
    } finally {
      load.shutdown();
    }
    assertEquals(0, session.losses().skippedConnections());
  }
}
