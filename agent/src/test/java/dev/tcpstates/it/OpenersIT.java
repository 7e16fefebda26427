// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.NativeSockets;
import dev.tcpstates.it.workload.Openers;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

/** Each transition names who opened the socket. */
class OpenersIT {
  @OnEachJdk
  void everySocketClass(Jdk jdk, @TempDir Path directory) throws Exception {
    KernelTier.require();
    AgentJvm.Result result = new AgentJvm(jdk, directory).record().run(Openers.class).ok();
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    TcpRecording recording = Recorded.read(result.recording());
    Map<WorkloadSocket, SocketTimeline> timelines = Recorded.match(recording, opened);
    Map<Integer, WorkloadSocket> listeners =
        opened.stream()
            .filter(OpenersIT::listens)
            .collect(Collectors.toMap(WorkloadSocket::localPort, t -> t));

    timelines.forEach(
        (socket, timeline) -> {
          assertEquals(Lives.of(socket.role()), Recorded.states(timeline), socket::toString);
          for (Transition transition : timeline.transitions()) {
            // The kernel makes the connection; later, accept hands it over.
            boolean handedOver =
                !List.of(TcpState.LISTEN, TcpState.SYN_RECV).contains(transition.oldState());
            WorkloadSocket opener =
                accepted(socket) && !handedOver ? listeners.get(socket.localPort()) : socket;
            assertOpenedBy(opener, transition, recording.openSites());
          }
          assertSocketOpen(socket, timeline, recording.socketOpens().get(timeline.socketId()));
        });
    assertEquals(timelines.size(), recording.socketOpens().size());
    assertCounts(opened, recording.openSites().values());
  }

  @OnEachJdk
  void nobodyKnown(Jdk jdk, @TempDir Path directory) throws Exception {
    KernelTier.require();
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
            .record()
            .run(NativeSockets.class)
            .ok();
    TcpRecording recording = Recorded.read(result.recording());
    Recorded.match(recording, WorkloadSocket.all(result.out()))
        .forEach(
            (socket, timeline) -> {
              assertEquals(Lives.of(socket.role()), Recorded.states(timeline), socket::toString);
              boolean known = !socket.is("native");
              assertEquals(known, recording.socketOpens().containsKey(timeline.socketId()));
              if (!known) {
                timeline.transitions().forEach(OpenersIT::assertUnknown);
              } else if (!accepted(socket)) {
                timeline
                    .transitions()
                    .forEach(t -> assertOpenedBy(socket, t, recording.openSites()));
              }
            });
  }

  private static void assertUnknown(Transition transition) {
    assertEquals("unknown: opened by no method that is hooked", transition.openedBy());
    assertNull(transition.openThread());
    assertEquals(0, transition.openThreadId());
    assertEquals(0, transition.openSiteId());
  }

  private static void assertOpenedBy(
      WorkloadSocket opener, Transition transition, Map<Long, OpenSiteInfo> sites) {
    assertEquals(opener.at(), telling(opener, transition.openedBy()), transition::toString);
    assertEquals(opener.thread(), transition.openThread(), transition::toString);
    assertTrue(transition.openThreadId() > 0);
    OpenSiteInfo site = sites.get(transition.openSiteId());
    assertEquals(kind(opener), site.kind(), transition::toString);
    assertEquals(transition.openedBy(), site.openedBy());
    assertTrue(site.stack().contains(opener.at()), site::toString);
  }

  private static void assertSocketOpen(
      WorkloadSocket socket, SocketTimeline timeline, SocketOpenInfo open) {
    assertEquals(kind(socket), open.kind());
    assertEquals(socket.thread(), open.thread());
    assertTrue(open.stack().contains(socket.at()), open::toString);
    assertEquals(timeline.openSiteId(), open.openSiteId());
  }

  /** As many sockets were opened at each place as the workload opened, and left open there. */
  private static void assertCounts(List<WorkloadSocket> opened, Iterable<OpenSiteInfo> sites) {
    Map<String, Long> counts =
        opened.stream().collect(Collectors.groupingBy(WorkloadSocket::at, Collectors.counting()));
    for (String at : counts.keySet()) {
      int sumOpened = 0;
      int sumOpen = 0;
      for (OpenSiteInfo site : sites) {
        if (site.stack().contains(at)) {
          sumOpened += site.opened();
          sumOpen += site.open();
        }
      }
      assertEquals(counts.get(at), sumOpened, "opened at " + at);
      long leaked = opened.stream().filter(t -> t.at().equals(at) && t.is("leaked")).count();
      assertEquals(leaked, sumOpen, "open of " + at);
    }
  }

  /** The frame of the workload that must be named, of those that are. */
  private static String telling(WorkloadSocket opener, String openedBy) {
    // Late sockets are connected in a method of their own.
    return openedBy.split(" < ")[opener.is("late") ? 1 : 0];
  }

  private static SocketKind kind(WorkloadSocket socket) {
    return listens(socket)
        ? SocketKind.LISTEN
        : accepted(socket) ? SocketKind.ACCEPT : SocketKind.CONNECT;
  }

  private static boolean listens(WorkloadSocket socket) {
    return socket.role().endsWith("listener");
  }

  private static boolean accepted(WorkloadSocket socket) {
    return socket.role().contains("server");
  }
}
