// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.opener.EndedSockets;
import dev.tcpstates.agent.opener.OpenSocket;
import dev.tcpstates.agent.opener.OpenSockets;
import java.util.concurrent.TimeUnit;

/** Finds the opener of a socket, until shortly after its end. Not thread-safe. */
public final class OpenerLookup {
  /** A reset follows its socket's end at once, but may be read a few readings later. */
  private static final long ENDED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Their children that wait for accept end right after them, one by one. */
  private static final long ENDED_LISTENERS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final OpenSockets sockets;
  private final SiteDictionary dictionary;
  private final EndedSockets ended = new EndedSockets(ENDED_NANOS, System.nanoTime());
  private final EndedSockets endedListeners =
      new EndedSockets(ENDED_LISTENERS_NANOS, System.nanoTime());
  private boolean keepEnded;

  public OpenerLookup(OpenSockets sockets, SiteDictionary dictionary) {
    this.sockets = sockets;
    this.dictionary = dictionary;
  }

  /**
   * The next records are about to be read.
   *
   * @param withResets whether resets are among them: some come after their sockets' end
   */
  public void reading(boolean withResets) {
    keepEnded = withResets;
    long now = System.nanoTime();
    ended.forget(now);
    endedListeners.forget(now);
  }

  /**
   * Returns the opener of a socket that the kernel reports, at a time of its life or right after.
   *
   * @param listenerId the listener that it was accepted from, 0 for none
   * @param localPort its port on this side
   */
  public Opener of(long socketId, long listenerId, int localPort, long time) {
    OpenSocket opened = sockets.findReported(socketId);
    return of(opened == null ? recentlyEnded(socketId) : opened, listenerId, localPort, time);
  }

  /** Before {@code accept} has returned a socket, it is its listener's. */
  public Opener of(OpenSocket opened, long listenerId, int localPort, long time) {
    OpenSocket opener = opened;
    if (listenerId != 0 && (opened == null || opened.openedAt() > time)) {
      OpenSocket listener = listener(listenerId);
      opener = listener == null ? opened : listener;
    } else if (opened != null && opened.isAcceptedByLibrary()) {
      sockets.acceptedAt(opened, localPort, listenerId == 0 ? null : listener(listenerId));
    }
    if (opener == null) {
      return Opener.UNKNOWN;
    }
    dictionary.used(opener.site());
    return new Opener(
        opener.site().openedBy(), opener.threadName(), opener.threadId(), opener.site().id());
  }

  /** Since when a socket is known to have been in its state, by the kernel or by the adoption. */
  public long known(long since, long socketId, long now) {
    return known(since, since == 0 ? sockets.findReported(socketId) : null, now);
  }

  /** Since when something is known: of a socket older than the agent, since the adoption. */
  public static long known(long since, OpenSocket opened, long now) {
    if (since != 0) {
      return since;
    }
    return opened != null && opened.isAdopted() ? Math.min(opened.openedAt(), now) : now;
  }

  /** Whether a socket was opened here and its end has not been reported. */
  public boolean knows(long socketId) {
    return sockets.isKnown(socketId);
  }

  /** Whether {@code accept} is known to have returned a socket. */
  public boolean isAccepted(long socketId) {
    OpenSocket opened = sockets.findReported(socketId);
    return opened != null && opened.site().kind().equals("ACCEPT");
  }

  private OpenSocket listener(long listenerId) {
    OpenSocket listener = sockets.findReported(listenerId);
    return listener == null ? endedListeners.get(listenerId) : listener;
  }

  private OpenSocket recentlyEnded(long socketId) {
    OpenSocket socket = ended.get(socketId);
    return socket == null ? endedListeners.get(socketId) : socket;
  }

  /** A socket has ended. */
  void ended(long socketId) {
    OpenSocket socket = sockets.ended(socketId);
    if (socket == null) {
      return;
    }
    if (isListener(socket.site().kind())) {
      endedListeners.add(socket);
    } else if (keepEnded) {
      ended.add(socket);
    }
  }

  /** Or one that is older than the agent, and may be one. */
  private static boolean isListener(String kind) {
    return !kind.equals("CONNECT") && !kind.equals("ACCEPT");
  }
}
