// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Native;
import dev.tcpstates.it.workload.ExitSeven;
import dev.tcpstates.it.workload.WithoutBpf;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel refuses BPF for a reason that the test made; agent, recording and doctor name it. */
class RefusalIT {
  private static final String OUTSIDE =
      "start it as root with both (Docker: --cap-add=BPF --cap-add=PERFMON; Kubernetes:"
          + " capabilities.add: [BPF, PERFMON] and runAsUser: 0), or let systemd grant them"
          + " (CAP_BPF CAP_PERFMON in AmbientCapabilities= and, if set, CapabilityBoundingSet=)";
  private static final String OTHER_USER =
      "run it as root, or give it both as ambient capabilities (systemd:"
          + " AmbientCapabilities=CAP_BPF CAP_PERFMON; by hand: setpriv --inh-caps +bpf,+perfmon"
          + " --ambient-caps +bpf,+perfmon); Docker's --cap-add and Kubernetes' capabilities.add"
          + " reach only root";
  private static final String SECCOMP =
      "allow the system call bpf in its seccomp profile (Docker: --security-opt seccomp=FILE;"
          + " Kubernetes: securityContext.seccompProfile; systemd: SystemCallFilter=bpf)";
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all");
  private static final String NONE = "-bpf,-perfmon,-sys_admin";

  @TempDir static Path shared;
  private static Unprivileged copies;

  @TempDir Path directory;

  @BeforeAll
  static void copies() throws IOException {
    copies = new Unprivileged(shared);
  }

  @BeforeEach
  void root() throws IOException {
    KernelTier.require();
    KernelTier.requireRoot();
  }

  /**
   * A reason that is made for real.
   *
   * @param under the command that makes it
   * @param cause what the agent says
   * @param errno how the call fails
   * @param next what the agent advises
   * @param finding the doctor's line about it, without the advice
   */
  private record Case(
      Jdk jdk, List<String> under, String cause, String errno, String next, String finding) {
    @Override
    public String toString() {
      return jdk + ", " + cause;
    }
  }

  static Stream<Case> cases() {
    return Jdk.all().stream().flatMap(RefusalIT::cases);
  }

  private static Stream<Case> cases(Jdk jdk) {
    String user = "this JVM runs as user 65534 without CAP_BPF and CAP_PERFMON";
    String root = "this JVM runs as root without CAP_BPF and CAP_PERFMON";
    String seccomp = "a seccomp filter is on";
    return Stream.of(
        capabilities(jdk, NOBODY, user, OTHER_USER),
        capabilities(
            jdk,
            and(NOBODY, "--no-new-privs"),
            user,
            OTHER_USER + "; no_new_privs is set, so sudo and file capabilities have no effect"),
        capabilities(
            jdk,
            and(NOBODY, "--bounding-set=" + NONE),
            user + ", and its bounding set excludes both",
            OUTSIDE),
        capabilities(
            jdk,
            List.of("setpriv", "--inh-caps=" + NONE, "--bounding-set=" + NONE),
            root + ", and its bounding set excludes both",
            OUTSIDE),
        capabilities(
            jdk,
            List.of("setpriv", "--securebits=+noroot", "--inh-caps=-all"),
            root + ", which its bounding set allows",
            "let the program that starts it (setpriv, capsh, a launcher) keep them"),
        new Case(
            jdk,
            withoutBpf(1),
            "this JVM has CAP_BPF and CAP_PERFMON, but a seccomp filter is on, which may forbid"
                + " this",
            "EPERM",
            SECCOMP,
            "note    seccomp             " + seccomp),
        new Case(
            jdk,
            withoutBpf(38),
            "this kernel has no system call bpf, or a seccomp filter hides it",
            "ENOSYS",
            SECCOMP
                + ", or run a Linux kernel that is built with CONFIG_BPF_SYSCALL=y (gVisor has no"
                + " BPF)",
            "note    seccomp             " + seccomp));
  }

  private static Case capabilities(Jdk jdk, List<String> under, String cause, String next) {
    return new Case(jdk, under, cause, "EPERM", next, "NOT OK  capabilities        " + cause);
  }

  private static List<String> and(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all;
  }

