// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.it.KernelTier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The BPF program by itself, on this JVM's sockets: what no application can bring about. */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
class BpfProgramIT {
  private static final int ESTABLISHED = 1;
  private static final int SYN_SENT = 2;
  private static final int SYN_RECV = 3;
  private static final int FIN_WAIT1 = 4;
  private static final int LISTEN = 10;

  /** What a test sees of a transition. */
  private record Seen(long socketId, int from, int to, long since, long time, long uncertainty) {}

  private final List<Seen> seen = new ArrayList<>();
  private final List<Long> ended = new ArrayList<>();
  private final RecordSink handler =
      new RecordSink() {
        @Override
        public void transition(TransitionView t) {
          seen.add(
              new Seen(
                  t.socketId(),
                  t.oldState(),
                  t.newState(),
                  t.oldSince(),
                  t.time(),
                  t.uncertainty()));
        }

        @Override
        public void connection(ConnectionView connection) {}

        @Override
        public void ended(long socketId, int oldState) {
          ended.add(socketId);
        }
      };

  private BpfSession session;

  @BeforeEach
  void require() throws IOException {
    KernelTier.require();
  }

  @AfterEach
  void close() {
    if (session != null) {
      session.close();
    }
  }

  private void open(int ringSize) throws BpfException {
    session = BpfSession.open(ringSize);
  }

  /** The client is closed first, both ends are gone at the return. */
  private static void connection(ServerSocket server) throws IOException {
    try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      client.close();
      assertEquals(-1, accepted.getInputStream().read());
    }
  }

  private static ServerSocket server() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @Test
  void aTransitionThatNoProgramSawIsReportedWithItsTimeBounded() throws Exception {
    open(1 << 16);
    session.recording(Set.of(RecordType.TRANSITIONS));
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      session.drain(handler);
      Seen established =
          seen.stream().filter(s -> s.from == SYN_SENT && s.to == ESTABLISHED).findFirst().get();
      seen.clear();

      // As if the kernel had kept both programs from seeing SYN_SENT -> ESTABLISHED.
      long connecting = established.since;
      Marks.write(established.socketId, SYN_SENT, connecting);
      client.close();
      session.drain(handler);
      List<Seen> ours = seen.stream().filter(s -> s.socketId == established.socketId).toList();

      Seen missed = ours.get(0);
      assertEquals(SYN_SENT, missed.from);
      assertEquals(ESTABLISHED, missed.to);
      assertEquals(connecting, missed.since);
      assertEquals(connecting, missed.time - missed.uncertainty, "it can't have been earlier");
      assertTrue(missed.time >= established.time, "nor later than the next");
      Seen next = ours.get(1);
      assertEquals(ESTABLISHED, next.from);
      assertEquals(FIN_WAIT1, next.to);
      assertEquals(0, next.uncertainty);
      assertEquals(missed.time, next.since);
      assertEquals(1, session.losses().skipped());
      assertEquals(0, session.losses().ringFull());
    }
  }

  @Test
  void aTransitionThatNobodyRecordsIsNoLoss() throws Exception {
    open(1 << 16);
    session.recording(Set.of(RecordType.CONNECTIONS));
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      long connected = session.transitions();
      Marks.write(Marks.cookieOf(client, session), SYN_SENT, System.nanoTime());
      client.close();
      // To ESTABLISHED once more, and on.
      assertTrue(session.transitions() >= connected + 2);
      assertEquals(0, session.losses().skipped());
    }
  }

  @Test
  void whileNothingIsRecordedOnlyEndsAreTold() throws Exception {
    open(1 << 16);
    try (ServerSocket server = server()) {
      for (int i = 0; i < 23; i++) {
        connection(server);
      }
      assertEquals(1, session.sockets(LISTEN));
    }
    session.drain(handler);
    assertEquals(List.of(), seen);
    assertEquals(23 * 2 + 1, ended.stream().distinct().count());
    assertEquals(23 * 2 + 1, ended.size());
    // Five at each end of a connection, and the listener's two.
    assertEquals(23 * 10 + 2, session.transitions());
    for (int state = ESTABLISHED; state <= 12; state++) {
      assertEquals(0, session.sockets(state), "sockets in state " + state);
    }
  }

  @Test
  void aSocketOpenedBeforeARecordingIsTimedFromItsTrueBeginning() throws Exception {
    open(1 << 16);
    long before = System.nanoTime();
    long after;
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      after = System.nanoTime();
      session.recording(Set.of(RecordType.TRANSITIONS));
      client.close();
      assertEquals(-1, accepted.getInputStream().read());
    }
    session.drain(handler);
    Seen first = seen.get(0);
    assertEquals(ESTABLISHED, first.from);
    assertEquals(FIN_WAIT1, first.to);
    assertTrue(before < first.since && first.since < after);
  }

  @Test
  void gaugesFollowTheSockets() throws Exception {
    open(1 << 16);
    try (ServerSocket server = server()) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        sockets.add(new Socket(server.getInetAddress(), server.getLocalPort()));
        sockets.add(server.accept());
      }
      assertEquals(1, session.sockets(LISTEN));
      assertEquals(10, session.sockets(ESTABLISHED));
      assertEquals(0, session.sockets(SYN_RECV));
      // Not close: a closed socket's FIN_WAIT2 is handed to a TIME_WAIT stand-in at once.
      sockets.get(0).shutdownOutput();
      sockets.get(2).shutdownOutput();
      assertEquals(-1, sockets.get(1).getInputStream().read());
      assertEquals(-1, sockets.get(3).getInputStream().read());
      assertEquals(6, session.sockets(ESTABLISHED));
      assertEquals(2, session.sockets(8), "CLOSE_WAIT");
      // The peer may take its time with the acknowledgement.
      for (int i = 0; i < 500 && session.sockets(FIN_WAIT1) != 0; i++) {
        Thread.sleep(10);
      }
      assertEquals(0, session.sockets(FIN_WAIT1));
      assertEquals(2, session.sockets(5), "FIN_WAIT2");
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void whatTheRingHasNoRoomForIsCounted() throws Exception {
    open(4096);
    session.recording(Set.of(RecordType.TRANSITIONS));
    try (ServerSocket server = server()) {
      for (int i = 0; i < 23; i++) {
        connection(server);
      }
    }
    session.drain(handler);
    assertEquals(23 * 10 + 2, seen.size() + session.losses().ringFull());
    assertTrue(session.losses().ringFull() > 0);
    // A record takes its own length and a header of eight bytes.
    assertEquals(4096 / (TransitionView.Offsets.BYTES + 8), seen.size());
  }

  @Test
  void aFullRingWakesTheReader() throws Exception {
    open(1 << 16);
    session.recording(Set.of(RecordType.TRANSITIONS));
    long start = System.nanoTime();
    session.await(50);
    assertTrue(System.nanoTime() - start >= 45_000_000, "nothing there, and yet it woke up");

    Thread load =
        new Thread(
            () -> {
              try (ServerSocket server = server()) {
                for (int i = 0; i < 100; i++) {
                  connection(server);
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    start = System.nanoTime();
    load.start();
    session.await(20_000);
    long waited = System.nanoTime() - start;
    load.join();
    assertTrue(waited < 10_000_000_000L, "the ring filled up, and nobody woke the reader");
    session.drain(handler);
    assertEquals(100 * 10 + 2, seen.size() + session.losses().ringFull());
  }
}
