// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ResetInfo;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.EventType.Read;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Delivers events in order. A chunk has the events of each thread one after the other, so it is
 * sorted as a whole; the JVM limits the size of a chunk.
 */
final class EventOrder {
  private final List<TcpEventHandler> handlers;

  /** Transitions so close to the chunk's end that the next chunk may have earlier ones. */
  private List<Read<?>> held = new ArrayList<>();

  private JvmInfo jvm;

  EventOrder(List<TcpEventHandler> handlers) {
    this.handlers = handlers;
  }

  /** Takes a chunk's events, in any order. */
  void add(ChunkInfo chunk, List<Read<?>> events) {
    List<Read<?>> inTime = new ArrayList<>(events.size() + held.size());
    Map<Long, Read<?>> sites = new LinkedHashMap<>();
    JvmInfo ofChunk = null;
    for (Read<?> event : events) {
      if (event.value() instanceof JvmInfo info) {
        ofChunk = info;
      } else if (event.value() instanceof OpenSiteInfo site) {
        sites.merge(site.openSiteId(), event, EventOrder::later);
      } else {
        inTime.add(event);
      }
    }
    if (!Objects.equals(jvm, ofChunk)) {
      end();
    }
    jvm = ofChunk;
    callAll(handler -> handler.chunk(chunk));
    if (jvm != null) {
      callAll(handler -> handler.jvm(jvm));
    }
    sites.values().forEach(this::deliver);

    inTime.addAll(0, held);
    // The kernel closes a socket before it sends a reset, which then has the same time.
    inTime.sort(
        Comparator.<Read<?>, Instant>comparing(Read::time)
            .thenComparing(event -> !(event.value() instanceof ResetInfo)));
    orderTransitions(inTime);
    held = takeLast(inTime);
    inTime.forEach(this::deliver);
    callAll(TcpEventHandler::flushed);
  }

  /** Delivers the events that were kept for the next chunk. */
  void end() {
    if (!held.isEmpty()) {
      held.forEach(this::deliver);
      held = new ArrayList<>();
      callAll(TcpEventHandler::flushed);
    }
  }

  private void deliver(Read<?> event) {
    callAll(event::deliver);
  }

  private void callAll(Consumer<TcpEventHandler> what) {
    handlers.forEach(what);
  }

  private static Read<?> later(Read<?> one, Read<?> other) {
    return one.time().isAfter(other.time()) ? one : other;
  }

  /** Sorts each socket's transitions among the positions that they have in the list. */
  private static void orderTransitions(List<Read<?>> events) {
    Map<Long, List<Read<?>>> bySocket = new HashMap<>();
    for (Read<?> event : events) {
      if (event.value() instanceof Transition transition) {
        bySocket.computeIfAbsent(transition.socketId(), id -> new ArrayList<>(6)).add(event);
      }
    }
    bySocket.values().removeIf(own -> !TransitionOrder.sort(own, EventOrder::transition));
    if (bySocket.isEmpty()) {
      return;
    }
    Map<Long, Iterator<Read<?>>> next = new HashMap<>();
    bySocket.forEach((id, own) -> next.put(id, own.iterator()));
    events.replaceAll(
        event ->
            event.value() instanceof Transition transition
                    && next.containsKey(transition.socketId())
                ? next.get(transition.socketId()).next()
                : event);
  }

  private static Transition transition(Read<?> event) {
    return (Transition) event.value();
  }

  private static List<Read<?>> takeLast(List<Read<?>> events) {
    if (events.isEmpty()) {
      return new ArrayList<>();
    }
    Instant limit = events.get(events.size() - 1).time().minus(TransitionOrder.CLOCK_ERROR);
    List<Read<?>> last = new ArrayList<>(events);
    last.removeIf(event -> !isHeld(event, limit));
    events.removeIf(event -> isHeld(event, limit));
    return last;
  }

  /** An opening is held too: it must not come before the transitions that precede it. */
  private static boolean isHeld(Read<?> event, Instant limit) {
    boolean ofLife = event.value() instanceof Transition || event.value() instanceof SocketOpenInfo;
    return ofLife && !event.time().isBefore(limit);
  }
}
