// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.LibBpf.CallFailed;

/** Failures of libbpf and the kernel in words, in one line each. */
final class Reasons {
  private Reasons() {}

  /** What failed, and what to do about it. */
  static String explain(CallFailed e) {
    if (Errno.isPermission(e)) {
      return "this JVM may not use BPF ("
          + e.getMessage()
          + "); give it the capabilities CAP_BPF and CAP_PERFMON (systemd:"
          + " AmbientCapabilities=CAP_BPF CAP_PERFMON; Docker: --cap-add=BPF --cap-add=PERFMON)";
    }
    return brief(e)
        + "; run on Linux 5.12 or later, or report this with your kernel's version, "
        + System.getProperty("os.version");
  }

  /** What failed. */
  static String brief(CallFailed e) {
    String log = e.log.strip();
    return log.isEmpty()
        ? e.getMessage()
        : e.getMessage()
            + "; the verifier says: "
            + log.substring(log.lastIndexOf('\n', Math.max(0, log.lastIndexOf('\n') - 1)) + 1)
                .replace('\n', ' ');
  }

  /** JNA's first line only names the library; the second is the system's reason. */
  static String brief(UnsatisfiedLinkError e) {
    return String.valueOf(e.getMessage()).lines().limit(2).reduce("", (first, last) -> last);
  }
}
