// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.read.EventType.Read;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The events of a recording that was read by another API than Flight Recorder's own, such as JDK
 * Mission Control's. All are kept in memory. Not thread-safe.
 */
public final class TcpEvents {
  private final List<Read<?>> events = new ArrayList<>();

  /** Creates one without events. */
  public TcpEvents() {}

  /** The event types that {@link #add} takes. */
  public static Set<String> types() {
    return EventType.names();
  }

  /**
   * Adds an event, in any order.
   *
   * @param type one of {@link #types}
   * @param fields read before this returns
   * @throws IllegalArgumentException if the type is not one of them
   */
  public void add(String type, EventFields fields) {
    EventType<?> known = EventType.named(type);
    if (known == null) {
      throw new IllegalArgumentException("no event of the agent: " + type);
    }
    events.add(known.read(fields));
  }

  /** Calls the handler for each event, in order, as if they were one chunk. */
  public void replay(TcpEventHandler handler) {
    if (events.isEmpty()) {
      return;
    }
    Comparator<Instant> byTime = Comparator.naturalOrder();
    Instant first = events.stream().map(Read::time).min(byTime).orElseThrow();
    Instant last = events.stream().map(Read::time).max(byTime).orElseThrow();
    EventOrder order = new EventOrder(List.of(handler));
    order.add(new ChunkInfo(Path.of(""), 0, 0, first, last), events);
    order.end();
  }
}
