// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.kernel.facts.Condition;
import dev.tcpstates.agent.kernel.facts.KernelFacts;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.node.NodeProtocol;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.agent.kernel.session.PinFolders;
import dev.tcpstates.agent.node.LeastPrivilege;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks whether the node program can run here, as this user. */
final class NodeCheck {
  /** The kernel gives this number to its first PID namespace (PROC_PID_INIT_INO). */
  private static final String FIRST_PID_NAMESPACE = "pid:[4026531836]";

  private NodeCheck() {}

  static List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(btf());
    findings.add(capabilities());
    findings.add(pidNamespace());
    findings.add(libbpf());
    findings.add(pins());
    findings.add(socket());
    return findings;
  }

  private static Finding btf() {
    Condition btf = KernelFacts.read().btf();
    return Finding.of(
        btf.effect() != Condition.Effect.CERTAIN, btf.subject(), btf.found(), btf.remedy());
  }

  private static Finding capabilities() {
    try {
      String missing = LeastPrivilege.missing();
      return Finding.of(
          missing == null,
          "capabilities",
          missing == null ? "CAP_BPF and CAP_PERFMON" : "without " + missing,
          "run it as root, or with AmbientCapabilities=CAP_BPF CAP_PERFMON in a systemd unit");
    } catch (IOException e) {
      return Finding.bad("capabilities", "not known (" + e + ")", "mount /proc");
    }
  }

  private static Finding pidNamespace() {
    String found;
    try {
      found = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    } catch (IOException e) {
      found = "not known (" + e + ")";
    }
    return Finding.of(
        found.equals(FIRST_PID_NAMESPACE),
        "PID namespace",
        found,
        "run it in the machine's (Kubernetes: hostPID: true; Docker: --pid=host)");
  }

  private static Finding libbpf() {
    try {
      return Finding.ok("libbpf", LibBpfLoader.version());
    } catch (BpfException e) {
      return Finding.bad("libbpf", e.getMessage(), "install libbpf 1.0 or later");
    }
  }

  private static Finding pins() {
    String problem = PinFolders.problem(PinFolders.DEFAULT);
    return Finding.of(
        problem == null,
        "BPF file system",
        problem == null ? "the pins can be in " + PinFolders.DEFAULT : problem,
        "mount it, and run as its owner: mount -t bpf bpf /sys/fs/bpf");
  }

  private static Finding socket() {
    if (!Files.exists(NodeProtocol.SOCKET)) {
      return Finding.note("node program", "none runs: there is no " + NodeProtocol.SOCKET);
    }
    try {
      JnaLoader.load();
      UnixSocket.connect(NodeProtocol.SOCKET, 1).close();
      return Finding.ok("node program", "listens at " + NodeProtocol.SOCKET);
    } catch (BpfException | IOException e) {
      return Finding.note(
          "node program", NodeProtocol.SOCKET + " can't be reached (" + e.getMessage() + ")");
    }
  }
}
