// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import jdk.jfr.Event;

/**
 * The private fields {@code startTime} and {@code duration}, in JFR's ticks, that JFR adds to an
 * event class. {@code commit} takes what it finds there.
 */
public final class EventTimes<E extends Event> {
  private final Supplier<E> events;
  private final VarHandle startTime;
  private final VarHandle duration;

  /**
   * @param events makes an event
   */
  EventTimes(Class<E> type, Supplier<E> events) {
    this.events = events;
    VarHandle start = null;
    VarHandle length = null;
    try {
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      start = lookup.findVarHandle(type, "startTime", long.class);
      length = lookup.findVarHandle(type, "duration", long.class);
    } catch (ReflectiveOperationException e) {
      // Another JVM's JFR: events then bear the time of their commit, and AgentState says so.
    }
    startTime = start;
    duration = length;
  }

  /** Whether this JVM's JFR has the fields. */
  public boolean usable() {
    return startTime != null && duration != null;
  }

  /** JFR's clock; 0 if no recording has made JFR instrument the class yet. */
  long now() {
    if (!usable()) {
      return 0;
    }
    E event = events.get();
    event.begin();
    return (long) startTime.get(event);
  }

  /** Sets an event's start and end, if that is possible. */
  void set(E event, long startTicks, long endTicks) {
    if (usable() && startTicks != 0) {
      startTime.set(event, startTicks);
      // 0 would mean "up to now" to commit.
      duration.set(event, Math.max(1, endTicks - startTicks));
    }
  }
}
