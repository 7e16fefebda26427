// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.SocketWait;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.StateCount;
import dev.tcpstates.jfr.event.StuckSocket;
import dev.tcpstates.jfr.event.Throughput;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import org.slf4j.Logger;

/**
 * Finds events that a recording enables and that Flight Recorder drops all the same, because it
 * could not put its code into their classes. It says that on standard output at best. Not
 * thread-safe.
 */
final class Uninstrumented {
  private static final Logger LOG = Loggers.of(Uninstrumented.class);

  private static final List<Supplier<Event>> EVENTS =
      List.of(
          StateChange::new,
          Connection::new,
          Retransmit::new,
          Reset::new,
          SocketOpen::new,
          SocketState::new,
          OpenSite::new,
          RecordsLost::new,
          StateCount::new,
          StuckSocket::new,
          ListenQueue::new,
          SocketWait::new,
          Throughput::new);

  private String found;

  /**
   * Returns the names of such events, as {@code AgentState.missing} has them, or {@code null} if
   * there are none. To be called while no recording starts or ends.
   */
  String events() {
    String names =
        EVENTS.stream()
            .map(Supplier::get)
            .filter(event -> !event.isEnabled())
            .map(Event::getClass)
            .filter(type -> EventType.getEventType(type).isEnabled())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", "));
    String events =
        names.isEmpty() ? null : names + " (Flight Recorder can't instrument the class)";
    if (events != null && !events.equals(found)) {
      found = events;
      LOG.warn(
          "not recorded: {}. Please report this with your JDK's version, {}.",
          events,
          System.getProperty("java.vm.version"));
    }
    return events;
  }
}
