// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tcpstates.it.workload.AsynchronousConnections;
import dev.tcpstates.it.workload.BlockingConnections;
import dev.tcpstates.it.workload.ConnectTimeouts;
import dev.tcpstates.it.workload.RefusedConnections;
import dev.tcpstates.it.workload.ResetConnections;
import dev.tcpstates.it.workload.SelectorConnections;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** So many connections give so many timelines, each of them whole, and none besides. */
@NeedsBpf
class ExactCountsIT {
  private static final int CONNECTIONS = 23;
  private static final String COUNT = Integer.toString(CONNECTIONS);

  @TempDir Path directory;

  @OnEachJdk
  void blocking(Jdk jdk) throws Exception {
    KernelTier.requireTools("ss");
    long listenerId;
    AgentJvm.Result result;
    try (AgentJvm.Running running =
        new AgentJvm(jdk, directory)
            .record()
            .start(BlockingConnections.class, "127.0.0.1", "127.0.0.1", COUNT)) {
      running.awaitLine("opened listener");
      listenerId = Ss.listener(WorkloadSocket.all(running.output()).get(0).localPort());
      running.send("go");
      result = running.await().ok();
    }
    Map<WorkloadSocket, SocketTimeline> timelines =
        assertConnections(result, "127.0.0.1", "127.0.0.1");
    timelines.forEach(
        (socket, timeline) -> {
          if (socket.is("listener")) {
            assertEquals(listenerId, timeline.socketId(), "ss says otherwise");
          }
        });
  }

  static List<Jdk> jdksWithVirtualThreads() {
    return Jdk.all().stream().filter(jdk -> jdk.feature() >= 21).toList();
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("jdksWithVirtualThreads")
  void virtualThreads(Jdk jdk) throws Exception {
    assertConnections(
        blocking(jdk, "127.0.0.1", "127.0.0.1", COUNT, "virtual"), "127.0.0.1", "127.0.0.1");
  }

  @OnEachJdk
  void ipv6(Jdk jdk) throws Exception {
    assertConnections(blocking(jdk, "::1", "::1", COUNT), "::1", "::1");
  }

  @OnEachJdk
  void ipv4ThroughDualStack(Jdk jdk) throws Exception {
    assertConnections(blocking(jdk, "::", "127.0.0.1", COUNT), "::", "127.0.0.1");
  }

  @OnEachJdk
  void ipv4Stack(Jdk jdk) throws Exception {
    AgentJvm jvm = new AgentJvm(jdk, directory).jvm("-Djava.net.preferIPv4Stack=true");
    assertConnections(blocking(jvm, "0.0.0.0", "127.0.0.1", COUNT), "0.0.0.0", "127.0.0.1");
  }

  private AgentJvm.Result blocking(Jdk jdk, String... arguments) throws Exception {
    return blocking(new AgentJvm(jdk, directory), arguments);
  }

  private AgentJvm.Result blocking(AgentJvm jvm, String... arguments) throws Exception {
    try (AgentJvm.Running running = jvm.record().start(BlockingConnections.class, arguments)) {
      running.send("go");
      return running.await().ok();
    }
  }

  @OnEachJdk
  void selector(Jdk jdk) throws Exception {
    assertConnections(
        new AgentJvm(jdk, directory).record().run(SelectorConnections.class, COUNT).ok(),
        "127.0.0.1",
        "127.0.0.1");
  }

  @OnEachJdk
  void asynchronous(Jdk jdk) throws Exception {
    assertConnections(
        new AgentJvm(jdk, directory).record().run(AsynchronousConnections.class, COUNT).ok(),
        "127.0.0.1",
        "127.0.0.1");
  }

  @OnEachJdk
  void reset(Jdk jdk) throws Exception {
    assertConnections(
        new AgentJvm(jdk, directory).record().run(ResetConnections.class, COUNT).ok(),
        "127.0.0.1",
        "127.0.0.1");
  }

  @OnEachJdk
  void refused(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory).record().run(RefusedConnections.class, COUNT).ok();
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    assertEquals(CONNECTIONS, opened.size());
    Recorded.match(Recorded.read(result.recording()), opened)
        .forEach(
            (socket, timeline) -> {
              assertLife(socket, timeline, "127.0.0.1");
              assertEquals(
                  socket.localPort(), timeline.transitions().get(0).localPort(), "it was bound");
            });
  }

