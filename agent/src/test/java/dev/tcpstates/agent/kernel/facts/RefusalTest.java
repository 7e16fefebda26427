// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import static dev.tcpstates.agent.kernel.facts.FakeSystem.ALL;
import static dev.tcpstates.agent.kernel.facts.FakeSystem.DOCKER;
import static dev.tcpstates.agent.kernel.facts.FakeSystem.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tcpstates.agent.kernel.facts.Condition.Effect;
import dev.tcpstates.agent.kernel.libbpf.Errno;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each cause of a refusal has its own line, and the line is true. */
class RefusalTest {
  private static final String CALL = " (loading the BPF programs: EPERM); ";
  private static final String OUTSIDE =
      "start it as root with both (Docker: --cap-add=BPF --cap-add=PERFMON; Kubernetes:"
          + " capabilities.add: [BPF, PERFMON] and runAsUser: 0), or let systemd grant them"
          + " (CAP_BPF CAP_PERFMON in AmbientCapabilities= and, if set, CapabilityBoundingSet=)";
  private static final String OTHER_USER =
      "run it as root, or give it both as ambient capabilities (systemd:"
          + " AmbientCapabilities=CAP_BPF CAP_PERFMON; by hand: setpriv --inh-caps +bpf,+perfmon"
          + " --ambient-caps +bpf,+perfmon); Docker's --cap-add and Kubernetes' capabilities.add"
          + " reach only root";
  private static final String NAMESPACE =
      "this JVM runs in a child user namespace, where CAP_BPF and CAP_PERFMON do not count for BPF"
          + CALL
          + "start it in the initial user namespace (no rootless Docker or Podman; Docker:"
          + " --userns=host; Kubernetes: no hostUsers: false; systemd: no PrivateUsers=)";
  private static final String SECCOMP =
      "allow the system call bpf in its seccomp profile (Docker: --security-opt seccomp=FILE;"
          + " Kubernetes: securityContext.seccompProfile; systemd: SystemCallFilter=bpf)";
  private static final String APPARMOR =
      "allow capability bpf and capability perfmon in its AppArmor profile (Docker: --security-opt"
          + " apparmor=NAME; the kernel's log has what was denied)";
  private static final String SELINUX =
      "this JVM has CAP_BPF and CAP_PERFMON, but SELinux confines it as"
          + " 'system_u:system_r:container_t:s0:c12,c34', which may forbid this"
          + CALL
          + "allow type container_t the classes bpf and capability2 in the SELinux policy (Docker,"
          + " Podman: --security-opt label=disable; ausearch -m avc has what was denied)";
  private static final String LOCKDOWN =
      "boot with lockdown=integrity, or without Secure Boot's lockdown";
  private static final String ITSELF =
      "this JVM has %s in the initial user namespace, and the kernel refuses this all the same"
          + CALL
          + "look for the kernel's reason in its log (dmesg) and the audit log, and report this"
          + " line with the kernel's version, 6.1.0-30-amd64";
  private static final String MODULES =
      ", and its security modules, lockdown,capability,landlock,yama,apparmor,bpf";

  @TempDir Path root;
  private FakeSystem system;

  /** A change to a system on which BPF works. */
  private interface Change {
    void apply(FakeSystem system) throws IOException;
  }

  @BeforeEach
  void system() throws IOException {
    system = new FakeSystem(root);
  }

