// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.jfr.TcpState;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * This JVM's sockets as the kernel had them at one moment, those without a descriptor too; if its
 * table was walked for it, also what is in TIME_WAIT. Immutable.
 */
public final class SocketSnapshot {
  /** Is shown what a snapshot holds. */
  public interface Visitor {
    /** A socket or a request sock; the view is valid during the call only. */
    void socket(SnapshotView socket);

    /**
     * What the kernel keeps of a closed socket, this JVM's or another's.
     *
     * @param socketId the cookie that the socket had
     * @param state the kernel's number of FIN_WAIT2 or TIME_WAIT
     */
    void timeWait(long socketId, int state);
  }

  private static final int CLOSE = TcpState.CLOSE.kernelValue();
  private static final int LISTEN = TcpState.LISTEN.kernelValue();
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  private final long time;
  private final SocketList open;
  private final SocketList others;

  /** Of this JVM, in ascending order. */
  private final long[] listeners;

  private final Predicate<SnapshotView> included;

  /**
   * @param open with a descriptor
   * @param others without one, request socks of anybody, and what is in TIME_WAIT
   */
  public SocketSnapshot(long time, SocketList open, SocketList others) {
    this(time, open, others, socket -> true);
  }

  private SocketSnapshot(
      long time, SocketList open, SocketList others, Predicate<SnapshotView> included) {
    this.time = time;
    this.open = open;
    this.others = others;
    this.included = included;
    LongStream.Builder ids = LongStream.builder();
    Consumer<SnapshotView> collector =
        socket -> {
          if (socket.state() == LISTEN) {
            ids.add(socket.socketId());
          }
        };
    open.forEach(collector);
    others.forEach(collector);
    listeners = ids.build().sorted().toArray();
  }

  /** The same without some of the sockets. */
  public SocketSnapshot without(Predicate<SnapshotView> sockets) {
    return new SocketSnapshot(time, open, others, sockets.negate());
  }

  /** When it was begun, in ns of {@code System.nanoTime()}. */
  public long time() {
    return time;
  }

  /** Goes through all of it, but for what the filter excludes. */
  public void forEach(Visitor visitor) {
    Consumer<SnapshotView> own =
        socket -> {
          if (isOwn(socket)
              && !socket.excluded()
              && socket.state() != CLOSE
              && included.test(socket)) {
            visitor.socket(socket);
          }
        };
    open.forEach(own);
    others.forEach(own, visitor::timeWait);
  }

  /** The kernel side lists the request socks of every listener of the network namespace. */
  private boolean isOwn(SnapshotView socket) {
    return socket.state() != NEW_SYN_RECV
        || Arrays.binarySearch(listeners, socket.listenerId()) >= 0;
  }
}
