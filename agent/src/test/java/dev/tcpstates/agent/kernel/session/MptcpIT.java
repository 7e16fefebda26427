// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static dev.tcpstates.agent.kernel.session.LiveSession.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.jfr.TcpState;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An MPTCP socket is not a TCP socket; the one that the kernel opens underneath is recorded. */
@SuppressWarnings("try") // the socket is closed in the midst of things, which is the point
class MptcpIT {
  private static final int IPPROTO_MPTCP = 262;
  private static final Path ENABLED = Path.of("/proc/sys/net/mptcp/enabled");

  @RegisterExtension private final LiveSession live = new LiveSession();

  @Test
  void theSubflowIsRecorded() throws Exception {
    Assumptions.assumeTrue(
        Files.exists(ENABLED) && Files.readString(ENABLED).strip().equals("1"),
        "missing here: net.mptcp.enabled");
    BpfSession session = live.get();
    session.recording(Set.of(RecordType.TRANSITIONS));
    List<String> states = new ArrayList<>();
    try (ServerSocket server = server();
        RawSocket client = RawSocket.of(IPPROTO_MPTCP)) {
      long cookie = SocketCookie.cookie(client.fd());
      assertNotEquals(0, cookie);
      int port = server.getLocalPort();
      assertEquals(0, client.connect(port));
      try (Socket accepted = server.accept()) {
        client.close();
        assertEquals(-1, accepted.getInputStream().read());
      }
      session.drain(
          new RecordSink() {
            @Override
            public void transition(TransitionView t) {
              if (t.remotePort() == port) {
                assertNotEquals(cookie, t.socketId());
                states.add(TcpState.nameOf(t.newState()));
              }
            }

            @Override
            public void connection(ConnectionView connection) {}

            @Override
            public void ended(long socketId, int oldState) {}
          });
    }
    assertEquals(List.of("SYN_SENT", "ESTABLISHED", "FIN_WAIT1"), states.subList(0, 3));
  }
}