  @OnEachJdk
  void timeouts(Jdk jdk) throws Exception {
    KernelTier.requireNetworkNamespaces();
    // A network of its own, where the kernel gives up after one more SYN, not after two minutes.
    String setUp = "ip link set lo up && echo 1 >/proc/sys/net/ipv4/tcp_syn_retries && exec \"$@\"";
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .under("unshare", "--net", "sh", "-c", setUp, "sh")
            .record()
            .run(ConnectTimeouts.class)
            .ok();
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    assertEquals(
        List.of("client reset", "given up", "listener", "server never accepted", "timed out"),
        opened.stream().map(WorkloadSocket::role).distinct().sorted().toList());
    Recorded.match(Recorded.read(result.recording()), opened)
        .forEach((socket, timeline) -> assertLife(socket, timeline, "127.0.0.1"));
  }

  /** The listener, and both sides of each connection: nothing else, and all of it right. */
  private static Map<WorkloadSocket, SocketTimeline> assertConnections(
      AgentJvm.Result result, String listenAt, String connectTo) throws Exception {
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    assertEquals(CONNECTIONS, opened.stream().filter(socket -> socket.is("client")).count());
    assertEquals(CONNECTIONS, opened.stream().filter(socket -> socket.is("server")).count());
    assertEquals(2 * CONNECTIONS + 1, opened.size());

    TcpRecording recording = Recorded.read(result.recording());
    Map<WorkloadSocket, SocketTimeline> timelines = Recorded.match(recording, opened);
    WorkloadSocket listener =
        opened.stream().filter(socket -> socket.is("listener")).findFirst().orElseThrow();
    long listenerId = timelines.get(listener).socketId();
    timelines.forEach(
        (socket, timeline) -> {
          assertLife(socket, timeline, socket.is("listener") ? listenAt : connectTo);
          assertEquals(
              socket.is("listener") ? otherSide(listenAt) : connectTo,
              timeline.transitions().get(0).address());
          for (Transition transition : timeline.transitions()) {
            assertEquals(socket.is("server") ? listenerId : 0, transition.listenerId());
          }
        });
    return timelines;
  }

  /** The remote address of a listener is the family's address of nobody. */
  private static String otherSide(String listenAt) {
    return listenAt.equals("0.0.0.0") ? "0.0.0.0" : "::";
  }

  private static void assertLife(
      WorkloadSocket socket, SocketTimeline timeline, String localAddress) {
    assertEquals(Lives.of(socket.role()), Recorded.states(timeline), socket::toString);
    int last = timeline.transitions().size() - 1;
    for (int i = 0; i <= last; i++) {
      Transition transition = timeline.transitions().get(i);
      assertNotEquals(0, transition.socketId());
      assertEquals(localAddress, transition.localAddress(), transition::toString);
      // The kernel chooses a client's port after SYN_SENT.
      if (i > 0) {
        assertEquals(socket.localPort(), transition.localPort(), transition::toString);
      }
      assertEquals(socket.port(), transition.port(), transition::toString);
      assertEquals(Duration.ZERO, transition.uncertainty());
      if (i < last) {
        assertNull(transition.reason(), transition::toString);
      } else {
        assertEquals(reason(socket.role()), transition.reason(), transition::toString);
      }
    }
  }

  private static String reason(String role) {
    return switch (role) {
      case "refused" -> "ECONNREFUSED";
      case "timed out" -> "ETIMEDOUT";
      case "client reset" -> "ECONNRESET";
      case "client reset after FIN" -> "EPIPE"; // what the kernel makes of it in CLOSE_WAIT
      default -> null;
    };
  }
}
