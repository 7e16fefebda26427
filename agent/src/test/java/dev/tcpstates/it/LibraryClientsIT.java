// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.workload.LibraryClients;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** Clients of databases, queues and services: the application's line is shown for each. */
@NeedsBpf
class LibraryClientsIT {
  private static final int CLIENTS = 27;

  @OnEachJdk
  void theApplicationsLineIsShown(Jdk jdk, @TempDir Path directory) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .classPath(Libraries.classPath())
            .record()
            .run(LibraryClients.class)
            .ok();
    TcpRecording recording = Recorded.read(result.recording());
    Map<String, String> missing = new TreeMap<>();
    List<String> clients = result.out().lines().filter(line -> line.startsWith("client ")).toList();
    assertEquals(CLIENTS, clients.size(), result::out);
    for (String client : clients) {
      String[] words = client.split(" ");
      List<String> openers =
          recording.timelines().stream()
              .filter(timeline -> connectsTo(recording, timeline, Integer.parseInt(words[2])))
              .map(SocketTimeline::openedBy)
              .toList();
      if (openers.stream().noneMatch(text -> text.contains("LibraryClients." + words[1] + ":"))) {
        missing.put(words[1], openers.toString());
      }
    }
    assertEquals(Map.of(), missing, result::out);
  }

  private static boolean connectsTo(TcpRecording recording, SocketTimeline timeline, int port) {
    var open = recording.socketOpens().get(timeline.socketId());
    return open != null
        && open.kind() == SocketKind.CONNECT
        && timeline.transitions().stream().anyMatch(transition -> transition.port() == port);
  }
}
