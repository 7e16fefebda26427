// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * The order in which one socket's transitions happened. Their times tell it, but for those of two
 * chunks: each chunk brings its own relation of ticks to time, so that a transition after the
 * chunk's edge can seem to be microseconds older than one before. There, the states tell.
 */
final class TransitionOrder {
  /** How far the times of two chunks may be off each other. */
  static final Duration EDGE = Duration.ofMillis(1);

  private TransitionOrder() {}

  /** Sorts one socket's transitions; those at the same time stay in their order. */
  static void sort(List<Transition> transitions) {
    transitions.sort(Comparator.comparing(Transition::endTime));
    sort(transitions, transition -> transition);
  }

  /**
   * Lets the states tell the order of what is sorted by time.
   *
   * @return whether that changed anything
   */
  static <T> boolean sort(List<T> sorted, Function<T, Transition> transition) {
    boolean changed = startAtTheStart(sorted, transition);
    for (int i = 1; i < sorted.size(); i++) {
      String state = transition.apply(sorted.get(i - 1)).newState();
      Transition here = transition.apply(sorted.get(i));
      int next = i;
      while (next < sorted.size()
          && !leaves(transition.apply(sorted.get(next)), state)
          && isNear(here, transition.apply(sorted.get(next)))) {
        next++;
      }
      if (next > i
          && next < sorted.size()
          && leaves(transition.apply(sorted.get(next)), state)
          && isNear(here, transition.apply(sorted.get(next)))) {
        sorted.add(i, sorted.remove(next));
        changed = true;
      }
    }
    return changed;
  }

  /** The first has none before it that would tell: it is the one that the second leads up to. */
  private static <T> boolean startAtTheStart(List<T> sorted, Function<T, Transition> transition) {
    if (sorted.size() > 1) {
      Transition first = transition.apply(sorted.get(0));
      Transition second = transition.apply(sorted.get(1));
      if (!leaves(second, first.newState())
          && leaves(first, second.newState())
          && isNear(first, second)) {
        sorted.add(0, sorted.remove(1));
        return true;
      }
    }
    return false;
  }

  private static boolean leaves(Transition transition, String state) {
    return Objects.equals(transition.oldState(), state);
  }

  private static boolean isNear(Transition one, Transition other) {
    return Duration.between(one.endTime(), other.endTime()).compareTo(EDGE) <= 0;
  }
}
