// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.SelectorConnections;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import one.profiler.AsyncProfiler;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Loads the agent into JVMs whose threads async-profiler interrupts with signals, more often than
 * the kernel needs to check a BPF program.
 */
class ProfilerIT {
  private static final int CONNECTIONS = 23;

  @TempDir static Path shared;
  private static Path profiler;

  @TempDir private Path directory;

  @BeforeAll
  static void unpackProfiler() throws IOException {
    KernelTier.require();
    String folder = System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
    profiler = shared.resolve("libasyncProfiler.so");
    try (InputStream in =
        AsyncProfiler.class.getResourceAsStream("/" + folder + "/libasyncProfiler.so")) {
      Files.copy(in, profiler);
    }
  }

  /** By SIGPROF while a thread runs, and by SIGVTALRM always. */
  static Stream<Arguments> modes() {
    return Jdk.all().stream()
        .flatMap(jdk -> Stream.of("cpu", "wall").map(event -> Arguments.of(jdk, event)));
  }

  private String profile() {
    return ",file=" + directory.resolve("profile.collapsed");
  }

  private static String start(String event) {
    return "start,event=" + event + ",interval=1ms";
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}, event={1}")
  @MethodSource("modes")
  void startedAfterTheProfiler(Jdk jdk, String event) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm(AgentJvm.NO_C2, "-agentpath:" + profiler + "=" + start(event) + profile())
            .record()
            .run(SelectorConnections.class, "" + CONNECTIONS)
            .ok();
    assertExact(result.recording());
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    assertEquals(2 * CONNECTIONS + 1, opened.size());
    Recorded.match(Recorded.read(result.recording()), opened)
        .forEach(
            (socket, timeline) ->
                assertEquals(Lives.of(socket.role()), Recorded.states(timeline), socket::toString));
    assertProfiled();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}, event={1}")
  @MethodSource("modes")
  void attachedAfterTheProfiler(Jdk jdk, String event) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent())) {
      command(jdk, shell, start(event));
      Tool.agent(jdk, "attach", Long.toString(shell.pid())).ok();
      Path file = directory.resolve("attached.jfr");
      Tool.jcmd(jdk, shell.pid(), "JFR.start", "filename=" + file).ok();
      int server = shell.number("listen server");
      shell.run("close server");
      command(jdk, shell, "stop" + profile());
      shell.end();
      assertExact(file);
      assertEquals(Story.LISTENER, Story.read(file).states().get(Story.name(server, 0)));
    }
    assertProfiled();
  }

  private static void command(Jdk jdk, Shell shell, String arguments) throws Exception {
    String quoted = '"' + arguments + '"'; // for jcmd, text with = is an option of its own
    Tool.jcmd(jdk, shell.pid(), "JVMTI.agent_load", profiler.toString(), quoted).ok();
  }

  private static void assertExact(Path recording) throws IOException {
    List<AgentInfo> states = RecordingReader.read(recording).agentStates();
    assertFalse(states.isEmpty());
    for (AgentInfo state : states) {
      assertEquals("EXACT", state.mode(), state::reason);
      assertNull(state.missing());
    }
  }

  private void assertProfiled() throws IOException {
    assertTrue(Files.size(directory.resolve("profile.collapsed")) > 0, "the profiler took nothing");
  }
}
