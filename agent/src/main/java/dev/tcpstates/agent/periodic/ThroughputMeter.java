// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.cookies.CookieTable;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.record.Opener;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.agent.record.TimeSpans;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Throughput;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of each socket from one snapshot to the next. The record of a socket's end has its last
 * counters, so a socket that ended in between ranks with the others. Not thread-safe.
 *
 * <p>Each byte is reported once. {@link #before} has the last counters of each socket, those of
 * ended ones too: a snapshot may have the result of a walk of the kernel's table from before their
 * end. For the same reason a socket may be in one snapshot, not in the next, and end after that.
 */
final class ThroughputMeter {
  private static final int SENT = 0;
  private static final int RECEIVED = 1;

  /** Until when a socket is known that is in no snapshot, in ns of {@code System.nanoTime()}. */
  private static final int KNOWN_UNTIL = 2;

  private static final int VALUES = 3;

  /** Until the next walk, a socket without a descriptor may be in no snapshot. */
  private static final long UNSEEN_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * The result of a walk is used for up to a hundred times as long as the walk takes. After one of
   * more than 10 ms, a socket that has ended may be counted again.
   */
  private static final long ENDED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();
  private static final int LISTEN = TcpState.LISTEN.kernelValue();
  private static final String CLOSE = TcpState.CLOSE.name();

  private final int top;
  private final TextCache addresses;
  private final OpenerLookup openers;
  private final PriorityQueue<Throughput> busiest =
      new PriorityQueue<>(Comparator.comparingLong(ThroughputMeter::bytes));

  private CookieTable before = new CookieTable(VALUES);

  /** Made when measuring starts: only then is it certain that events can be made. */
  private Throughput rest;

  private boolean running;
  private long started;
  private long since;

  /**
   * @param top how many sockets have an event of their own per interval
   */
  ThroughputMeter(int top, TextCache addresses, OpenerLookup openers) {
    this.top = top;
    this.addresses = addresses;
    this.openers = openers;
  }

  boolean running() {
    return running;
  }

  /** When the current interval began, in ns of {@code System.nanoTime()}. */
  long since() {
    return since;
  }

  /** Starts the first interval: bytes up to this snapshot are not reported. */
  void start(SocketSnapshot now) {
    running = true;
    started = now.time();
    reset(started);
    read(now);
    reset(started);
  }

  void stop() {
    running = false;
    before = new CookieTable(VALUES);
    reset(0);
  }

  /** A connection has ended. */
  void ended(ConnectionView end) {
    if (!running) {
      return;
    }
    if (before.find(end.socketId()) < 0 && end.opened() - started < 0) {
      return; // in no snapshot yet: how much of it was before the start is unknown
    }
    int at = before.add(end.socketId());
    before.set(at, KNOWN_UNTIL, end.time() + ENDED_NANOS);
    long sent = advance(before, at, SENT, end.bytesSent());
    long received = advance(before, at, RECEIVED, end.bytesReceived());
    if (sent + received > 0 && enters(sent + received)) {
      Throughput event = new Throughput();
      event.sockets = 1;
      event.socketId = end.socketId();
      event.listenerId = end.listenerId();
      event.localAddress = addresses.text(end.localAddress(0), end.localAddress(1));
      event.localPort = end.localPort();
      event.address = addresses.text(end.remoteAddress(0), end.remoteAddress(1));
      event.port = end.remotePort();
      event.state = CLOSE;
      event.smoothedRtt = TimeSpans.roundTrip(end.smoothedRtt());
      event.lastSent = TimeSpans.NOT_AVAILABLE;
      event.lastReceived = TimeSpans.NOT_AVAILABLE;
      opener(event, end.time());
      add(event, sent, received);
    } else {
      addRest(sent, received);
    }
  }

  /** Ends the interval; returns its events, the busiest first and the rest of them last. */
  List<Throughput> report(SocketSnapshot now) {
    read(now);
    List<Throughput> events = new ArrayList<>(busiest);
    events.sort(Comparator.comparingLong(ThroughputMeter::bytes).reversed());
    if (rest.sockets > 0) {
      events.add(rest);
    }
    events.forEach(event -> event.interval = now.time() - since);
    reset(now.time());
    return events;
  }

  /** Of many sockets, there is no one time. */
  private static Throughput emptyRest() {
    Throughput event = new Throughput();
    event.smoothedRtt = TimeSpans.NOT_AVAILABLE;
    event.lastSent = TimeSpans.NOT_AVAILABLE;
    event.lastReceived = TimeSpans.NOT_AVAILABLE;
    return event;
  }

  private void reset(long time) {
    busiest.clear();
    rest = emptyRest();
    since = time;
  }

  private void read(SocketSnapshot now) {
    CookieTable after = new CookieTable(VALUES);
    now.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            if (socket.state() != LISTEN && socket.state() != NEW_SYN_RECV) {
              alive(socket, after, now.time());
            }
          }

          @Override
          public void timeWait(long socketId, int state) {}
        });
    before.forEach(
        at -> {
          long socketId = before.cookie(at);
          if (before.value(at, KNOWN_UNTIL) - now.time() > 0 && after.find(socketId) < 0) {
            int to = after.add(socketId);
            for (int value = 0; value < VALUES; value++) {
              after.set(to, value, before.value(at, value));
            }
          }
        });
    before = after;
  }

  private void alive(SnapshotView socket, CookieTable after, long time) {
    int to = after.add(socket.socketId());
    int known = before.find(socket.socketId());
    if (known >= 0) {
      after.set(to, SENT, before.value(known, SENT));
      after.set(to, RECEIVED, before.value(known, RECEIVED));
    }
    after.set(to, KNOWN_UNTIL, time + UNSEEN_NANOS);
    long sent = advance(after, to, SENT, socket.bytesSent());
    long received = advance(after, to, RECEIVED, socket.bytesReceived());
    if (known < 0 && socket.older() || sent + received == 0) {
      return;
    }
    if (!enters(sent + received)) {
      addRest(sent, received);
      return;
    }
    Throughput event = new Throughput();
    event.sockets = 1;
    event.socketId = socket.socketId();
    event.listenerId = socket.listenerId();
    event.localAddress = addresses.text(socket.localAddress(0), socket.localAddress(1));
    event.localPort = socket.localPort();
    event.address = addresses.text(socket.remoteAddress(0), socket.remoteAddress(1));
    event.port = socket.remotePort();
    event.state = TcpState.nameOf(socket.state());
    event.smoothedRtt = TimeSpans.roundTrip(socket.smoothedRtt());
    event.lastSent = TimeSpans.orNotAvailable(socket.lastSent());
    event.lastReceived = TimeSpans.orNotAvailable(socket.lastReceived());
    event.congestionWindow = socket.congestionWindow();
    event.sendQueue = socket.sendQueue();
    event.receiveQueue = socket.receiveQueue();
    opener(event, time);
    add(event, sent, received);
  }

  /** Puts a new total in the place of the old one; returns by how much it is more. */
  private static long advance(CookieTable table, int at, int index, long total) {
    long more = total - table.value(at, index);
    if (more <= 0) {
      return 0;
    }
    table.set(at, index, total);
    return more;
  }

  private void opener(Throughput event, long time) {
    Opener opener = openers.of(event.socketId, event.listenerId, event.localPort, time);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
  }

  private boolean enters(long bytes) {
    return busiest.size() < top || bytes > bytes(busiest.peek());
  }

  private void add(Throughput event, long sent, long received) {
    event.bytesSent = sent;
    event.bytesReceived = received;
    busiest.add(event);
    if (busiest.size() > top) {
      Throughput least = busiest.poll();
      addRest(least.bytesSent, least.bytesReceived);
    }
  }

  private void addRest(long sent, long received) {
    if (sent + received > 0) {
      rest.sockets++;
      rest.bytesSent += sent;
      rest.bytesReceived += received;
    }
  }

  private static long bytes(Throughput event) {
    return event.bytesSent + event.bytesReceived;
  }
}
