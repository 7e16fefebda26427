// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.sockets.OpenSocket;
import dev.tcpstates.agent.sockets.OpenSockets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells who opened a socket, up to its end and shortly after. Not thread-safe. */
final class Openers {
  /** More listeners than can be in the midst of closing. */
  private static final int LISTENERS_KEPT = 64;

  private final OpenSockets sockets;
  private final SiteDictionary dictionary;

  /** A listener's children that wait for accept end right after it, and are still its own. */
  private final Map<Long, OpenSocket> endedListeners = new LinkedHashMap<>();

  Openers(OpenSockets sockets, SiteDictionary dictionary) {
    this.sockets = sockets;
    this.dictionary = dictionary;
  }

  /** Who opened a socket, at a time of its life; notes that the kernel spoke of it. */
  Opener of(long socketId, long listenerId, long time) {
    return of(sockets.heardOf(socketId), listenerId, time);
  }

  /** Before {@code accept} has returned a socket, it is its listener's. */
  Opener of(OpenSocket opened, long listenerId, long time) {
    OpenSocket opener = opened;
    if (listenerId != 0 && (opened == null || opened.openedAt() > time)) {
      OpenSocket listener = sockets.heardOf(listenerId);
      if (listener == null) {
        listener = endedListeners.get(listenerId);
      }
      opener = listener == null ? opened : listener;
    }
    if (opener == null) {
      return Opener.UNKNOWN;
    }
    dictionary.used(opener.site());
    return new Opener(
        opener.site().openedBy(), opener.threadName(), opener.threadId(), opener.site().id());
  }

  /** Since when a socket is known to have been in its state, by the kernel or by the adoption. */
  long known(long since, long socketId, long now) {
    return known(since, since == 0 ? sockets.heardOf(socketId) : null, now);
  }

  /** Since when something is known: of a socket older than the agent, since the adoption. */
  static long known(long since, OpenSocket opened, long now) {
    if (since != 0) {
      return since;
    }
    return opened != null && opened.isAdopted() ? Math.min(opened.openedAt(), now) : now;
  }

  /** A socket has ended. */
  void ended(long socketId) {
    OpenSocket ended = sockets.ended(socketId);
    if (ended == null || ended.site().kind().matches("CONNECT|ACCEPT")) {
      return;
    }
    endedListeners.put(socketId, ended);
    if (endedListeners.size() > LISTENERS_KEPT) {
      endedListeners.remove(endedListeners.keySet().iterator().next());
    }
  }
}