  private static List<String> withoutBpf(int errno) {
    String jna;
    try {
      jna =
          Path.of(Native.class.getProtectionDomain().getCodeSource().getLocation().toURI())
              .toString();
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin/java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        Path.of("target/test-classes").toAbsolutePath() + File.pathSeparator + jna,
        WithoutBpf.class.getName(),
        Integer.toString(errno));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("cases")
  void theCauseIsNamed(Case one) throws Exception {
    assertCause(one);
  }

  /** BPF is the business of the first user namespace, whatever one may do in another. */
  @OnEachJdk
  void aChildUserNamespaceIsNamed(Jdk jdk) throws Exception {
    Tool possible = Tool.run("unshare", "--user", "--map-root-user", "true");
    Assumptions.assumeTrue(
        possible.exit() == 0, () -> "missing here: user namespaces (" + possible.err() + ")");
    String cause =
        "this JVM runs in a child user namespace, where CAP_BPF and CAP_PERFMON do not count for"
            + " BPF";
    assertCause(
        new Case(
            jdk,
            List.of("unshare", "--user", "--map-root-user"),
            cause,
            "EPERM",
            "start it in the initial user namespace (no rootless Docker or Podman; Docker:"
                + " --userns=host; Kubernetes: no hostUsers: false; systemd: no PrivateUsers=)",
            "NOT OK  user namespace      " + cause));
  }

  private void assertCause(Case one) throws Exception {
    String[] under = one.under.toArray(String[]::new);
    AgentJvm.Result without =
        copies.jvmUnder(one.jdk, directory, under).withoutAgent().run(ExitSeven.class);
    assertEquals(7, without.exit(), without.err());
    AgentJvm.Result with = copies.jvmUnder(one.jdk, directory, under).record().run(ExitSeven.class);
    String reason = one.cause + " (loading the BPF programs: " + one.errno + "); " + one.next;
    String line = AgentLines.one(without, with);
    assertEquals(
        "WARN sampling the sockets of process N every 1 s; transitions are not recorded, because "
            + reason,
        line.replaceFirst("process \\d+", "process N"));
    List<AgentInfo> states = RecordingReader.read(with.recording()).agentStates();
    assertFalse(states.isEmpty());
    for (AgentInfo state : states) {
      assertTrue(state.isSampled());
      assertEquals(reason, state.reason());
    }
    assertDoctorSays(one);
  }

  private static void assertDoctorSays(Case one) throws Exception {
    List<String> command = new ArrayList<>(one.under);
    command.addAll(List.of(one.jdk.tool("java"), "-jar", copies.jar().toString(), "doctor"));
    Tool doctor = Tool.run(command.toArray(String[]::new));
    assertEquals(1, doctor.exit(), doctor.out());
    assertEquals("", doctor.err());
    List<String> lines = doctor.out().lines().toList();
    assertTrue(lines.contains(one.finding), doctor.out());
    assertTrue(
        lines.contains(
            "NOT OK  BPF programs        "
                + one.cause
                + " (loading the BPF programs: "
                + one.errno
                + ")"),
        doctor.out());
  }

  @OnEachJdk
  void theDoctorSaysWhyThereIsNoBtf(Jdk jdk) throws Exception {
    String absent = "NOT OK  kernel BTF          there is no /sys/kernel/btf/vmlinux, because ";
    assertTrue(
        doctorWithout(jdk, "/sys/kernel/btf")
            .contains(absent + "something is mounted over /sys/kernel/btf\n"));
    assertTrue(doctorWithout(jdk, "/sys").contains(absent + "/sys is not mounted\n"));
  }

  private static String doctorWithout(Jdk jdk, String folder) throws Exception {
    Tool doctor = doctorUnder(jdk, MountNamespace.hiding(folder));
    assertEquals(1, doctor.exit(), doctor.out());
    return doctor.out();
  }

  private static Tool doctorUnder(Jdk jdk, String... under) throws Exception {
    return Tool.run(and(under, jdk.tool("java"), "-jar", AgentJvm.jar().toString(), "doctor"));
  }

  private static String[] and(String[] command, String... more) {
    return and(List.of(command), more).toArray(String[]::new);
  }

  /** Its files can't be read as others can. */
  @OnEachJdk
  void theDoctorReadsTheKernelsSecurityFiles(Jdk jdk) throws Exception {
    String[] securityfs = MountNamespace.mounting("securityfs", "/sys/kernel/security");
    Tool lockdown = Tool.run(and(securityfs, "cat", "/sys/kernel/security/lockdown"));
    Assumptions.assumeTrue(
        lockdown.exit() == 0, () -> "missing here: the kernel's lockdown (" + lockdown.err() + ")");
    Tool doctor = doctorUnder(jdk, securityfs);
    assertTrue(
        doctor.out().contains("  lockdown            " + lockdown.out().strip() + "\n"),
        doctor.out());
  }
}
