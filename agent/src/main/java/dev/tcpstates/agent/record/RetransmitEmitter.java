// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Retransmit;

/** Commits the Retransmit events. Not thread-safe. */
final class RetransmitEmitter {
  private final OpenerLookup openers;
  private final EventClock clock;
  private final TextCache addresses;
  private final EventTimes<Retransmit> times;

  RetransmitEmitter(
      OpenerLookup openers, EventClock clock, TextCache addresses, EventTimes<Retransmit> times) {
    this.openers = openers;
    this.clock = clock;
    this.addresses = addresses;
    this.times = times;
  }

  void retransmit(RetransmitView record) {
    Retransmit event = new Retransmit();
    long ticks = clock.toTicks(record.time());
    times.set(event, ticks, ticks);
    if (!event.shouldCommit()) {
      return;
    }
    event.socketId = record.socketId();
    event.localAddress = addresses.text(record.localAddress(0), record.localAddress(1));
    event.localPort = record.localPort();
    event.address = addresses.text(record.remoteAddress(0), record.remoteAddress(1));
    event.port = record.remotePort();
    event.state = TcpState.nameOf(record.state());
    event.kind = record.segment();
    event.segments = record.segments();
    event.bytesRetransmitted = Integer.toUnsignedLong(record.bytesRetransmitted());
    event.retransmits = record.retransmits();
    event.listenerId = record.listenerId();
    Opener opener =
        openers.of(record.socketId(), record.listenerId(), record.localPort(), record.time());
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    event.commit();
  }
}
