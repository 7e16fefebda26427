// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sockets that the agent itself opens, which are not the application's: the listener of the
 * metrics and what it accepts. Thread-safe.
 */
public final class AgentSockets {
  /** A connection is forgotten when so many others came after it. */
  private static final int MOST = 1_000;

  private final Map<Long, Boolean> cookies =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
          return size() > MOST;
        }
      };

  private volatile long listener;

  /** Adds a socket; the first one is the listener. */
  synchronized void add(long socketId) {
    if (listener == 0) {
      listener = socketId;
    } else {
      cookies.put(socketId, true);
    }
  }

  /**
   * Whether a socket is the agent's.
   *
   * @param listenerId the listener that it was accepted from; 0 if there is none or it is unknown
   */
  public boolean contains(long socketId, long listenerId) {
    if (listener == 0) {
      return false;
    }
    if (socketId == listener) {
      return true;
    }
    synchronized (this) {
      if (listenerId == listener) {
        cookies.put(socketId, true);
        return true;
      }
      return cookies.containsKey(socketId);
    }
  }
}
