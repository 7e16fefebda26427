// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The order in which one socket's transitions happened. Their times tell it, but for those of two
 * chunks: each chunk brings its own relation of ticks to time, so that a transition after the
 * chunk's edge can seem to be microseconds older than one before. There, the states tell.
 */
final class TransitionOrder {
  private static final Duration EDGE = Duration.ofMillis(1);

  private TransitionOrder() {}

  /** Sorts one socket's transitions; those at the same time stay in their order. */
  static void sort(List<Transition> transitions) {
    transitions.sort(Comparator.comparing(Transition::endTime));
    startAtTheStart(transitions);
    for (int i = 1; i < transitions.size(); i++) {
      String state = transitions.get(i - 1).newState();
      int next = i;
      while (next < transitions.size()
          && !Objects.equals(transitions.get(next).oldState(), state)
          && isNear(transitions.get(i), transitions.get(next))) {
        next++;
      }
      if (next < transitions.size()
          && Objects.equals(transitions.get(next).oldState(), state)
          && isNear(transitions.get(i), transitions.get(next))) {
        transitions.add(i, transitions.remove(next));
      }
    }
  }

  /** The first has none before it that would tell: it is the one that the second leads up to. */
  private static void startAtTheStart(List<Transition> transitions) {
    if (transitions.size() > 1) {
      Transition first = transitions.get(0);
      Transition second = transitions.get(1);
      if (!Objects.equals(first.newState(), second.oldState())
          && Objects.equals(second.newState(), first.oldState())
          && isNear(first, second)) {
        transitions.add(0, transitions.remove(1));
      }
    }
  }

  private static boolean isNear(Transition one, Transition other) {
    return Duration.between(one.endTime(), other.endTime()).compareTo(EDGE) <= 0;
  }
}
