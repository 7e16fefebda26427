// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.cookies.CookieTable;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.record.Opener;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.ListenQueue;

/** The accept queues of the listeners, and what they dropped since last asked. Not thread-safe. */
final class ListenQueues {
  private static final int LISTEN = TcpState.LISTEN.kernelValue();

  private final TextCache addresses;
  private final OpenerLookup openers;
  private CookieTable before = new CookieTable(1);
  private long overflowsBefore;

  ListenQueues(TextCache addresses, OpenerLookup openers) {
    this.addresses = addresses;
    this.openers = openers;
  }

  /** Drops up to this snapshot are not reported. */
  void start(SocketSnapshot now) {
    report(now, false);
  }

  void report(SocketSnapshot now) {
    report(now, true);
  }

  private void report(SocketSnapshot now, boolean commit) {
    long overflows = NetStat.listenOverflows();
    int more = overflows < 0 ? -1 : (int) Math.min(Integer.MAX_VALUE, overflows - overflowsBefore);
    CookieTable after = new CookieTable(1);
    now.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            if (socket.state() == LISTEN) {
              int known = before.find(socket.socketId());
              after.set(after.add(socket.socketId()), 0, socket.drops());
              if (commit) {
                long dropped = known < 0 ? 0 : before.value(known, 0);
                // One that nobody has seen before and that is older than the agent: nobody knows.
                boolean unknown = known < 0 && socket.older();
                commit(socket, unknown ? 0 : socket.drops() - (int) dropped, more, now.time());
              }
            }
          }

          @Override
          public void timeWait(long socketId, int state) {}
        });
    before = after;
    overflowsBefore = overflows;
  }

  private void commit(SnapshotView socket, int drops, int overflows, long time) {
    ListenQueue event = new ListenQueue();
    event.socketId = socket.socketId();
    event.localAddress = addresses.text(socket.localAddress(0), socket.localAddress(1));
    event.localPort = socket.localPort();
    event.queueLength = (int) socket.receiveQueue();
    event.queueLimit = (int) socket.sendQueue();
    event.drops = drops;
    event.namespaceOverflows = overflows;
    Opener opener = openers.of(socket.socketId(), 0, socket.localPort(), time);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    event.commit();
  }
}
