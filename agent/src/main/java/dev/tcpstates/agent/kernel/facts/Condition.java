// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

/**
 * One thing that BPF depends on, as it is for a process.
 *
 * @param subject what it is, in a word or two
 * @param effect whether it keeps the process from BPF
 * @param found how it is: a fragment of a sentence, without {@code "; "}
 * @param remedy what to do about it; {@code null} if nothing is to be done
 */
public record Condition(String subject, Effect effect, String found, String remedy) {
  /** Whether a condition keeps a process from BPF. */
  public enum Effect {
    /** It does not. */
    NONE,
    /** It may: that can't be seen from outside. */
    POSSIBLE,
    /** It does. */
    CERTAIN
  }

  static Condition fine(String subject, String found) {
    return new Condition(subject, Effect.NONE, found, null);
  }

  static Condition possible(String subject, String found, String remedy) {
    return new Condition(subject, Effect.POSSIBLE, found, remedy);
  }

  static Condition certain(String subject, String found, String remedy) {
    return new Condition(subject, Effect.CERTAIN, found, remedy);
  }
}
