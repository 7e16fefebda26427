// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.LibBpf.CallFailed;

/** Failures of libbpf and the kernel in words, in one line each. */
final class Reasons {
  private static final int LONGEST_LOG_LINE = 200;

  private Reasons() {}

  /**
   * Returns why a call failed and what to do about it: {@code cause (call: ERRNO); what to do}.
   * Reads {@code /proc} and {@code /sys}.
   */
  static String explain(CallFailed e) {
    return Refusal.now().explain(e);
  }

  /** Returns what failed: the call, the error's name, and the verifier's reason if it gave one. */
  static String brief(CallFailed e) {
    String reason = verifierReason(e.log);
    return reason.isEmpty() ? e.getMessage() : e.getMessage() + ", the verifier says: " + reason;
  }

  /** The verifier's last line but the one that counts what it has done. */
  private static String verifierReason(String log) {
    String reason =
        log.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("processed "))
            .reduce("", (first, last) -> last)
            .replace("; ", ", ");
    return reason.length() > LONGEST_LOG_LINE
        ? reason.substring(0, LONGEST_LOG_LINE) + "..."
        : reason;
  }

  /** JNA's first line only names the library; the second is the system's reason. */
  static String brief(UnsatisfiedLinkError e) {
    return String.valueOf(e.getMessage()).lines().limit(2).reduce("", (first, last) -> last);
  }
}
