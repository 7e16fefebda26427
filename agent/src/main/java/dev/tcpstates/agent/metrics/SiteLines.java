// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.periodic.SocketTotals;
import dev.tcpstates.agent.periodic.SocketTotals.Place;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The lines of code that open sockets: the ones with most open sockets one by one, all others as
 * {@code _OTHER}. Not thread-safe.
 */
final class SiteLines {
  /** A method and a line of it. */
  private record Line(String function, String number) {
    static final Line OTHERS = new Line(Attribute.OTHER, "0");

    /** Of a text such as {@code com.example.Shop.price:12}. */
    static Line parse(String text) {
      int colon = text.lastIndexOf(':');
      if (colon < 0) {
        return new Line(text, "0");
      }
      String number = text.substring(colon + 1);
      // Of a native method, it is a word.
      boolean known = number.chars().allMatch(c -> c >= '0' && c <= '9');
      return new Line(text.substring(0, colon), known ? number : "0");
    }
  }

  private static final class Count {
    /** While the line had a value of its own; before that, it was counted as {@code _OTHER}. */
    private long opened;

    private long open;
  }

  private final int most;

  /** By the numbers of the call sites: how many of their sockets have been counted. */
  private Map<Integer, Integer> counted = new HashMap<>();

  private final Map<Line, Count> lines = new LinkedHashMap<>();
  private Set<Line> named = new HashSet<>();
  private long openedByOthers;
  private List<Point> stuckPoints = List.of();
  private List<Point> openPoints = List.of();

  /**
   * @param most how many lines have values of their own
   */
  SiteLines(int most) {
    this.most = most;
  }

  /** The agent is attached, again perhaps: the call sites' numbers begin anew. */
  void attached() {
    counted = new HashMap<>();
    lines.values().forEach(count -> count.open = 0);
    openPoints = List.of();
    stuckPoints = List.of();
  }

  /** Takes over what the call sites have opened since the last call. */
  void opened(Collection<CallSite> sites) {
    Map<CallSite, Line> known = new LinkedHashMap<>();
    lines.values().forEach(count -> count.open = 0);
    for (CallSite site : sites) {
      // A library's accepted sockets are about to be another call site's.
      if (!site.isAcceptedByLibrary() && !site.kind().equals("ADOPTED")) {
        Line line = line(site);
        known.put(site, line);
        if (!line.equals(Line.OTHERS)) {
          lines.computeIfAbsent(line, key -> new Count()).open += Math.max(0, site.open());
        }
      }
    }
    Set<Line> used = new HashSet<>(known.values());
    lines.keySet().removeIf(line -> !named.contains(line) && !used.contains(line));
    choose();
    Map<Integer, Integer> now = new HashMap<>();
    known.forEach(
        (site, line) -> {
          int before = counted.getOrDefault(site.id(), 0);
          int opened = Math.max(before, site.opened());
          now.put(site.id(), opened);
          if (named.contains(line)) {
            lines.get(line).opened += opened - before;
          } else {
            openedByOthers += opened - before;
          }
        });
    counted = now;
  }

  /** Those with most open sockets are named; of equals, those that were. */
  private void choose() {
    List<Line> order = new ArrayList<>(lines.keySet());
    order.sort(
        Comparator.comparingLong((Line line) -> -lines.get(line).open)
            .thenComparing(line -> !named.contains(line)));
    named = new HashSet<>(order.subList(0, Math.min(most, order.size())));
  }

  /** Takes over what is open and stuck now. To be called after {@link #opened}. */
  void now(SocketTotals totals, Collection<CallSite> sites) {
    Map<Long, Line> byId = new HashMap<>();
    for (CallSite site : sites) {
      Line line = line(site);
      byId.put((long) site.id(), named.contains(line) ? line : Line.OTHERS);
    }
    openPoints = points(totals.open(), byId);
    stuckPoints = points(totals.stuck(), byId);
  }

  private static List<Point> points(Map<Place, Integer> places, Map<Long, Line> lines) {
    Map<List<String>, Integer> sums = new LinkedHashMap<>();
    places.forEach(
        (place, sockets) -> {
          Line line = lines.getOrDefault(place.siteId(), Line.OTHERS);
          List<String> key = List.of(line.function, line.number, States.name(place.state()));
          sums.merge(key, sockets, Integer::sum);
        });
    List<Point> points = new ArrayList<>();
    sums.forEach((key, sum) -> points.add(new Point(key, sum, null)));
    return points;
  }

  private static Line line(CallSite site) {
    return site.isUnknownPlace() ? Line.OTHERS : Line.parse(site.line());
  }

  Family stuckNow() {
    return new Family(Metric.SITE_STUCK, Metric.SITE_STUCK.attributes(), stuckPoints);
  }

  Family openNow() {
    return new Family(Metric.SITE_OPEN, Metric.SITE_OPEN.attributes(), openPoints);
  }

  Family openedNow() {
    List<Point> points = new ArrayList<>();
    for (Map.Entry<Line, Count> entry : lines.entrySet()) {
      if (named.contains(entry.getKey())) {
        Line line = entry.getKey();
        points.add(new Point(List.of(line.function, line.number), entry.getValue().opened, null));
      }
    }
    Line others = Line.OTHERS;
    points.add(new Point(List.of(others.function, others.number), openedByOthers, null));
    return new Family(Metric.SITE_OPENED, Metric.SITE_OPENED.attributes(), points);
  }
}
