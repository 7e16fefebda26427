// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.SocketListener;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reports sockets as the hooks do; the cookie of each is the number of its descriptor. */
public final class FakeHooks {
  /** Descriptors that no socket is at any more. */
  public final Set<Integer> closed = new HashSet<>();

  /** Those of the frames here that are the user's. */
  public static final String FRAMES = FakeHooks.class.getName() + ".";

  public final OpenSockets sockets =
      new OpenSockets(
          64,
          new StackRule(List.of(FakeHooks.class.getPackageName()), List.of()),
          fd -> closed.contains(fd) ? 0 : fd,
          (id, site, fd) -> null);

  public long connect(int socketId, String thread) throws InterruptedException {
    return open(socketId, SocketListener.CONNECT, thread);
  }

  public long listen(int socketId, String thread) throws InterruptedException {
    return open(socketId, SocketListener.LISTEN, thread);
  }

  public long accept(int socketId, String thread) throws InterruptedException {
    return open(socketId, SocketListener.ACCEPT, thread);
  }

  /**
   * Opens a socket on a thread of this name.
   *
   * @return the thread's id
   */
  private long open(int socketId, int kind, String thread) throws InterruptedException {
    Thread opening = new Thread(() -> sockets.opened(socketId, kind), thread);
    opening.start();
    opening.join();
    return opening.getId();
  }
}
