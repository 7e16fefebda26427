// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.junit.RunTests;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** The JUnit extension in a JVM with the agent, on real sockets. */
@NeedsBpf
class JUnitExtensionIT {
  private static final String TESTS = "dev.tcpstates.it.junit.";

  /** How many tests {@code RedTests} has. */
  private static final int RED = 9;

  /** What a JVM that runs such tests has on its class path. */
  private static final List<String> NEEDED =
      List.of("jfr-events", "junit-", "opentest4j", "apiguardian");

  /** A test's end, and what it failed with. */
  private record End(String status, String text) {}

  @TempDir private Path directory;

  private AgentJvm jvm(Jdk jdk) {
    Path[] classPath =
        Stream.concat(
                Stream.of("target/test-classes"),
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(entry -> NEEDED.stream().anyMatch(entry::contains)))
            .map(entry -> Path.of(entry).toAbsolutePath())
            .toArray(Path[]::new);
    return new AgentJvm(jdk, directory)
        .classPath(classPath)
        .jvm("-Djunit.tcpstates.reports=reports")
        .environment("CI", "");
  }

  private static Map<String, End> run(AgentJvm jvm, String tests) throws Exception {
    Map<String, End> ends = new LinkedHashMap<>();
    String out = jvm.run(RunTests.class, TESTS + tests).ok().out();
    for (String test : out.split(RunTests.END + "\n")) {
      String[] head = test.lines().findFirst().orElse("").split(" ");
      assertEquals(RunTests.LINE, head[0] + " ", test);
      String text = test.substring(test.indexOf('\n') + 1).strip();
      ends.put(String.join(" ", List.of(head).subList(1, head.length - 1)), end(head, text));
    }
    return ends;
  }

  private static End end(String[] head, String text) {
    return new End(head[head.length - 1], text);
  }

