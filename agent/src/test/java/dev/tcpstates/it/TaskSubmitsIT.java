// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Submits;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import unlisted.client.Client;
import unlisted.client.Task;

/** The option taskSubmits: the line that handed a library's work to an executor. */
@NeedsBpf
class TaskSubmitsIT {
  private static final String VIRTUAL = "virtual";

  @OnEachJdk
  void theSubmitterIsShown(Jdk jdk, @TempDir Path directory) throws Exception {
    AgentJvm.Result result = run(jdk, directory, "taskSubmits=true");
    TcpRecording recording = Recorded.read(result.recording());
    List<String> expected = new ArrayList<>();
    for (String line : lines(result)) {
      String[] parts = line.split("\\|");
      String mark = parts[0].equals(VIRTUAL) ? "thread started by " : "submitted by ";
      expected.add(parts[0] + " < " + mark + parts[1]);
      if (parts[0].equals("periodic")) {
        expected.add(parts[0] + " < " + mark + parts[1]);
      }
    }
    List<SocketTimeline> clients = clients(recording);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < clients.size(); i++) {
      String openedBy = clients.get(i).openedBy();
      String what = i < expected.size() ? expected.get(i).split(" < ")[0] : "?";
      found.add(what + openedBy.substring(Math.max(0, openedBy.lastIndexOf(" < "))));
    }
    assertEquals(String.join("\n", expected), String.join("\n", found));

    // The dictionary, the commands and the rules have the same.
    OpenSiteInfo site = recording.openSites().get(clients.get(0).openSiteId());
    assertTrue(site.openedBy().contains(" < submitted by "), site::toString);
    assertTrue(site.stack().contains("submitted by"), site::toString);
    for (String command : List.of("summary", "life", "stacks")) {
      String out = Tool.agent(jdk, command, result.recording().toString()).ok().out();
      assertTrue(out.matches("(?s).*submitted[ _]by.*"), () -> command + out);
    }
    Tool check = Tool.agent(jdk, "check", "--max-connections", "0", result.recording().toString());
    assertEquals(1, check.exit(), check::out);
    assertTrue(check.out().contains("submitted by"), check::out);
  }

  /** Off by default: then the line is that of the thread's start, if that is known. */
  @OnEachJdk
  void notWithoutTheOption(Jdk jdk, @TempDir Path directory) throws Exception {
    for (SocketTimeline client :
        clients(Recorded.read(run(jdk, directory, "log=info").recording()))) {
      assertFalse(client.openedBy().contains("submitted by"), client::openedBy);
    }
  }

  private static AgentJvm.Result run(Jdk jdk, Path directory, String options) throws Exception {
    Path app = jar(directory.resolve("app.jar"), Submits.class);
    Path lib = TestJar.of(directory.resolve("lib.jar"), Client.class, Task.class);
    Path[] libraries =
        Stream.of(Libraries.classPath())
            .filter(entry -> !Files.isDirectory(entry))
            .toArray(Path[]::new);
    Path[] all = Stream.concat(Stream.of(app, lib), Stream.of(libraries)).toArray(Path[]::new);
    return new AgentJvm(jdk, directory)
        .classPath(all)
        .options(options)
        // With one CPU, it would start a thread for each task instead.
        .jvm("-Djava.util.concurrent.ForkJoinPool.common.parallelism=2")
        .record()
        .run(Submits.class)
        .ok();
  }

  private static Path jar(Path file, Class<?> type) throws IOException {
    List<Class<?>> classes = new ArrayList<>(List.of(type.getDeclaredClasses()));
    classes.add(type);
    return TestJar.of(file, classes.toArray(Class<?>[]::new));
  }

  private static List<String> lines(AgentJvm.Result result) {
    return result.out().lines().filter(line -> line.contains("|")).toList();
  }

  private static List<SocketTimeline> clients(TcpRecording recording) {
    return recording.timelines().stream()
        .filter(
            timeline ->
                recording.socketOpens().get(timeline.socketId()).kind() == SocketKind.CONNECT)
        .sorted(Comparator.comparing(timeline -> timeline.transitions().get(0).endTime()))
        .toList();
  }
}