  private static Arguments refusal(String name, String line, Change change) {
    return arguments(name, line, change);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        refusal(
            "in a container whose root lacks both",
            "this JVM runs as root without CAP_BPF and CAP_PERFMON, and its bounding set excludes"
                + " both"
                + CALL
                + OUTSIDE,
            // Docker's own profile and filter are on, too, but would let both capabilities pass.
            system -> system.status("0", DOCKER, DOCKER, 0, 2).label("docker-default (enforce)\n")),
        refusal(
            "root lacks one that its bounding set excludes",
            "this JVM runs as root without CAP_PERFMON, and its bounding set excludes it"
                + CALL
                + OUTSIDE,
            system -> system.status("0", "00000080a80425fb", "00000080a80425fb", 0, 0)),
        refusal(
            "another user lacks both, of which the bounding set excludes one",
            "this JVM runs as user 1000 without CAP_BPF and CAP_PERFMON, and its bounding set"
                + " excludes CAP_PERFMON"
                + CALL
                + OUTSIDE,
            system -> system.status("1000", NONE, "00000080a80425fb", 0, 0)),
        refusal(
            "capabilities.add does not reach another user than root",
            "this JVM runs as user 1000 without CAP_BPF and CAP_PERFMON" + CALL + OTHER_USER,
            system -> system.status("1000", NONE, "000000c0a80425fb", 0, 2)),
        refusal(
            "neither sudo nor file capabilities can help",
            "this JVM runs as user 1000 without CAP_BPF and CAP_PERFMON"
                + CALL
                + OTHER_USER
                + "; no_new_privs is set, so sudo and file capabilities have no effect",
            system -> system.status("1000", NONE, ALL, 1, 0)),
        refusal(
            "another user with one of the two",
            "this JVM runs as user 1000 without CAP_BPF" + CALL + OTHER_USER,
            system -> system.status("1000", "0000004000000000", ALL, 0, 0)),
        refusal(
            "root that dropped them",
            "this JVM runs as root without CAP_BPF and CAP_PERFMON, which its bounding set allows"
                + CALL
                + "let the program that starts it (setpriv, capsh, a launcher) keep them",
            system -> system.status("0", NONE, ALL, 0, 0)),
        refusal(
            "root of a user namespace",
            NAMESPACE,
            system ->
                system.userNamespace("user:[4026532177]", "         0       1000          1")),
        refusal(
            "a user namespace that maps all users to themselves",
            NAMESPACE,
            system ->
                system.userNamespace("user:[4026532177]", "         0          0 4294967295")),
        refusal(
            "a user namespace whose link can't be read",
            NAMESPACE,
            system -> system.userNamespace(null, "         0     100000      65536")),
        refusal(
            "a user without capabilities, in a user namespace",
            NAMESPACE,
            system ->
                system
                    .userNamespace("user:[4026532177]", "      1000       1000          1")
                    .status("1000", NONE, ALL, 0, 0)),
        refusal(
            "a seccomp filter",
            "this JVM has CAP_BPF and CAP_PERFMON, but a seccomp filter is on, which may forbid"
                + " this"
                + CALL
                + SECCOMP,
            system -> system.status("0", ALL, ALL, 1, 2)),
        refusal("SELinux", SELINUX, selinux("1\n")),
        refusal("SELinux, as seen in a container", SELINUX, selinux(null)),
        refusal("SELinux that only warns", ITSELF.formatted(BOTH) + MODULES, selinux("0\n")),
        refusal(
            "SELinux that does not confine",
            ITSELF.formatted(BOTH) + MODULES,
            system -> system.label("unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023\0")),
        refusal(
            "AppArmor",
            "this JVM has CAP_BPF and CAP_PERFMON, but the AppArmor profile 'docker-default"
                + " (enforce)' confines it, which may forbid this"
                + CALL
                + APPARMOR,
            system -> system.label("docker-default (enforce)\n")),
        refusal(
            "AppArmor that only warns",
            ITSELF.formatted(BOTH) + MODULES,
            system -> system.label("my:app (complain)\n")),
        refusal(
            "lockdown",
            "this JVM has CAP_BPF and CAP_PERFMON, but the kernel's lockdown is 'confidentiality',"
                + " which may forbid this"
                + CALL
                + LOCKDOWN,
            system -> system.lockdown("none integrity [confidentiality]")),
        refusal(
            "a container with both capabilities, which two other things confine",
            "this JVM has CAP_BPF and CAP_PERFMON, but a seccomp filter is on and the AppArmor"
                + " profile 'docker-default (enforce)' confines it, which may forbid this"
                + CALL
                + SECCOMP
                + "; or "
                + APPARMOR,
            system ->
                system
                    .status("0", "000000c0a80425fb", "000000c0a80425fb", 0, 2)
                    .label("docker-default (enforce)\n")),
        refusal(
            "the limit of locked memory",
            "this JVM has CAP_BPF and CAP_PERFMON, but Linux 5.10.0-33-amd64 counts BPF maps as"
                + " locked memory, of which it may have only 65536 bytes, which may forbid this"
                + CALL
                + "run Linux 5.12 or later, which the agent needs and which has no such limit",
            system -> system.release("5.10.0-33-amd64").lockedMemory("65536")),
        refusal(
            "no limit of locked memory",
            ITSELF.formatted(BOTH).replace("6.1.0-30-amd64", "5.10.0-33-amd64") + MODULES,
            system -> system.release("5.10.0-33-amd64").lockedMemory("unlimited")),
        refusal("the kernel itself", ITSELF.formatted(BOTH) + MODULES, system -> {}),
        refusal(
            "the kernel itself, with the older capability",
            ITSELF.formatted("CAP_SYS_ADMIN") + MODULES,
            system -> system.status("1000", "0000000000200000", NONE, 0, 0)),
        refusal(
            "the kernel itself, where the user namespace is not known",
            ITSELF.formatted(BOTH).replace(" in the initial user namespace", "") + MODULES,
            system -> system.userNamespace(null, "").remove("proc/self/uid_map")),
        refusal(
            "the kernel itself, without securityfs",
            ITSELF.formatted(BOTH),
            system ->
                system
                    .remove("sys/kernel/security/lsm")
                    .remove("sys/kernel/security/lockdown")
                    .remove("proc/self/attr/current")),
        refusal(
            "no /proc",
            "the kernel refuses BPF, and why is not known, because /proc/self/status can't be read"
                + CALL
                + "mount /proc",
            system ->
                system
                    .userNamespace(null, "")
                    .remove("proc/self/uid_map")
                    .remove("proc/self/status")));
  }

  private static final String BOTH = "CAP_BPF and CAP_PERFMON";

  private static Change selinux(String enforce) {
    return system -> {
      system.label("system_u:system_r:container_t:s0:c12,c34\0");
      if (enforce != null) {
        system.write("sys/fs/selinux/enforce", enforce);
      }
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void aRefusedCallIsExplained(String name, String line, Change change) throws IOException {
    change.apply(system);
    CallFailed refused = new CallFailed("loading the BPF programs", Errno.EPERM, "");
    assertEquals(line, system.refusal().explain(refused));
  }

  /** SELinux answers so. */
  @Test
  void eaccesWithoutTheVerifiersWordsIsARefusal() throws IOException {
    selinux("1").apply(system);
    assertEquals(
        SELINUX.replace("EPERM", "EACCES"),
        system.refusal().explain(new CallFailed("loading the BPF programs", Errno.EACCES, "")));
  }

  static Stream<Arguments> failures() {
    String probe =
        "0: R1=ctx()\n; bpf_probe_read_kernel(&version, sizeof(version), ip);\n12: (85) call"
            + " bpf_probe_read_kernel#113\n%s bpf_probe_read_kernel#113\nprocessed 12 insns (limit"
            + " 1000000) max_states_per_insn 0\n";
    String forbidden =
        "the kernel's lockdown is 'confidentiality', which forbids BPF to read the kernel's memory"
            + " (load: EINVAL, the verifier says: %s bpf_probe_read_kernel#113); "
            + LOCKDOWN;
    Change confidential = system -> system.lockdown("none integrity [confidentiality]");
    String unsuited = "Linux 6.1.0-30-amd64 does not do what the agent asks of it (load: ";
    return Stream.of(
        arguments(
            Errno.EINVAL,
            probe.formatted("unknown func"),
            confidential,
            forbidden.formatted("unknown func")),
        arguments(
            Errno.EINVAL,
            probe.formatted("program of this type cannot use helper"),
            confidential,
            forbidden.formatted("program of this type cannot use helper")),
        arguments(
            Errno.EINVAL,
            probe.formatted("unknown func"),
            (Change) system -> system.remove("sys/kernel/security/lockdown"),
            "the kernel's lockdown or a security module forbids BPF to read the kernel's memory"
                + " (load: EINVAL, the verifier says: unknown func bpf_probe_read_kernel#113); "
                + LOCKDOWN),
        // The call is in the verifier's trace, and was not what it refused.
        arguments(
            Errno.EACCES,
            probe.formatted("R2 invalid mem access 'inv'; call of"),
            confidential,
            unsuited
                + "EACCES, the verifier says: R2 invalid mem access 'inv', call of"
                + " bpf_probe_read_kernel#113); report this line"),
        arguments(
            Errno.EINVAL,
            "unknown func bpf_get_socket_cookie#46\nprocessed 12 insns\n",
            (Change) system -> system.release("5.10.0-33-amd64"),
            "Linux 5.10.0-33-amd64 does not do what the agent asks of it (load: EINVAL, the"
                + " verifier says: unknown func bpf_get_socket_cookie#46); run Linux 5.12 or"
                + " later"),
        arguments(95, "", (Change) system -> {}, unsuited + "EOPNOTSUPP); report this line"),
        arguments(
            Errno.ENOSYS,
            "",
            (Change) system -> {},
            "this kernel has no system call bpf (load: ENOSYS); run a Linux kernel that is built"
                + " with CONFIG_BPF_SYSCALL=y (gVisor has no BPF)"),
        arguments(
            Errno.ENOSYS,
            "",
            (Change) system -> system.status("0", ALL, ALL, 0, 2),
            "this kernel has no system call bpf, or a seccomp filter hides it (load: ENOSYS); "
                + SECCOMP
                + ", or run a Linux kernel that is built with CONFIG_BPF_SYSCALL=y (gVisor has no"
                + " BPF)"),
        arguments(
            Errno.ENOMEM,
            "",
            (Change) system -> {},
            "the kernel has no memory left for BPF (load: ENOMEM); set a smaller ringSize, or raise"
                + " the memory limit of the container or the machine"),
        arguments(
            Errno.EMFILE,
            "R1 type=ctx expected=fp\n" + "stack depth 96\n" + "processed 9 insns\n",
            (Change) system -> {},
            "this JVM has no file descriptor left (load: EMFILE); raise its limit (ulimit -n;"
                + " systemd: LimitNOFILE=)"),
        arguments(
            Errno.ENFILE,
            "",
            (Change) system -> {},
            "this machine has no file left to open (load: ENFILE); raise the sysctl fs.file-max"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void anotherFailureIsExplained(int errno, String log, Change change, String line)
      throws IOException {
    change.apply(system);
    assertEquals(line, system.refusal().explain(new CallFailed("load", errno, log)));
  }

  @Test
  void whereBpfWorksNoConditionIsInItsWay() {
    List<Condition> conditions =
        Stream.of(system.kernel().conditions(), system.privileges().conditions())
            .flatMap(List::stream)
            .toList();
    assertEquals(9, conditions.size());
    for (Condition condition : conditions) {
      assertEquals(Effect.NONE, condition.effect(), condition::toString);
      assertNull(condition.remedy(), condition::toString);
    }
  }

  static Stream<Arguments> kernelsWithoutBtf() {
    return Stream.of(
        refusal(
            "built without it",
            "there is no /sys/kernel/btf/vmlinux, because the kernel, 6.1.0-30-amd64, is built"
                + " without it; run Linux 5.12 or later that is built with"
                + " CONFIG_DEBUG_INFO_BTF=y, as distributions' kernels are",
            system -> system.remove("sys/kernel/btf/vmlinux").remove("sys/kernel/btf")),
        refusal(
            "hidden",
            "there is no /sys/kernel/btf/vmlinux, because something is mounted over"
                + " /sys/kernel/btf; leave that mount out",
            system -> system.remove("sys/kernel/btf/vmlinux")),
        refusal(
            "no /sys",
            "there is no /sys/kernel/btf/vmlinux, because /sys is not mounted; mount sysfs at"
                + " /sys",
            system ->
                system
                    .remove("sys/kernel/btf/vmlinux")
                    .remove("sys/kernel/btf")
                    .remove("sys/kernel/security/lsm")
                    .remove("sys/kernel/security/lockdown")
                    .remove("sys/kernel/security")
                    .remove("sys/kernel")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kernelsWithoutBtf")
  void missingBtfIsExplained(String name, String line, Change change) throws IOException {
    change.apply(system);
    Condition btf = system.kernel().btf();
    assertEquals(Effect.CERTAIN, btf.effect());
    assertEquals(line, btf.found() + "; " + btf.remedy());
  }
}
