// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.SelectorConnections;
import dev.tcpstates.it.workload.SocketClassLoading;
import dev.tcpstates.jfr.SocketTimeline;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another agent looks at each class when it is loaded. On JDK 25, Flight Recorder loads classes in
 * the midst of an event, and what the other agent does then must not damage it.
 */
@NeedsBpf
class TransformingAgentIT {
  private static final int CONNECTIONS = 300;

  @TempDir private Path directory;

  @OnEachJdk
  void theRecordingCanBeRead(Jdk jdk) throws Exception {
    Path other =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(file -> file.getFileName().toString().startsWith("transmittable-thread-local"))
            .findFirst()
            .orElseThrow();
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm("-javaagent:" + other)
            .record()
            .run(SelectorConnections.class, Integer.toString(CONNECTIONS))
            .ok();
    // Each connection has two sockets; one more listens.
    List<SocketTimeline> sockets = Recorded.read(result.recording()).timelines();
    assertEquals(
        2 * CONNECTIONS + 1,
        sockets.size(),
        () -> "" + sockets.stream().filter(socket -> socket.transitions().size() < 4).toList());
  }

  /**
   * The JVM offers a class that a transformer loads to no agent; where there is another agent, ours
   * does not wait for these classes to be loaded.
   */
  @OnEachJdk
  void socketsOfClassesThatItsTransformerLoadedHaveTheirOpener(Jdk jdk) throws Exception {
    assertOpenersAreKnown(jdk, "transformer");
  }

  @OnEachJdk
  void socketsOfClassesThatItsPremainLoadedHaveTheirOpener(Jdk jdk) throws Exception {
    assertOpenersAreKnown(jdk, "premain");
  }

  private void assertOpenersAreKnown(Jdk jdk, String when) throws Exception {
    Path other = TestJar.ofAgent(directory.resolve("other.jar"), SocketClassLoading.class);
    Path file = directory.resolve("story.jfr");
    AgentJvm jvm = new AgentJvm(jdk, directory).jvm("-javaagent:" + other + "=" + when);
    try (Shell shell = Shell.start(jvm)) {
      Tool.jcmd(jdk, shell.pid(), "JFR.start", "name=story").ok();
      int server = shell.number("listen server");
      shell.number("connect client " + server);
      shell.run("accept accepted server");
      Tool.jcmd(jdk, shell.pid(), "JFR.dump", "name=story", "filename=" + file).ok();
      shell.end();
    }
    List<SocketTimeline> sockets = Recorded.read(file).timelines();
    assertEquals(3, sockets.size(), sockets::toString);
    for (SocketTimeline socket : sockets) {
      assertTrue(socket.openedBy().contains("SocketShell."), socket::toString);
    }
  }
}
