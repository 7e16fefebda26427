// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

import dev.tcpstates.agent.bpf.BpfException;
import dev.tcpstates.agent.bpf.BpfSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whether the agent can work on this machine, as this user and with this Java. */
final class MachineCheck {
  static final String CAPABILITIES_MEND =
      "run as root; or grant the two: systemd: AmbientCapabilities=CAP_BPF CAP_PERFMON;"
          + " Docker: --cap-add=BPF --cap-add=PERFMON";

  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final Path LOCKDOWN = Path.of("/sys/kernel/security/lockdown");
  private static final Path UNPRIVILEGED = Path.of("/proc/sys/kernel/unprivileged_bpf_disabled");
  private static final int SMALL_RING = 1 << 16;

  private final List<Finding> findings = new ArrayList<>();

  private MachineCheck() {}

  static List<Finding> run() {
    MachineCheck check = new MachineCheck();
    check.system();
    check.java();
    if (System.getProperty("os.name").equals("Linux")) {
      check.btf();
      check.lockdown();
      check.capabilities();
      check.session();
    }
    return check.findings;
  }

  private void system() {
    String name = System.getProperty("os.name");
    findings.add(
        Finding.of(
            name.equals("Linux"),
            "system",
            name + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"),
            "the agent needs Linux; recordings can be read here"));
  }

  private void java() {
    String version = System.getProperty("java.vm.version");
    boolean recorder = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
    boolean attach = ModuleLayer.boot().findModule("jdk.attach").isPresent();
    findings.add(
        Finding.of(
            recorder && attach,
            "Java",
            version
                + (recorder ? "" : ", without jdk.jfr")
                + (attach ? "" : ", without jdk.attach"),
            "use the java of a JDK, 17 or later"));
  }

  private void btf() {
    boolean there = Files.exists(BTF);
    findings.add(
        Finding.of(
            there,
            "kernel BTF",
            there ? BTF.toString() : "there is no " + BTF,
            "run a kernel of 5.12 or later with CONFIG_DEBUG_INFO_BTF=y, as distributions' are;"
                + " in a container, mount /sys"));
  }

  /** In the strictest mode, BPF may not read the kernel's memory. */
  private void lockdown() {
    String modes = read(LOCKDOWN);
    boolean strict = modes != null && modes.contains("[confidentiality]");
    findings.add(
        Finding.of(
            !strict,
            "lockdown",
            modes == null ? "none known of: there is no " + LOCKDOWN : modes,
            "boot with lockdown=integrity instead, or without Secure Boot's lockdown"));
  }

  private void capabilities() {
    try {
      ProcessStatus self = new ProcessStatus("self");
      List<String> missing = self.missingCapabilities();
      findings.add(
          Finding.of(
              missing.isEmpty(),
              "capabilities",
              missing.isEmpty()
                  ? "CAP_BPF and CAP_PERFMON"
                  : "user " + self.user() + " lacks " + String.join(" and ", missing),
              CAPABILITIES_MEND));
      String sysctl = read(UNPRIVILEGED);
      if (sysctl != null && !missing.isEmpty()) {
        findings.add(
            Finding.note(
                "unprivileged BPF",
                "kernel.unprivileged_bpf_disabled=" + sysctl + " (0 would not be enough either)"));
      }
      if (self.hasSeccompFilter() && !missing.isEmpty()) {
        findings.add(
            Finding.note(
                "seccomp", "a filter is on, as in Docker; with the capabilities it allows BPF"));
      }
    } catch (IOException e) {
      findings.add(Finding.bad("capabilities", "not known: " + e.getMessage(), "mount /proc"));
    }
  }

  /** Does what the agent does at its start, and takes it back. */
  private void session() {
    try (BpfSession session = BpfSession.open(SMALL_RING)) {
      findings.add(Finding.ok("libbpf", session.libbpfVersion()));
      findings.add(Finding.ok("BPF programs", "loaded, verified and attached"));
      findings.add(
          session.missing() == null
              ? Finding.ok("all events", "can be recorded")
              : Finding.note("missing", session.missing()));
    } catch (BpfException e) {
      String[] parts = e.getMessage().split("; ", 2);
      findings.add(
          Finding.bad("BPF programs", parts[0], parts.length > 1 ? parts[1] : "see the README"));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return null;
    }
  }
}
