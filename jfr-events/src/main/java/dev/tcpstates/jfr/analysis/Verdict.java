// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.util.List;

/**
 * What came of a rule.
 *
 * @param rule the rule, such as {@code max-resets 0}
 * @param passed whether the recording keeps it
 * @param found what was found, as words such as {@code 3 resets}
 * @param offenders who broke it, the worst first; empty if it was kept; can't be modified
 * @param moreOffenders places in the code beyond those listed
 */
public record Verdict(
    String rule, boolean passed, String found, List<Offender> offenders, long moreOffenders) {
  public Verdict {
    offenders = List.copyOf(offenders);
  }

  /**
   * A place in the code that opened sockets which break a rule.
   *
   * @param opener the place
   * @param sockets how many of its sockets do
   * @param worst the worst or the last of them, as words with its addresses
   * @param openThread name of the thread that opened that one; null if not known
   */
  public record Offender(Opener opener, long sockets, String worst, String openThread) {}
}
