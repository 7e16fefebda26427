// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

/** The doctor where all is well, and where something is missing that the test took away. */
@NeedsBpf
class DoctorIT {
  @TempDir Path directory;

  @OnEachJdk
  void allIsWellWhereTheAgentWorks(Jdk jdk) throws Exception {
    Tool doctor = Tool.agent(jdk, "doctor").ok();
    assertEquals("", doctor.err());
    assertEquals(Set.of("ok"), verdicts(doctor.out()), doctor.out());
    for (String subject : List.of("kernel BTF", "capabilities", "libbpf", "BPF programs")) {
      assertTrue(doctor.out().contains("  " + subject), doctor.out());
    }
  }

  @OnEachJdk
  void aMissingCapabilityIsNamedWithItsMend(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    for (String kept : List.of("", "bpf", "perfmon")) {
      String caps = kept.isEmpty() ? "-all" : "-all,+" + kept;
      Path jar = Path.of("/tmp").resolve("doctor-" + System.nanoTime() + ".jar");
      Files.copy(AgentJvm.jar(), jar);
      try {
        Tool doctor =
            Tool.run(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--bounding-set=" + caps,
                "--inh-caps=" + caps,
                "--ambient-caps=" + caps,
                jdk.tool("java"),
                "-jar",
                jar.toString(),
                "doctor");
        assertEquals(1, doctor.exit(), doctor.out());
        List<String> bad = notOk(doctor.out());
        assertTrue(bad.get(0).startsWith("capabilities"), doctor.out());
        assertEquals(!kept.equals("bpf"), bad.get(0).contains("CAP_BPF"), doctor.out());
        assertEquals(!kept.equals("perfmon"), bad.get(0).contains("CAP_PERFMON"), doctor.out());
        assertTrue(bad.get(1).startsWith("BPF programs"), doctor.out());
        assertTrue(doctor.out().contains("-> start it as root with both"), doctor.out());
        assertTrue(doctor.out().contains("-> see capabilities"), doctor.out());
        assertFalse(doctor.err().contains("\tat "), doctor.err());
      } finally {
        Files.delete(jar);
      }
    }
  }

  @OnEachJdk
  void looksAtAJvm(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent())) {
      Tool doctor = Tool.agent(jdk, "doctor", "" + shell.pid()).ok();
      assertTrue(doctor.out().contains("not loaded"), doctor.out());
      assertTrue(doctor.out().contains("  its memory "), doctor.out());
      assertTrue(doctor.out().contains("  its clock           that of the machine"), doctor.out());
      Tool.agent(jdk, "attach", "" + shell.pid()).ok();
      doctor = Tool.agent(jdk, "doctor", "" + shell.pid()).ok();
      assertTrue(doctor.out().lines().anyMatch(l -> l.endsWith(" attached")), doctor.out());
      shell.end();
    }
  }

  @OnEachJdk
  void findsThatAJvmHasFewDescriptorsLeft(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .withoutAgent()
            .under("bash", "-c", "ulimit -n 40; exec \"$@\"", "bash");
    try (Shell shell = Shell.start(jvm)) {
      Tool doctor = Tool.agent(jdk, "doctor", "" + shell.pid());
      assertEquals(1, doctor.exit(), doctor.out());
      List<String> bad = notOk(doctor.out());
      assertEquals(1, bad.size(), doctor.out());
      assertTrue(
          bad.get(0)
              .matches(
                  "its file descriptors JVM "
                      + shell.pid()
                      + " has only \\d+ file descriptors left of 40, .*"),
          doctor.out());
    }
  }

  @OnEachJdk
  void namesTheOffsetOfATimeNamespace(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .withoutAgent()
            .under("unshare", "--time", "--monotonic", "86400", "--boottime", "86400", "--fork");
    try (Shell shell = Shell.start(jvm)) {
      String pid = shell.run("pid");
      Tool doctor = Tool.agent(jdk, "doctor", pid);
      assertTrue(doctor.out().contains("a time namespace shifts it by 86400 s"), doctor.out());
      shell.end();
    }
  }

  /** A JVM keeps the classes of the agent that it loaded first. */
  @OnEachJdk
  void namesAnAgentOfAnotherVersion(Jdk jdk) throws Exception {
    Path other = OtherVersion.of(directory.resolve("other.jar"), "9.9.9");
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).agentJar(other))) {
      shell.number("listen server"); // by then the agent is ready
      Tool doctor = Tool.agent(jdk, "doctor", "" + shell.pid()).ok();
      assertTrue(
          doctor.out().matches("(?s).*note {4}its agent's version +9\\.9\\.9; this jar is .*"),
          doctor.out());
      Tool.agent(jdk, "detach", "" + shell.pid()).ok();
      Tool attach = Tool.agent(jdk, "attach", "" + shell.pid()).ok();
      assertTrue(
          attach.out().contains("keeps the agent's version 9.9.9, which it loaded first"),
          attach.out());
      shell.end();
    }
  }

  @OnEachJdk
  void aProcessThatIsNoJvmIsNamed(Jdk jdk) throws Exception {
    Process foreign = new ProcessBuilder("sleep", "60").start();
    try {
      Tool doctor = Tool.agent(jdk, "doctor", "" + foreign.pid());
      assertEquals(1, doctor.exit());
      assertEquals(
          List.of("process " + foreign.pid() + "    it is not a JVM"),
          notOk(doctor.out()).stream().map(l -> l.replaceAll(" {2,}", "    ")).toList());
    } finally {
      foreign.destroyForcibly();
    }
  }

  private static Set<String> verdicts(String out) {
    return out.lines().map(line -> line.split(" ")[0]).collect(Collectors.toSet());
  }

  /** The findings that are not well, by their subject. */
  private static List<String> notOk(String out) {
    return out.lines()
        .filter(line -> line.startsWith("NOT OK"))
        .map(line -> line.substring("NOT OK".length()).strip())
        .toList();
  }
}
