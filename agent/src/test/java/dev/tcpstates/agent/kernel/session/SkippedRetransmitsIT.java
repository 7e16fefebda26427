// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.it.KernelTier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Segments sent again that no program saw, by the kernel's own number of them. */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
class SkippedRetransmitsIT {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  private long socketId;
  private int retransmits;

  private final RecordSink handler =
      new RecordSink() {
        @Override
        public void transition(TransitionView transition) {}

        @Override
        public void connection(ConnectionView connection) {}

        @Override
        public void retransmit(RetransmitView retransmit) {
          socketId = retransmit.socketId();
          retransmits = retransmit.retransmits();
        }

        @Override
        public void ended(long id, int oldState) {}
      };

  @BeforeEach
  void require() throws Exception {
    KernelTier.require();
  }

  /** A listener whose queue is full, with one more than it asks for, leaves a SYN unanswered. */
  @Test
  void areCountedAtTheNextOneAndAtTheEnd() throws Exception {
    try (BpfSession session = BpfSession.open(1 << 16);
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket second = new Socket(server.getInetAddress(), server.getLocalPort());
        SocketChannel unanswered = SocketChannel.open()) {
      session.recording(EnumSet.of(RecordType.RETRANSMITS));
      unanswered.configureBlocking(false);
      unanswered.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));

      awaitMore(session);
      int unseen = retransmits - 1; // where the kernel itself keeps the programs from running
      assertEquals(unseen, session.losses().skippedRetransmits());
      Marks.retransmits(socketId, 0);
      awaitMore(session);
      unseen += retransmits - 1;
      assertEquals(unseen, session.losses().skippedRetransmits());
      assertTrue(unseen > 0);

      Marks.retransmits(socketId, 0);
      unanswered.close();
      assertEquals(unseen + retransmits, session.losses().skippedRetransmits());
    }
  }

  private void awaitMore(BpfSession session) throws Exception {
    int before = retransmits;
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (retransmits == before) {
      assertTrue(System.nanoTime() < deadline, "nothing was sent again");
      Thread.sleep(20);
      session.drain(handler);
    }
  }
}
