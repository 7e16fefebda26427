// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.OnCommand;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Whatever way a recording comes about, it holds all up to that moment. */
@NeedsBpf
class DumpsIT {
  @TempDir Path directory;

  @OnEachJdk
  void rightAfterTheLastClose(Jdk jdk) throws Exception {
    try (AgentJvm.Running running = new AgentJvm(jdk, directory).record().start(OnCommand.class)) {
      for (int i = 1; i <= 20; i++) {
        order(running, "open");
        order(running, "close");
        Path file = directory.resolve("dump-" + i + ".jfr");
        // From outside, and, as jcmd takes long to start, sooner after the close from inside.
        if (i % 4 == 0) {
          Jcmd.run(jdk, running, "JFR.dump", "filename=" + file);
        } else {
          order(running, "dump " + file);
        }
        assertAllClosed(WorkloadSocket.all(running.output()), i, file);
      }
      order(running, "open");
      order(running, "close");
      running.send("exit");
      assertAllClosed(WorkloadSocket.all(running.await().ok().out()), 21, running.recording());
    }
  }

  private static void assertAllClosed(List<WorkloadSocket> opened, int connections, Path file)
      throws Exception {
    assertEquals(1 + 2 * connections, opened.size());
    Recorded.match(Recorded.read(file), opened)
        .forEach(
            (socket, timeline) ->
                assertEquals(
                    socket.is("listener") ? List.of("CLOSE", "LISTEN") : Lives.of(socket.role()),
                    Recorded.states(timeline),
                    () -> socket + " in " + file));
  }

  @OnEachJdk
  void startedLate(Jdk jdk) throws Exception {
    Path file = directory.resolve("late.jfr");
    List<WorkloadSocket> opened = new ArrayList<>();
    try (AgentJvm.Running running = new AgentJvm(jdk, directory).start(OnCommand.class)) {
      for (String line : List.of("open", "open", "close")) {
        order(running, line);
      }
      // The listener and the second connection are from before the recording.
      opened.addAll(WorkloadSocket.all(running.output()));
      opened.subList(1, 3).clear();
      Jcmd.run(jdk, running, "JFR.start", "name=late");
      for (String line : List.of("close", "open", "close")) {
        order(running, line);
      }
      opened.addAll(WorkloadSocket.all(running.output()).subList(5, 7));
      Jcmd.run(jdk, running, "JFR.dump", "name=late", "filename=" + file);
    }
    assertEquals(5, opened.size());
    TcpRecording recording = Recorded.read(file);
    Map<WorkloadSocket, SocketTimeline> timelines =
        Recorded.match(
            recording, opened.subList(1, opened.size())); // the listener does nothing now
    for (int i = 1; i < opened.size(); i++) {
      WorkloadSocket socket = opened.get(i);
      SocketTimeline timeline = timelines.get(socket);
      List<String> life = Lives.of(socket.role());
      assertEquals(
          i > 2 ? life : life.subList(2, life.size()), Recorded.states(timeline), socket::toString);
      for (Transition transition : timeline.transitions()) {
        boolean handedOver =
            !List.of(TcpState.LISTEN, TcpState.SYN_RECV).contains(transition.oldState());
        WorkloadSocket opener = socket.is("server") && !handedOver ? opened.get(0) : socket;
        assertEquals(opener.at(), transition.openedBy().split(" < ")[0]);
        assertTrue(recording.openSites().containsKey(transition.openSiteId()));
      }
    }
  }

  private static void order(AgentJvm.Running running, String line) throws Exception {
    int before = answers(running);
    running.send(line);
    while (answers(running) == before) {
      if (!running.process().isAlive()) {
        throw new AssertionError("the workload has ended");
      }
      Thread.sleep(1);
    }
  }

  private static int answers(AgentJvm.Running running) throws Exception {
    return (int) running.output().lines().filter(line -> line.startsWith("done ")).count();
  }
}
