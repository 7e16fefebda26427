// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import dev.tcpstates.jfr.EventType.Read;
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
 * Hands over in order what comes chunk by chunk: within one, threads have written what is theirs
 * one after the other. What needs memory is one chunk, of which the JVM limits the size.
 */
final class EventOrder {
  private final List<TcpEventHandler> handlers;

  /** Transitions so close to the chunk's end that the next one may have some of before. */
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
    JvmInfo ofThis = ofChunk;
    callAll(handler -> handler.chunk(chunk));
    if (ofThis != null) {
      callAll(handler -> handler.jvm(ofThis));
    }
    sites.values().forEach(this::handOver);

    inTime.addAll(0, held);
    inTime.sort(Comparator.comparing(Read::time));
    orderTransitions(inTime);
    held = takeLast(inTime);
    inTime.forEach(this::handOver);
    callAll(TcpEventHandler::flushed);
  }

  /** Hands over what is left. */
  void end() {
    if (!held.isEmpty()) {
      held.forEach(this::handOver);
      held = new ArrayList<>();
      callAll(TcpEventHandler::flushed);
    }
  }

  private void handOver(Read<?> event) {
    callAll(event::handTo);
  }

  private void callAll(Consumer<TcpEventHandler> what) {
    handlers.forEach(what);
  }

  private static Read<?> later(Read<?> one, Read<?> other) {
    return one.time().isAfter(other.time()) ? one : other;
  }

  /** Puts one socket's transitions in their order, each in a place where one of them was. */
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
    List<Read<?>> last = new ArrayList<>();
    if (!events.isEmpty()) {
      Instant edge = events.get(events.size() - 1).time().minus(TransitionOrder.EDGE);
      events.removeIf(
          event -> {
            boolean take = event.value() instanceof Transition && !event.time().isBefore(edge);
            if (take) {
              last.add(event);
            }
            return take;
          });
    }
    return last;
  }
}
