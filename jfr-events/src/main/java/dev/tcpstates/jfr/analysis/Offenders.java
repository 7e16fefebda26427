// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.analysis.Verdict.Offender;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Collects the sockets that break a rule, by call site. */
final class Offenders {
  private static final int LISTED = 10;

  private static final class Place {
    long sockets;
    long badness = Long.MIN_VALUE;
    String worst;
    String thread;
  }

  private final Map<Opener, Place> places = new IdentityHashMap<>();

  /**
   * Adds a socket.
   *
   * @param badness the greater, the worse
   * @param what what is wrong with it
   */
  void add(Opener opener, SocketEvent event, long badness, String what) {
    Place place = places.computeIfAbsent(opener, o -> new Place());
    place.sockets++;
    if (badness >= place.badness) {
      place.badness = badness;
      place.worst = Words.addresses(event) + " " + what;
      place.thread = event.openThread();
    }
  }

  Verdict verdict(String rule, boolean passed, String found) {
    if (passed) {
      return new Verdict(rule, true, found, List.of(), 0);
    }
    List<Offender> list = new ArrayList<>();
    places.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<Opener, Place>>comparingLong(entry -> entry.getValue().sockets)
                .thenComparingLong(entry -> entry.getValue().badness)
                .reversed())
        .limit(LISTED)
        .forEach(
            entry -> {
              Place place = entry.getValue();
              list.add(new Offender(entry.getKey(), place.sockets, place.worst, place.thread));
            });
    return new Verdict(rule, false, found, list, places.size() - list.size());
  }

  /** Counts fewer sockets of call sites. */
  void subtract(Map<Opener, Long> less) {
    less.forEach(
        (opener, sockets) -> {
          Place place = places.get(opener);
          if (place != null) {
            place.sockets -= sockets;
          }
        });
  }

  /** Drops call sites with at most this many sockets. */
  void keepAbove(long sockets) {
    places.values().removeIf(place -> place.sockets <= sockets);
  }

  long most() {
    return places.values().stream().mapToLong(place -> place.sockets).max().orElse(0);
  }
}
