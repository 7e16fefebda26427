// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent's jar is upgraded while its JVM runs, and before anything was recorded. */
@NeedsBpf
class JarReplacedIT {
  @TempDir private Path directory;

  /** How the new jar takes the place of the old one. */
  enum Way {
    BY_RENAME {
      @Override
      void replace(Path jar, Path newer) throws IOException {
        Files.move(newer, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      }
    },
    /** As {@code cp} does. */
    IN_PLACE {
      @Override
      void replace(Path jar, Path newer) throws IOException {
        Files.write(jar, Files.readAllBytes(newer));
      }
    };

    abstract void replace(Path jar, Path newer) throws IOException;
  }

  static Stream<Arguments> ways() {
    return Jdk.all().stream()
        .flatMap(jdk -> Stream.of(Way.values()).map(way -> Arguments.of(jdk, way)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("ways")
  void theAgentGoesOn(Jdk jdk, Way way) throws Exception {
    Path jar = Files.copy(AgentJvm.jar(), directory.resolve("agent.jar"));
    Path file = directory.resolve("story.jfr");
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).agentJar(jar))) {
      int server = shell.number("listen server"); // by then the agent has started
      way.replace(jar, OtherVersion.of(directory.resolve("newer.jar"), "9.9.9"));

      Tool.jcmd(jdk, shell.pid(), "JFR.start", "name=story").ok();
      int first = shell.number("connect first " + server);
      shell.run("close first");
      try (Live print = new Live(jdk, directory, "print", "-s", "" + shell.pid())) {
        int printed = shell.number("connect printed " + server);
        print.awaitLines(
            lines -> lines.stream().anyMatch(line -> line.contains("," + printed + ",")));
        assertEquals(0, print.interrupt());
      }
      command(jdk, jar, "detach", shell.pid());
      command(jdk, jar, "attach", shell.pid());
      int last = shell.number("connect last " + server);
      shell.run("close last");
      Tool.jcmd(jdk, shell.pid(), "JFR.dump", "name=story", "filename=" + file).ok();

      TcpRecording recording = Recorded.read(file);
      for (int port : new int[] {first, last}) {
        SocketTimeline client =
            recording.timelines().stream()
                .filter(timeline -> timeline.transitions().get(1).localPort() == port)
                .findFirst()
                .orElseThrow();
        assertTrue(client.openedBy().contains("SocketShell.connect"), client::openedBy);
      }
      shell.end();
    }
  }

  private static void command(Jdk jdk, Path jar, String name, long pid) throws Exception {
    Tool tool = Tool.run(jdk.tool("java"), "-jar", jar.toString(), name, "" + pid).ok();
    assertEquals("", tool.err());
  }
}
