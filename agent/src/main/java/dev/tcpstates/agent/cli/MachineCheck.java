// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.kernel.diag.DiagException;
import dev.tcpstates.agent.kernel.diag.SockDiag;
import dev.tcpstates.agent.kernel.facts.Condition;
import dev.tcpstates.agent.kernel.facts.KernelFacts;
import dev.tcpstates.agent.kernel.facts.Privileges;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.sampled.SampledSource;
import dev.tcpstates.agent.kernel.session.BpfSession;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Checks whether the agent can work on this machine, as this user and with this Java. */
final class MachineCheck {
  private static final int SMALL_RING = 1 << 16;

  private final List<Finding> findings = new ArrayList<>();

  private MachineCheck() {}

  static List<Finding> run() {
    MachineCheck check = new MachineCheck();
    check.system();
    check.java();
    if (System.getProperty("os.name").equals("Linux")) {
      check.bpf();
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
            "run the agent on Linux; recordings can be read here"));
  }

  private void java() {
    String version = System.getProperty("java.vm.version");
    List<String> missing = Main.missingModules();
    findings.add(
        Finding.of(
            missing.isEmpty(),
            "Java",
            version + (missing.isEmpty() ? "" : ", without " + String.join(", ", missing)),
            "use the java of a JDK, 17 or later"));
  }

  /** Checks what BPF needs; then starts it as the agent does, which says what prevents it. */
  private void bpf() {
    KernelFacts kernel = KernelFacts.read();
    List<Condition> conditions = new ArrayList<>(kernel.conditions());
    conditions.addAll(Privileges.ofThisJvm(kernel).conditions());
    List<Finding> session = new ArrayList<>();
    boolean works = session(session, conditions);
    conditions.forEach(condition -> findings.add(Finding.of(condition, works)));
    findings.addAll(session);
  }

  /**
   * Loads and attaches the BPF programs as the agent does at its start, and removes them again.
   *
   * @return whether the BPF programs work
   */
  private static boolean session(List<Finding> findings, List<Condition> conditions) {
    try {
      findings.add(Finding.ok("libbpf", LibBpfLoader.version()));
    } catch (BpfException e) {
      findings.add(bad("libbpf", e, List.of()));
      return false;
    }
    try (BpfSession session = BpfSession.open(SMALL_RING)) {
      findings.add(Finding.ok("BPF programs", "loaded, verified and attached"));
      extras(session, findings);
      return true;
    } catch (BpfException e) {
      findings.add(bad("BPF programs", e, conditions));
      sampledMode(findings);
      return false;
    }
  }

  /** Checks the mode that the agent falls back to without the BPF programs. */
  private static void sampledMode(List<Finding> findings) {
    try (SampledSource source = SampledSource.open(TimeUnit.SECONDS.toNanos(1))) {
      findings.add(
          Finding.note(
              "sampled mode",
              "works for process "
                  + source.pid()
                  + ": the agent polls the sockets, and records no transitions"));
    } catch (BpfException e) {
      findings.add(Finding.note("sampled mode", "does not work: " + e.getMessage()));
    } catch (DiagException e) {
      findings.add(Finding.note("sampled mode", "does not work: " + SockDiag.explain(e)));
    }
  }

  private static Finding bad(String subject, BpfException e, List<Condition> conditions) {
    String[] parts = e.getMessage().split("; ", 2);
    String remedy = parts.length > 1 ? parts[1] : "see the README";
    String saidAbove =
        conditions.stream()
            .filter(condition -> remedy.equals(condition.remedy()))
            .map(condition -> "see " + condition.subject())
            .findFirst()
            .orElse(remedy);
    return Finding.bad(subject, parts[0], saidAbove);
  }

  /** Reports what the kernel refused without stopping the agent. */
  private static void extras(BpfSession session, List<Finding> findings) {
    List<String> gaps = session.gaps();
    gaps.forEach(gap -> findings.add(Finding.note("not recorded", gap)));
    if (gaps.isEmpty()) {
      findings.add(Finding.ok("events", "all can be recorded"));
    }
  }
}
