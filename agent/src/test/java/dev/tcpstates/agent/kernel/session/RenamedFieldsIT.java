// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static dev.tcpstates.agent.kernel.session.LiveSession.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.it.KernelTier;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The programs on a kernel that names fields otherwise: here, by programs that ask for other names.
 * libbpf makes each read of a field that the kernel lacks an instruction that no verifier accepts.
 */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
class RenamedFieldsIT {
  /** What the core and the two listings can do without. */
  private static final List<String> FIELDS =
      List.of(
          "skc_v6_daddr",
          "skc_v6_rcv_saddr",
          "skc_flags",
          "skc_net",
          "sk_bpf_storage",
          "sk_err",
          "sk_ack_backlog",
          "sk_max_ack_backlog",
          "sk_drops",
          "icsk_accept_queue",
          "inet_sport",
          "bytes_sent",
          "bytes_received",
          "bytes_retrans",
          "segs_out",
          "segs_in",
          "total_retrans",
          "srtt_us",
          "snd_cwnd",
          "rtt_min",
          "rcv_nxt",
          "snd_una",
          "write_seq",
          "copied_seq",
          "retrans_stamp",
          "tcp_usec_ts",
          "icsk_user_timeout",
          "icsk_rto_max",
          "icsk_retransmit_timer",
          "sk_err_soft",
          "sk_socket",
          "f_ref",
          "snt_synack",
          "tw_substate");

  @TempDir private Path directory;

  private final List<Integer> states = new ArrayList<>();

  @BeforeEach
  void require() throws Exception {
    KernelTier.require();
  }

  private BpfSession open(List<String> renamed) throws Exception {
    Path object = directory.resolve("renamed.o");
    List<String> command = new ArrayList<>(List.of("../bpf/build.sh", object.toString()));
    for (String field : renamed) {
      command.add("-D" + field + "=" + field + "_renamed");
    }
    Process build = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(build.getInputStream().readAllBytes());
    assertEquals(0, build.waitFor(), output);
    byte[] bytes = Files.readAllBytes(object);
    ByteBuffer image = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    return BpfSession.open(LibBpfLoader.libBpf(), 1 << 16, image);
  }

  private void assertTransitions(BpfSession session) throws Exception {
    session.recording(EnumSet.of(RecordType.TRANSITIONS, RecordType.CONNECTIONS));
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      SocketSnapshot snapshot = session.table();
      assertNotNull(snapshot, session.missing());
      client.close();
      assertEquals(-1, accepted.getInputStream().read());
    }
    session.drain(
        new RecordSink() {
          @Override
          public void transition(TransitionView transition) {
            states.add(transition.newState());
          }

          @Override
          public void connection(ConnectionView connection) {}

          @Override
          public void ended(long socketId, int oldState) {}
        });
    // A listener's two, and five of each end of the connection.
    assertEquals(12, states.size(), states.toString());
  }

  @Test
  void theCoreAndTheListingsDoWithoutAny() throws Exception {
    try (BpfSession session = open(FIELDS)) {
      String missing = String.valueOf(session.missing());
      for (Extra extra : List.of(Extra.SECOND_PROGRAM, Extra.DESCRIPTORS, Extra.TABLE)) {
        assertEquals(-1, missing.indexOf(extra.missing("")), missing);
      }
      assertTransitions(session);
    }
  }

  /** What only an extra reads costs that extra. */
  @ParameterizedTest
  @ValueSource(strings = {"icsk_pending", "tcp_gso_segs", "num_retrans"})
  void anExtraIsRefusedByItself(String field) throws Exception {
    try (BpfSession session = open(List.of(field))) {
      assertNotEquals(null, session.missing());
      assertEquals(1, session.missing().split("; (?=[A-Z])").length, session.missing());
      assertEquals(0, session.missing().indexOf("Retransmit"), session.missing());
      assertTrue(session.missing().contains("." + field + "_renamed "), session.missing());
      assertTransitions(session);
    }
  }

  @Test
  void asItIsNothingIsMissing() throws Exception {
    try (BpfSession session = open(List.of())) {
      assertNull(session.missing());
      assertTransitions(session);
    }
  }
}
