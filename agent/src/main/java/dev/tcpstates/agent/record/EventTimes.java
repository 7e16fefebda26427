// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jdk.jfr.Event;

/**
 * The private fields {@code startTime} and {@code duration}, in JFR's ticks, that JFR adds to an
 * event class. {@code commit} takes what it finds there.
 */
final class EventTimes<E extends Event> {
  private final VarHandle startTime;
  private final VarHandle duration;

  EventTimes(Class<E> type) {
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
  boolean usable() {
    return startTime != null && duration != null;
  }

  /** The ticks at which an event {@linkplain Event#begin began}; 0 if it can't be told. */
  long start(E event) {
    return usable() ? (long) startTime.get(event) : 0;
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
