// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.EarlyListeners;
import dev.tcpstates.it.workload.SlowStart;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** The agent's start is delayed, and the application waits for a bounded time at most. */
@NeedsBpf
class SlowStartIT {
  /** The listeners of the main thread, and two sockets of the other. */
  private static final int SOCKETS = EarlyListeners.LISTENERS + 2;

  @TempDir private Path directory;

  /** What the application said and the agent's last state. */
  private record Outcome(List<String> out, String err, AgentInfo state) {
    long millis(String name) {
      return out.stream()
          .filter(line -> line.startsWith(name + " "))
          .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow(() -> new AssertionError(out));
    }
  }

  private Outcome run(Jdk jdk, String arguments) throws Exception {
    Path file = directory.resolve("early.jfr");
    List<String> jvm = new ArrayList<>();
    jvm.add("-javaagent:" + otherAgent() + "=" + arguments);
    if (arguments.contains("blockhound")) {
      jvm.add("-XX:+AllowRedefinitionToAddDeleteMethods");
    }
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm(jvm.toArray(String[]::new))
            .classPath(
                Stream.of(Libraries.classPath())
                    .filter(entry -> !entry.toString().endsWith(".jar") || isBlockHound(entry))
                    .toArray(Path[]::new))
            .run(EarlyListeners.class, file.toString())
            .ok();
    List<AgentInfo> states = RecordingReader.read(file).agentStates();
    AgentInfo state = states.get(states.size() - 1);
    assertTrue(state.attached(), state::toString);
    assertEquals(0, state.suppressedErrors());
    return new Outcome(result.out().lines().toList(), result.err(), state);
  }

  private static boolean isBlockHound(Path entry) {
    return entry.getFileName().toString().startsWith("blockhound");
  }

  private Path otherAgent() throws IOException {
    return TestJar.ofAgent(directory.resolve("other-agent.jar"), SlowStart.class);
  }

  /** BlockHound makes methods throw that block, such as those of locks. */
  @OnEachJdk
  void aThreadThatMustNotBlockOpensSockets(Jdk jdk) throws Exception {
    Outcome outcome = run(jdk, "500,blockhound");
    assertTrue(outcome.out().contains("non-blocking true true"), () -> "" + outcome.out());
    assertTrue(outcome.millis("listeners") > 200, () -> "they did not wait: " + outcome.out());
  }

  @OnEachJdk
  void theApplicationWaitsForFiveSecondsInAll(Jdk jdk) throws Exception {
    Outcome outcome = run(jdk, "12000");
    assertTrue(outcome.millis("listeners") < 8_000, () -> "" + outcome.out());
    assertTrue(outcome.millis("listeners") > 1_000, () -> "" + outcome.out());
    String missed = SOCKETS + " sockets were opened before the agent was ready, openers unknown";
    assertEquals("all; " + missed, outcome.state().hooks());
    assertTrue(
        outcome.err().matches("tcpstates-agent: WARN recording the TCP .*; " + missed + ".*\n"),
        outcome.err());
  }

  @OnEachJdk
  void anotherAgentsTransformerOpensASocketAtOnce(Jdk jdk) throws Exception {
    Outcome outcome = run(jdk, "socket");
    assertTrue(outcome.millis("transformer") < 1_000, () -> "" + outcome.out());
    assertTrue(outcome.out().contains("non-blocking true true"), () -> "" + outcome.out());
    // The transformer's, and on a slow machine some of the application's.
    assertTrue(
        outcome
            .state()
            .hooks()
            .matches(
                "all; [1-6] sockets? (was|were) opened before the agent was ready, openers"
                    + " unknown"),
        outcome.state().hooks());
  }
}
