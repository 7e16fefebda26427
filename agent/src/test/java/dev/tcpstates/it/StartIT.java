// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.EarlySockets;
import dev.tcpstates.it.workload.ExitSoon;
import dev.tcpstates.it.workload.SocketClassLoading;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;

/** The application starts before the agent is ready, and neither of them is affected. */
@NeedsBpf
class StartIT {
  @TempDir private Path directory;

  @OnEachJdk
  void socketsOpenedByTheFirstLineOfMainAreComplete(Jdk jdk) throws Exception {
    assertCompleteWith(new AgentJvm(jdk, directory));
  }

  /** Then, no class of the JDK is woven before the first one of sockets is loaded. */
  @OnEachJdk
  void theSameIfNoThreadStartsAreWatched(Jdk jdk) throws Exception {
    assertCompleteWith(new AgentJvm(jdk, directory).options("threadStarts=none"));
  }

  private void assertCompleteWith(AgentJvm jvm) throws Exception {
    Path file = directory.resolve("early.jfr");
    AgentJvm.Result result = jvm.run(EarlySockets.class, file.toString());
    Assumptions.assumeTrue(
        result.err().startsWith("tcpstates-agent: recording "),
        "on this machine, the start takes longer than threads wait for it");
    assertComplete(result, file);
  }

  /** As fast as the application may be, and as slow the agent. */
  @OnEachJdk
  void aThreadThatOpensASocketWaitsForTheAgent(Jdk jdk) throws Exception {
    assertThreadsWait(new AgentJvm(jdk, directory));
  }

  /** So none of the socket classes is woven by being loaded. */
  @OnEachJdk
  void theSameIfAnotherAgentHasLoadedTheSocketClasses(Jdk jdk) throws Exception {
    Path other = TestJar.ofAgent(directory.resolve("other.jar"), SocketClassLoading.class);
    assertThreadsWait(new AgentJvm(jdk, directory).jvm("-javaagent:" + other + "=premain"));
  }

  private void assertThreadsWait(AgentJvm jvm) throws Exception {
    Path file = directory.resolve("early.jfr");
    try (HeldStart start = new HeldStart();
        AgentJvm.Running running =
            jvm.jvm(start.jvmArgument()).start(EarlySockets.class, file.toString())) {
      assertEquals(
          IntStream.range(0, EarlySockets.THREADS)
              .mapToObj(i -> "early-" + i)
              .collect(Collectors.toCollection(TreeSet::new)),
          start.goOnAfter(EarlySockets.THREADS));
      assertComplete(running.await(), file);
    }
  }

  private static void assertComplete(AgentJvm.Result result, Path file) throws IOException {
    result.ok();
    // A thread that waits for the agent stays as interrupted as it was.
    assertEquals(
        Collections.nCopies(EarlySockets.THREADS, "1 true"), result.out().lines().toList());

    TcpRecording recording = RecordingReader.read(file);
    AgainIfSkipped.assertNoneLost(recording);
    Map<String, Integer> found = new TreeMap<>();
    for (SocketTimeline timeline : recording.timelines()) {
      assertTrue(timeline.complete(), timeline::toString);
      assertTrue(timeline.openThread().startsWith("early-"), timeline::toString);
      TcpState last = timeline.transitions().get(0).newState();
      found.merge(timeline.openedBy().replaceFirst(":.*", "") + " " + last, 1, Integer::sum);
    }
    String exchange = "dev.tcpstates.it.workload.EarlySockets.exchange ";
    int each = EarlySockets.THREADS;
    assertEquals(
        Map.of(exchange + "LISTEN", each, exchange + "SYN_SENT", each, exchange + "SYN_RECV", each),
        found);
    AgentInfo last = recording.agentStates().get(recording.agentStates().size() - 1);
    assertTrue(last.attached(), last::toString);
    assertEquals(0, last.suppressedErrors());
  }

  @OnEachJdk
  void anApplicationThatEndsInTheMidstOfItEndsAsItDoesWithoutTheAgent(Jdk jdk) throws Exception {
    Path temp = Files.createDirectory(directory.resolve("temp"));
    for (int millis = 0; millis <= 300; millis += 20) {
      AgentJvm.Result result =
          new AgentJvm(jdk, directory)
              .jvm("-Djava.io.tmpdir=" + temp)
              .run(ExitSoon.class, Integer.toString(millis));
      assertEquals(9, result.exit(), result.err());
      assertEquals("done\n", result.out());
      assertTrue(
          result.err().matches("(tcpstates-agent: recording the TCP transitions of .*\n)?"),
          result.err());
      try (Stream<Path> left = Files.list(temp)) {
        assertEquals(List.of(), left.toList());
      }
    }
  }
}
