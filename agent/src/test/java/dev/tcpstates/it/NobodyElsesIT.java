// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.workload.Insider;
import dev.tcpstates.it.workload.Outsider;
import dev.tcpstates.jfr.SocketTimeline;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/**
 * Other processes' sockets never appear, be they peers or children of the JVM under test; the sides
 * that it accepted from them do.
 */
class NobodyElsesIT {
  private static final int FROM_EACH = 20;
  private static final int OUTWARDS = 10;

  @OnEachJdk
  void peersAndChildren(Jdk jdk, @TempDir Path directory) throws Exception {
    KernelTier.require();
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Path outside = Files.createDirectory(directory.resolve("outside"));
    String fromEach = Integer.toString(FROM_EACH);
    String outwards = Integer.toString(OUTWARDS);
    try (AgentJvm.Running insider =
        new AgentJvm(jdk, inside).record().start(Insider.class, fromEach, outwards)) {
      insider.awaitLine("opened listener");
      WorkloadSocket listener = WorkloadSocket.all(insider.output()).get(0);
      try (AgentJvm.Running outsider =
          new AgentJvm(jdk, outside)
              .withoutAgent()
              .start(Outsider.class, "" + listener.localPort(), fromEach, outwards)) {
        insider.send(outsider.awaitLine("listening "));
        String others = outsider.await().ok().out();
        AgentJvm.Result result = insider.await().ok();

        List<WorkloadSocket> opened = new ArrayList<>(WorkloadSocket.all(result.out()));
        // The child writes to the same standard output.
        (others + result.out())
            .lines()
            .filter(line -> line.startsWith("connected "))
            .map(line -> Integer.parseInt(line.substring("connected ".length())))
            .map(
                port ->
                    new WorkloadSocket("server closing last", listener.localPort(), port, "", ""))
            .forEach(opened::add);
        assertEquals(1 + 2 * FROM_EACH + OUTWARDS, opened.size());
        Map<WorkloadSocket, SocketTimeline> timelines =
            Recorded.match(Recorded.read(result.recording()), opened);
        timelines.forEach(
            (socket, timeline) ->
                assertEquals(Lives.of(socket.role()), Recorded.states(timeline), socket::toString));
      }
    }
  }
}
