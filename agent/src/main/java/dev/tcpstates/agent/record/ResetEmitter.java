// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Reset;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commits the Reset events. Not thread-safe. */
final class ResetEmitter {
  /** Longer than the kernel takes to answer a segment. */
  private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final String SENT = "SENT";

  private record Held(Reset event, boolean wanted, long time) {}

  private final OpenerLookup openers;
  private final EventClock clock;
  private final TextCache addresses;
  private final EventTimes<Reset> times;

  /** Perhaps received, by socket: until it is clear that none was sent instead. */
  private final Map<Long, Held> held = new LinkedHashMap<>();

  private RecordObserver observer;

  ResetEmitter(
      OpenerLookup openers, EventClock clock, TextCache addresses, EventTimes<Reset> times) {
    this.openers = openers;
    this.clock = clock;
    this.addresses = addresses;
    this.times = times;
  }

  void observe(RecordObserver newObserver) {
    observer = newObserver;
  }

  /**
   * @param wanted whether a recording wants the event
   */
  void reset(ResetView record, boolean wanted) {
    Reset event = new Reset();
    long ticks = clock.toTicks(record.time());
    times.set(event, ticks, ticks);
    event.socketId = record.socketId();
    event.localAddress = addresses.text(record.localAddress(0), record.localAddress(1));
    event.localPort = record.localPort();
    event.address = addresses.text(record.remoteAddress(0), record.remoteAddress(1));
    event.port = record.remotePort();
    event.state = TcpState.nameOf(record.state());
    event.direction = record.direction() == ResetView.SENT ? SENT : "RECEIVED";
    event.reason = record.reason();
    event.idleBefore = TimeSpans.orNotAvailable(record.idle());
    event.listenerId = record.listenerId();
    Opener opener =
        openers.of(record.socketId(), record.listenerId(), record.localPort(), record.time());
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    if (record.direction() == ResetView.RECEIVED_OR_ABORT) {
      held.put(record.socketId(), new Held(event, wanted, record.time()));
      return;
    }
    held.remove(record.socketId());
    end(event, wanted);
  }

  private void end(Reset event, boolean wanted) {
    if (wanted) {
      event.commit();
    }
    if (observer != null) {
      observer.reset(event.direction.equals(SENT));
    }
  }

  /** The ring has been read: what was held back and has had no answer is what it seemed to be. */
  void read() {
    long now = System.nanoTime();
    for (Iterator<Held> it = held.values().iterator(); it.hasNext(); ) {
      Held perhaps = it.next();
      if (now - perhaps.time() > ANSWER_NANOS) {
        end(perhaps.event(), perhaps.wanted());
        it.remove();
      }
    }
  }
}
