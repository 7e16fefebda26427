// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.kernel.facts.Condition;

/**
 * The result of one check of {@code doctor}.
 *
 * @param subject what was checked
 * @param verdict whether it is as the agent needs it
 * @param found what was found, in a few words
 * @param mend what to do about it; null if nothing needs to be done
 */
record Finding(String subject, Verdict verdict, String found, String mend) {
  /** Whether something is as the agent needs it. */
  enum Verdict {
    ok,
    /** The agent works, perhaps not fully. */
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
   * Evaluates a condition.
   *
   * @param works whether BPF was seen to work, so that the condition does not prevent it
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

  /** Returns the same finding with another subject. */
  Finding about(String otherSubject) {
    return new Finding(otherSubject, verdict, found, mend);
  }

  static Finding of(boolean fine, String subject, String found, String mend) {
    return fine ? ok(subject, found) : bad(subject, found, mend);
  }
}
