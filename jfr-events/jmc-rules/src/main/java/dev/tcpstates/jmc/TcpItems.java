// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.openjdk.jmc.common.IDisplayable;
import org.openjdk.jmc.common.item.Aggregators;
import org.openjdk.jmc.common.item.IAggregator;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemFilter;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.QuantityConversionException;
import org.openjdk.jmc.flightrecorder.jdk.JdkAttributes;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit.EventAvailability;

/** The recording, as the rules read it. */
final class TcpItems {
  private final IItemCollection items;

  TcpItems(IItemCollection items) {
    this.items = items;
  }

  /** Calls the consumer for each event of the type; it must not keep the row. */
  void each(String type, Consumer<Row> consumer) {
    for (IItemIterable some : items.apply(ItemFilters.type(type))) {
      Row row = new Row(some.getType());
      for (IItem item : some) {
        consumer.accept(row.at(item));
      }
    }
  }

  /**
   * Selects one event of each socket.
   *
   * @param preferred the first that has an event of the socket selects its latest one
   */
  IItemFilter oneOfEach(Set<Long> sockets, IItemFilter... preferred) {
    Map<Long, IItem> chosen = new HashMap<>();
    for (IItemFilter filter : preferred) {
      Map<Long, IItem> latest = new HashMap<>();
      Map<Long, Long> ends = new HashMap<>();
      for (IItemIterable some : items.apply(filter)) {
        Row row = new Row(some.getType());
        for (IItem item : some) {
          long socket = row.at(item).id(Tcp.SOCKET_ID);
          if (sockets.contains(socket) && row.end() >= ends.getOrDefault(socket, Long.MIN_VALUE)) {
            ends.put(socket, row.end());
            latest.put(socket, item);
          }
        }
      }
      latest.forEach(chosen::putIfAbsent);
    }
    Set<IItem> events = Collections.newSetFromMap(new IdentityHashMap<>());
    events.addAll(chosen.values());
    return type -> events::contains;
  }

  /** The sockets of the recording. */
  Sockets sockets() {
    return Sockets.of(items);
  }

  boolean has(String type) {
    return items.apply(ItemFilters.type(type)).hasItems();
  }

  boolean isSwitchedOff(String type) {
    return RulesToolkit.getEventAvailability(items, type) == EventAvailability.DISABLED;
  }

  /** Why the agent did not record, from its last state; null if it recorded. */
  String agentFailure() {
    String[] failure = {null};
    long[] latest = {Long.MIN_VALUE};
    each(
        Tcp.AGENT_STATE,
        row -> {
          if (row.start() >= latest[0]) {
            latest[0] = row.start();
            failure[0] = row.flag(Tcp.ATTACHED) ? null : String.valueOf(row.text(Tcp.REASON));
          }
        });
    return failure[0];
  }

  /** How an agent polled the sockets and what is therefore not recorded; empty if none did. */
  Set<String> sampled() {
    Set<String> sampled = new TreeSet<>();
    each(
        Tcp.AGENT_STATE,
        row -> {
          if (row.flag(Tcp.ATTACHED) && row.is(Tcp.MODE, "SAMPLED")) {
            long interval = row.nanos(Tcp.POLL_INTERVAL);
            String why = row.text(Tcp.REASON);
            sampled.add(
                "transitions, resets, retransmits and connections shorter than the poll interval"
                    + " (sampled"
                    + (interval == 0 ? "" : " every " + Words.time(interval))
                    + (why == null ? "" : ": " + why)
                    + ")");
          }
        });
    return sampled;
  }

  /** Until when the agent is known to have recorded, in nanoseconds since 1970. */
  long end() {
    long[] end = {0};
    for (String type : List.of(Tcp.AGENT_STATE, Tcp.SOCKET_STATE, Tcp.STATE_CHANGE)) {
      each(type, row -> end[0] = Math.max(end[0], row.end()));
    }
    return end[0];
  }

  /** The start of the first event, in nanoseconds since 1970; 0 if there is none. */
  long start() {
    long[] start = {Long.MAX_VALUE};
    for (String type : List.of(Tcp.AGENT_STATE, Tcp.SOCKET_STATE, Tcp.STATE_CHANGE)) {
      each(type, row -> start[0] = Math.min(start[0], row.end()));
    }
    return start[0] == Long.MAX_VALUE ? 0 : start[0];
  }

  /** Which of these events the settings exclude, as sentences; empty if none. */
  String excluded(List<String> types) {
    List<String> found = new ArrayList<>();
    for (String type : types) {
      if (isSwitchedOff(type)) {
        found.add(type + " is switched off in this recording.");
        continue;
      }
      for (IQuantity threshold : thresholds(type)) {
        found.add(
            "Of "
                + type
                + ", this recording has only events of "
                + threshold.displayUsing(IDisplayable.AUTO)
                + " or longer.");
      }
    }
    return String.join(" ", found);
  }

  private List<IQuantity> thresholds(String type) {
    IAggregator<Set<String>, ?> values = Aggregators.distinct(JdkAttributes.REC_SETTING_VALUE);
    Set<String> found =
        items.apply(RulesToolkit.getSettingsFilter("threshold", type)).getAggregate(values);
    List<IQuantity> thresholds = new ArrayList<>();
    for (String value : found == null ? Set.<String>of() : found) {
      try {
        IQuantity threshold = RulesToolkit.parsePersistedJvmTimespan(value);
        if (threshold.doubleValue() > 0) {
          thresholds.add(threshold);
        }
      } catch (QuantityConversionException e) {
        // A setting that is no time excludes nothing.
      }
    }
    return thresholds;
  }
}
