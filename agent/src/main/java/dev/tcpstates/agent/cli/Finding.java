// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.kernel.facts.Condition;

/**
 * One thing that the doctor looked at.
 *
 * @param subject what it is
 * @param verdict how it is
 * @param found what was found, in a few words
 * @param mend what to do about it; null if nothing is to be done
 */
record Finding(String subject, Verdict verdict, String found, String mend) {
  /** How something is. */
  enum Verdict {
    ok,
    /** Worth knowing, and in nobody's way. */
    note,
    bad
  }

  static Finding ok(String subject, String found) {
    return new Finding(subject, Verdict.ok, found, null);
  }

  static Finding note(String subject, String found) {
    return new Finding(subject, Verdict.note, found, null);
  }

  static Finding bad(String subject, String found, String mend) {
    return new Finding(subject, Verdict.bad, found, mend);
  }

  /**
   * What a condition means.
   *
   * @param works whether BPF works, so that nothing forbids it
   */
  static Finding of(Condition condition, boolean works) {
    Verdict verdict =
        switch (condition.effect()) {
          case NONE -> Verdict.ok;
          case POSSIBLE -> works ? Verdict.ok : Verdict.note;
          case CERTAIN -> works ? Verdict.note : Verdict.bad;
        };
    return new Finding(
        condition.subject(),
        verdict,
        condition.found(),
        verdict == Verdict.ok ? null : condition.remedy());
  }

  /** The same finding under another name. */
  Finding about(String otherSubject) {
    return new Finding(otherSubject, verdict, found, mend);
  }

  static Finding of(boolean fine, String subject, String found, String mend) {
    return fine ? ok(subject, found) : bad(subject, found, mend);
  }
}