  private List<String> kept() throws IOException {
    Path reports = directory.resolve("reports");
    if (!Files.exists(reports)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(reports)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @OnEachJdk
  void green(Jdk jdk) throws Exception {
    Map<String, End> ends = run(jvm(jdk), "GreenTests");
    ends.forEach((test, end) -> assertEquals(new End("SUCCESSFUL", ""), end, test));
    assertEquals(10, ends.size(), ends::toString); // one of them five times
    assertEquals(List.of(), kept());
  }

  @OnEachJdk
  void red(Jdk jdk) throws Exception {
    Map<String, End> ends = run(jvm(jdk), "RedTests");
    assertEquals(RED, ends.size(), ends::toString);
    ends.forEach((test, end) -> assertEquals("FAILED", end.status, test));

    String leak = ends.get("leaks").text;
    assertTrue(leak.startsWith("1 of 1 socket left open\n\n1 opened here:\n"), leak);
    assertTrue(leak.contains("  CLOSE_WAIT  (socket "), leak);
    assertTrue(leak.contains(", thread \"main\")\n"), leak);
    assertFrames(leak, "connect", "leaks");

    String refused = ends.get("isRefused").text;
    assertTrue(refused.startsWith("1 of 2 sockets not established\n"), refused);
    assertTrue(refused.contains("  REFUSED ECONNREFUSED  (socket "), refused);
    assertFrames(refused, "connectTo", "isRefused");

    String reset = ends.get("isReset").text;
    assertTrue(reset.startsWith("2 of 3 sockets reset\n"), reset);
    assertTrue(reset.contains("  RESET_BY_LOCAL  (socket "), reset);
    assertTrue(reset.contains("  RESET_BY_REMOTE ECONNRESET  (socket "), reset);

    String often = ends.get("connectsTooOften").text;
    assertTrue(often.startsWith("2 connects where at most 1 may be\n"), often);

    String unreachable = ends.get("isUnreachable").text;
    assertTrue(unreachable.startsWith("1 of 2 sockets not established\n"), unreachable);
    assertTrue(unreachable.contains(":80  UNREACHABLE ENETUNREACH  (socket "), unreachable);
    assertFrames(unreachable, "isUnreachable");

    String late = ends.get("isAcceptedLate").text;
    assertTrue(
        late.startsWith("1 of 1 socket not accepted in less than 100.000 ms, where 0 may be\n"),
        late);
    assertTrue(late.contains("  accepted after "), late);
    assertFrames(late, "isAcceptedLate");

    String idle = ends.get("staysIdle").text;
    assertTrue(idle.startsWith("2 of 2 sockets idle for more than 100.000 ms\n"), idle);
    assertTrue(idle.matches("(?s).*  idle for \\d+\\.\\d{3} ms, ESTABLISHED  \\(socket .*"), idle);

    String once = ends.get("isUsedOnce").text;
    assertTrue(
        once.startsWith("1 of 1 socket sent less than 2 requests of 1 B, where 0 may\n"), once);
    assertTrue(once.contains("  sent 1 B, ESTABLISHED  (socket "), once);
    assertFrames(once, "connect", "isUsedOnce");

    String other = ends.get("failsOtherwise").text;
    assertTrue(other.startsWith("not TCP's fault\nThe recording of this test is /"), other);

    assertEquals(
        ends.keySet().stream().map(test -> TESTS + "RedTests." + test + ".jfr").sorted().toList(),
        kept());
    for (Map.Entry<String, End> test : ends.entrySet()) {
      Path file = directory.resolve("reports/" + TESTS + "RedTests." + test.getKey() + ".jfr");
      assertTrue(test.getValue().text.endsWith(file.toString()), test.getValue().text);
      TcpRecording recording = Recorded.read(file);
      assertTrue(
          test.getKey().equals("failsOtherwise") || !recording.timelines().isEmpty(),
          test.getKey());
    }
  }

  /** The opening stack, from these methods of the test to JUnit, which is cut like the JDK. */
  private static void assertFrames(String text, String... methods) {
    List<String> frames = text.lines().filter(line -> line.startsWith("    at ")).toList();
    List<String> own =
        frames.stream().filter(frame -> frame.contains(TESTS + "RedTests.")).toList();
    assertEquals(methods.length, own.size(), text);
    for (int i = 0; i < methods.length; i++) {
      String pattern =
          "    at " + TESTS + "RedTests\\." + methods[i] + "\\(RedTests\\.java:\\d+\\)";
      assertTrue(own.get(i).matches(pattern), text);
    }
    assertEquals(own.get(0), frames.get(0), text);
    assertTrue(text.matches("(?s).*\n    \\.\\.\\. \\d+ JDK frames\n.*"), text);
    assertEquals(own.get(own.size() - 1), frames.get(frames.size() - 1), text);
    assertFalse(text.contains("org.junit"), text);
  }

  @OnEachJdk
  void losses(Jdk jdk) throws Exception {
    End end = run(jvm(jdk).options("ringSize=4KB"), "StormTests").get("allIsWell");
    assertEquals("FAILED", end.status);
    assertTrue(end.text.contains("the recording is incomplete:\n"), end.text);
    assertTrue(
        end.text.matches("(?s).* \\d+ events tcpstates\\.StateChange were lost: RING_FULL\n.*"),
        end.text);
  }

  @OnEachJdk
  void withoutAgent(Jdk jdk) throws Exception {
    String message = "can't be recorded: ";
    String reason = "there is no agent in this JVM";
    assertAll(RED, "ABORTED", message, reason, run(jvm(jdk).withoutAgent(), "RedTests"));
    AgentJvm pipeline = jvm(jdk).withoutAgent().environment("CI", "true");
    assertAll(RED, "FAILED", message, reason, run(pipeline, "RedTests"));
    assertEquals(List.of(), kept());
  }

  @OnEachJdk
  void withoutPrivileges(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    // Root would get every capability back with the next program it runs, but for the bounding set.
    String none = "-bpf,-perfmon,-sys_admin";
    String[] setpriv = {"setpriv", "--inh-caps", none, "--bounding-set", none};
    String reason = "CAP_BPF and CAP_PERFMON";
    // The agent polls the sockets then, which proves how many were opened, and no leak.
    String unproven = "Can't be proven, because the recording is sampled every ";
    Map<String, End> ends = run(jvm(jdk).under(setpriv), "RedTests");
    assertEquals(RED, ends.size());
    assertEquals("FAILED", ends.get("failsOtherwise").status);
    assertEquals("FAILED", ends.get("connectsTooOften").status);
    assertAll(1, "ABORTED", unproven, reason, Map.of("leaks", ends.get("leaks")));
    List<String> failed = kept();
    AgentJvm pipeline = jvm(jdk).under(setpriv).environment("CI", "true");
    assertAll(RED, "FAILED", "can't be recorded: not exactly: ", reason, run(pipeline, "RedTests"));
    assertEquals(failed, kept());
  }

  private static void assertAll(
      int tests, String status, String message, String reason, Map<String, End> ends) {
    assertEquals(tests, ends.size());
    ends.forEach(
        (test, end) -> {
          assertEquals(status, end.status, () -> test + ": " + end.text);
          assertTrue(end.text.contains(message), end.text);
          assertTrue(end.text.contains(reason), end.text);
        });
  }
}
