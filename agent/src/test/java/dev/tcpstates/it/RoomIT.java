// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.OpenFiles;
import dev.tcpstates.it.workload.SelectorConnections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** JVMs that have little left of what a start of the agent takes: the application never suffers. */
class RoomIT {
  private static final String TOO_FEW =
      "WARN sampling the sockets of process \\d+ every 1 s; transitions are not recorded, because"
          + " this JVM has only \\d+ file descriptors left of \\d+, .*; raise its limit .*";

  @TempDir private Path directory;

  @BeforeEach
  void require() throws IOException {
    KernelTier.require();
    KernelTier.requireTools("bash");
  }

  static Stream<Arguments> limits() {
    return Jdk.all().stream()
        .flatMap(jdk -> Stream.of("24", "30", "40").map(limit -> Arguments.of(jdk, limit)));
  }

  @ParameterizedTest(name = "{0}, ulimit -n {1}")
  @MethodSource("limits")
  void startedWithFewDescriptors(Jdk jdk, String limit) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm(AgentJvm.NO_C2)
            .under("bash", "-c", "ulimit -n " + limit + "; exec \"$@\"", "bash")
            .run(SelectorConnections.class, "3")
            .ok();
    assertTrue(result.err().matches("tcpstates-agent: " + TOO_FEW + "\n"), result.err());
  }

  /** The attach mechanism itself takes some: those that the application does not use. */
  @OnEachJdk
  void attachedWithFewDescriptors(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .withoutAgent()
            .jvm("-XX:+EnableDynamicAgentLoading")
            .under("bash", "-c", "ulimit -n 200; exec \"$@\"", "bash");
    try (AgentJvm.Running running = jvm.start(OpenFiles.class, "50", "20")) {
      running.awaitLine("ready");
      Tool.agent(jdk, "attach", "" + running.process().pid());
      running.send("end");
      AgentJvm.Result result = running.await().ok();
      assertTrue(result.err().matches("tcpstates-agent: " + TOO_FEW + "\n"), result.err());
      assertEquals("ready\nfailures 0\n", result.out());
    }
  }

  /** Nine programs that are attached, two iterators, one map, and what the reader waits with. */
  @OnEachJdk
  void theAgentKeepsFewDescriptors(Jdk jdk) throws Exception {
    Map<String, Integer> kept = new TreeMap<>();
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory))) {
      shell.number("listen server"); // by then the agent is ready
      try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + shell.pid() + "/fd"))) {
        for (Path descriptor : descriptors.toList()) {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("anon_inode:")) {
            kept.merge(target.substring("anon_inode:".length()), 1, Integer::sum);
          }
        }
      }
      shell.end();
    }
    assertEquals(Map.of("bpf_link", 11, "bpf-map", 1, "[eventpoll]", 1, "[eventfd]", 1), kept);
  }

  @OnEachJdk
  void aRingThatTheMemoryLimitHasNoRoomFor(Jdk jdk) throws Exception {
    Path group = memoryGroup();
    try {
      AgentJvm.Result result =
          new AgentJvm(jdk, directory)
              .options("ringSize=512MB")
              .jvm("-Xmx64m")
              .under("bash", "-c", "echo $$ > " + group + "/cgroup.procs; exec \"$@\"", "bash")
              .run(SelectorConnections.class, "3")
              .ok();
      String line =
          "tcpstates-agent: WARN sampling the sockets of process \\d+ every 1 s; transitions are"
              + " not recorded, because a ring of 512 MB takes more than half of the 2\\d\\d MB of"
              + " memory that are left; set a smaller ringSize, .*\n";
      assertTrue(result.err().matches(line), result.err());
    } finally {
      Files.delete(group);
    }
  }

  /** A control group, of either version, that may take 300 MB. */
  private Path memoryGroup() throws IOException {
    Path version1 = Path.of("/sys/fs/cgroup/memory");
    boolean first = Files.isDirectory(version1);
    Path group =
        (first ? version1 : Path.of("/sys/fs/cgroup")).resolve("tcpstates" + System.nanoTime());
    try {
      Files.createDirectory(group);
    } catch (IOException e) {
      Assumptions.abort("missing here: control groups that can be made (" + e + ")");
    }
    try {
      String limit = first ? "memory.limit_in_bytes" : "memory.max";
      Files.writeString(group.resolve(limit), "300M");
    } catch (IOException e) {
      Files.delete(group);
      Assumptions.abort("missing here: the memory controller of control groups (" + e + ")");
    }
    return group;
  }
}
