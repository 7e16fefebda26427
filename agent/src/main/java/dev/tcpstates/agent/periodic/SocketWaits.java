// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.periodic.BlockedThreads.Blocked;
import dev.tcpstates.agent.record.Opener;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.jfr.event.SocketWait;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;

/** Finds the threads that wait for a socket in a system call. Not thread-safe. */
final class SocketWaits {
  private final BlockedThreads threads;
  private final IntToLongFunction cookies;
  private final TextCache addresses;
  private final OpenerLookup openers;

  /**
   * @param cookies gives the cookie of the socket that a descriptor refers to, 0 if it is none
   */
  SocketWaits(
      BlockedThreads threads,
      IntToLongFunction cookies,
      TextCache addresses,
      OpenerLookup openers) {
    this.threads = threads;
    this.cookies = cookies;
    this.addresses = addresses;
    this.openers = openers;
  }

  /** Returns an event for each thread and each socket that it waits for. */
  List<SocketWait> report(SocketSnapshot now) {
    Map<Long, List<Blocked>> waiting = new HashMap<>();
    Map<Blocked, List<SocketWait>> events = new LinkedHashMap<>();
    for (Blocked thread : threads.list(cookies)) {
      events.put(thread, new ArrayList<>());
      thread
          .socketIds()
          .forEach(id -> waiting.computeIfAbsent(id, key -> new ArrayList<>()).add(thread));
    }
    now.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            for (Blocked thread : waiting.getOrDefault(socket.socketId(), List.of())) {
              events.get(thread).add(event(socket, thread, now.time()));
            }
          }

          @Override
          public void timeWait(long socketId, int state) {}
        });
    events.values().forEach(all -> all.forEach(event -> event.sockets = all.size()));
    return events.values().stream().flatMap(List::stream).toList();
  }

  private SocketWait event(SnapshotView socket, Blocked thread, long time) {
    SocketWait event = new SocketWait();
    event.socketId = socket.socketId();
    event.osThreadId = thread.osThreadId();
    event.systemCall = thread.systemCall();
    event.localAddress = addresses.text(socket.localAddress(0), socket.localAddress(1));
    event.localPort = socket.localPort();
    event.address = addresses.text(socket.remoteAddress(0), socket.remoteAddress(1));
    event.port = socket.remotePort();
    Opener opener = openers.of(socket.socketId(), socket.listenerId(), socket.localPort(), time);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    return event;
  }
}
