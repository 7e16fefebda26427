// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The command {@code doctor --node}: each condition of the node program, and what to do about it.
 */
class NodeDoctorIT {
  private static final String BPF = "mount -t bpf bpf /sys/fs/bpf";

  private final Jdk jdk = Jdk.all().get(0);

  @BeforeEach
  void require() throws Exception {
    KernelTier.require();
    KernelTier.requireRoot();
  }

  private Tool doctor(String... under) throws Exception {
    List<String> command = new ArrayList<>(List.of(under));
    command.addAll(List.of(jdk.tool("java"), AgentJvm.NO_C2, "-jar", AgentJvm.jar().toString()));
    command.addAll(List.of("doctor", "--node"));
    return Tool.run(command.toArray(String[]::new));
  }

  /** A shell with mounts of its own, which runs these commands first. */
  private static String[] shell(String... commands) {
    return new String[] {
      "unshare", "--mount", "sh", "-c", String.join("\n", commands) + "\n\"$@\"", "sh"
    };
  }

  private static void assertLine(Tool doctor, String pattern) {
    assertTrue(
        doctor.out().lines().anyMatch(line -> line.matches(pattern)), pattern + ": " + doctor);
  }

  @Test
  void allIsThere() throws Exception {
    String node =
        jdk.tool("java") + " -jar " + AgentJvm.jar() + " node >/run/node.log 2>&1 & node=$!";
    Tool doctor =
        doctor(
            shell(
                "set -e",
                BPF,
                "mount -t tmpfs tcpstates-test /run",
                node,
                "trap 'kill $node; wait $node || true' EXIT",
                "until grep -q '^listening at' /run/node.log; do",
                "  kill -0 $node || { cat /run/node.log; exit 9; }",
                "  sleep 0.1",
                "done"));
    assertEquals(0, doctor.exit(), doctor::toString);
    assertLine(doctor, "ok +capabilities +CAP_BPF and CAP_PERFMON");
    assertLine(doctor, "ok +PID namespace +pid:\\[\\d+\\]");
    assertLine(doctor, "ok +BPF file system +the pins can be in /sys/fs/bpf/tcpstates");
    assertLine(doctor, "ok +node program +listens at /run/tcpstates/node.sock");
  }

  @Test
  void withoutCapabilities() throws Exception {
    Tool doctor = doctor(Unprivileged.command("bpf"));
    assertEquals(1, doctor.exit());
    assertLine(doctor, "NOT OK +capabilities +without CAP_PERFMON");
    assertTrue(doctor.out().contains("AmbientCapabilities=CAP_BPF CAP_PERFMON"), doctor.out());
  }

  @Test
  void withoutBpfFileSystem() throws Exception {
    Tool doctor = doctor(MountNamespace.hiding("/sys/fs/bpf"));
    assertEquals(1, doctor.exit());
    assertLine(doctor, "NOT OK +BPF file system +/sys/fs/bpf is in a file system of type tmpfs");
    assertTrue(doctor.out().contains(BPF), doctor.out());
  }

  @Test
  void inAPidNamespaceOfItsOwn() throws Exception {
    Tool doctor = doctor("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
    assertEquals(1, doctor.exit());
    assertLine(doctor, "NOT OK +PID namespace +pid:\\[\\d+\\]");
    assertTrue(doctor.out().contains("hostPID: true"), doctor.out());
  }

  /** The socket is there, and nobody listens: as after kill -9. */
  @Test
  void staleSocket() throws Exception {
    Tool doctor =
        doctor(
            shell(
                BPF,
                "mount -t tmpfs tcpstates-test /run",
                "mkdir /run/tcpstates",
                "touch /run/tcpstates/node.sock"));
    assertEquals(0, doctor.exit(), doctor::toString);
    assertLine(
        doctor,
        "note +node program +/run/tcpstates/node.sock can't be reached \\(.*ECONNREFUSED.*");
  }
}
