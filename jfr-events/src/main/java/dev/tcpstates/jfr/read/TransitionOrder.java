// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * The order in which one socket's transitions happened. Within a chunk, it is the order of their
 * times. Each chunk converts ticks to time on its own, so that a transition of a chunk's start can
 * seem microseconds older than one of the previous chunk's end. There, the states decide.
 */
final class TransitionOrder {
  /** How far the times of two chunks may differ. */
  static final Duration CLOCK_ERROR = Duration.ofMillis(1);

  private TransitionOrder() {}

  /** Sorts one socket's transitions; those at the same time stay in their order. */
  static void sort(List<Transition> transitions) {
    transitions.sort(Comparator.comparing(Transition::endTime));
    sort(transitions, transition -> transition);
  }

  /**
   * Corrects the order by the states.
   *
   * @param sorted by time
   * @return whether the order changed
   */
  static <T> boolean sort(List<T> sorted, Function<T, Transition> transition) {
    boolean changed = swapFirst(sorted, transition);
    for (int i = 1; i < sorted.size(); i++) {
      TcpState state = transition.apply(sorted.get(i - 1)).newState();
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

  /** The first transition has no predecessor: it is swapped if it leaves the second one's state. */
  private static <T> boolean swapFirst(List<T> sorted, Function<T, Transition> transition) {
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

  private static boolean leaves(Transition transition, TcpState state) {
    return transition.oldState() == state;
  }

  private static boolean isNear(Transition one, Transition other) {
    return Duration.between(one.endTime(), other.endTime()).compareTo(CLOCK_ERROR) <= 0;
  }
}
