// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.util.List;

/**
 * The result of a rule.
 *
 * @param rule the rule, such as {@code max-resets 0}
 * @param passed whether the recording keeps it
 * @param found what was found, such as {@code 3 resets}
 * @param offenders the call sites that broke it, the worst first; empty if it was kept; can't be
 *     modified
 * @param moreOffenders how many further call sites broke it
 */
public record Verdict(
    String rule, boolean passed, String found, List<Offender> offenders, long moreOffenders) {
  public Verdict {
    offenders = List.copyOf(offenders);
  }

  /**
   * A call site that opened sockets which break a rule.
   *
   * @param opener the call site
   * @param sockets how many of its sockets break the rule
   * @param worst the worst or the last of them, as text with its addresses
   * @param openThread name of the thread that opened that one; null if unknown
   */
  public record Offender(Opener opener, long sockets, String worst, String openThread) {}
}
