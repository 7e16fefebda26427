// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tree like {@code /proc} and {@code /sys}, with one process in it: root with all capabilities on
 * Debian 12, which nothing confines.
 */
final class FakeSystem {
  static final String ALL = "000001ffffffffff";

  /** What Docker gives a container: neither CAP_BPF nor CAP_PERFMON. */
  static final String DOCKER = "00000000a80425fb";

  static final String NONE = "0000000000000000";

  /** The format of proc_pid_status(5). */
  private static final String STATUS =
      """
      Name:\tjava
      Umask:\t0022
      State:\tS (sleeping)
      Tgid:\t4711
      Ngid:\t0
      Pid:\t4711
      PPid:\t1
      TracerPid:\t0
      Uid:\t%1$s\t%1$s\t%1$s\t%1$s
      Gid:\t%1$s\t%1$s\t%1$s\t%1$s
      FDSize:\t256
      Groups:\t
      NStgid:\t4711
      VmPeak:\t 4102340 kB
      Threads:\t23
      SigQ:\t0/63448
      SigCgt:\t2000000181005ccf
      CapInh:\t0000000000000000
      CapPrm:\t%2$s
      CapEff:\t%2$s
      CapBnd:\t%3$s
      CapAmb:\t0000000000000000
      NoNewPrivs:\t%4$s
      Seccomp:\t%5$s
      Seccomp_filters:\t%5$s
      Speculation_Store_Bypass:\tthread vulnerable
      Cpus_allowed_list:\t0-1
      voluntary_ctxt_switches:\t1
      """;

  private final Path root;

  FakeSystem(Path root) throws IOException {
    this.root = root;
    status("0", ALL, ALL, 0, 0);
    userNamespace("user:[4026531837]", "         0          0 4294967295");
    release("6.1.0-30-amd64");
    write("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
    lockedMemory("8388608");
    write("sys/kernel/btf/vmlinux", "");
    lockdown("[none] integrity confidentiality");
    write("sys/kernel/security/lsm", "lockdown,capability,landlock,yama,apparmor,bpf");
    label("unconfined\n");
  }

  FakeSystem status(String user, String effective, String bounding, int noNewPrivs, int seccomp)
      throws IOException {
    return write(
        "proc/self/status", STATUS.formatted(user, effective, bounding, noNewPrivs, seccomp));
  }

  FakeSystem userNamespace(String link, String map) throws IOException {
    remove("proc/self/ns/user");
    if (link != null) {
      Files.createDirectories(root.resolve("proc/self/ns"));
      Files.createSymbolicLink(root.resolve("proc/self/ns/user"), Path.of(link));
    }
    return write("proc/self/uid_map", map + "\n");
  }

  FakeSystem release(String release) throws IOException {
    return write("proc/sys/kernel/osrelease", release + "\n");
  }

  FakeSystem lockedMemory(String soft) throws IOException {
    return write(
        "proc/self/limits",
        """
        Limit                     Soft Limit           Hard Limit           Units     \s
        Max open files            1024                 1048576              files     \s
        Max locked memory         %-20s %-20s bytes     \s
        Max address space         unlimited            unlimited            bytes     \s
        """
            .formatted(soft, soft));
  }

  FakeSystem lockdown(String modes) throws IOException {
    return write("sys/kernel/security/lockdown", modes + "\n");
  }

  /** What /proc/self/attr/current holds. */
  FakeSystem label(String label) throws IOException {
    return write("proc/self/attr/current", label);
  }

  FakeSystem write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    return this;
  }

  FakeSystem remove(String file) throws IOException {
    Files.deleteIfExists(root.resolve(file));
    return this;
  }

  KernelFacts kernel() {
    return KernelFacts.read(root);
  }

  Privileges privileges() {
    return Privileges.ofThisJvm(root, kernel());
  }

  Refusal refusal() {
    return new Refusal(privileges(), kernel());
  }
}
