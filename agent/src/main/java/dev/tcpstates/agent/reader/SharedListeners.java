// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.HeldRecords;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.jfr.TcpState;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * Keeps the connections that another process has accepted out of the recording: this JVM inherited
 * the listener from a process that still has it, or has passed it to another one.
 *
 * <p>The kernel reports a connection from its SYN on, and no accept. So the records of such a
 * listener's connections are held until it is known whose they are: this JVM's if a hook reports
 * the accept, if a descriptor of this process refers to them, or if this process closes them; the
 * listener's, and so this JVM's too, if nobody has accepted them; else another process's.
 *
 * <p>Not thread-safe: used under the lock of the {@link SourceReader}.
 */
final class SharedListeners implements RecordSink {
  /** From accept in the kernel to the hook after it, the thread may wait for a CPU. */
  private static final long UNREPORTED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int CLOSE = TcpState.CLOSE.kernelValue();
  private static final int FIN_WAIT1 = TcpState.FIN_WAIT1.kernelValue();
  private static final int LAST_ACK = TcpState.LAST_ACK.kernelValue();

  private static final RecordSink NOBODY =
      new RecordSink() {
        @Override
        public void transition(TransitionView transition) {}

        @Override
        public void connection(ConnectionView connection) {}

        @Override
        public void ended(long socketId, int oldState) {}
      };

  private enum Owner {
    UNKNOWN,
    THIS,
    OTHER
  }

  private static final class Child {
    private Owner owner = Owner.UNKNOWN;
    private HeldRecords held = new HeldRecords();

    /** Since when it is known that accept has returned it; 0: it has not. */
    private long acceptedSince;

    /** When its last record was read; 0: it is open. */
    private long ended;

    void seen(boolean accepted) {
      if (accepted && acceptedSince == 0) {
        acceptedSince = System.nanoTime();
      }
    }

    /** Whether a hook would have reported this JVM's accept by now. */
    boolean isAcceptedForLong() {
      return acceptedSince != 0 && System.nanoTime() - acceptedSince > UNREPORTED_NANOS;
    }
  }

  private final RecordSink sink;
  private final int pid;
  private final LongUnaryOperator acceptedAt;
  private final Set<Long> listeners = new HashSet<>();
  private final Map<Long, Child> children = new LinkedHashMap<>();

  /**
   * @param sink takes this JVM's records
   * @param pid of this process
   * @param acceptedAt when a hook reported the socket with a cookie; 0 if none did
   */
  SharedListeners(RecordSink sink, int pid, LongUnaryOperator acceptedAt) {
    this.sink = sink;
    this.pid = pid;
    this.acceptedAt = acceptedAt;
  }

  /** A socket with a descriptor was listed. */
  void listed(SnapshotView socket) {
    // What Java code opened can be passed on by native code only: that shows when others close.
    if (socket.state() == TcpState.LISTEN.kernelValue() && socket.adopted() && socket.shared()) {
      listeners.add(socket.socketId());
    }
  }

  @Override
  public void transition(TransitionView transition) {
    Child child = child(transition.socketId(), transition.listenerId());
    boolean closes = transition.newState() == FIN_WAIT1 || transition.newState() == LAST_ACK;
    if (child == null && closes && isClosedByAnother(transition)) {
      listeners.add(transition.listenerId());
      child = child(transition.socketId(), transition.listenerId());
    }
    if (child == null) {
      if (transition.newState() == CLOSE) {
        listeners.remove(transition.socketId());
      }
      sink.transition(transition);
      return;
    }
    child.seen(transition.accepted());
    if (child.owner == Owner.UNKNOWN
        && closes
        && transition.accepted()
        && transition.uncertainty() == 0) {
      // These two are made by the process that closes, and not by what comes from the network.
      decide(child, transition.taskId() == pid ? Owner.THIS : Owner.OTHER);
    }
    to(child).transition(transition);
    if (transition.newState() == CLOSE) {
      child.ended = System.nanoTime();
    }
  }

  /** Not by a hook's socket: that may have been passed to a child process, which closes it last. */
  private boolean isClosedByAnother(TransitionView transition) {
    return transition.listenerId() != 0
        && transition.accepted()
        && transition.uncertainty() == 0
        && transition.taskId() != pid
        && acceptedAt.applyAsLong(transition.socketId()) == 0;
  }

  @Override
  public void connection(ConnectionView connection) {
    Child child = child(connection.socketId(), connection.listenerId());
    if (child != null) {
      child.seen(connection.accepted());
    }
    to(child).connection(connection);
  }

  @Override
  public void retransmit(RetransmitView retransmit) {
    to(children.get(retransmit.socketId())).retransmit(retransmit);
  }

  @Override
  public void reset(ResetView reset) {
    to(children.get(reset.socketId())).reset(reset);
  }

  @Override
  public void ended(long socketId, int oldState) {
    Child child = children.get(socketId);
    to(child).ended(socketId, oldState);
    if (child == null) {
      listeners.remove(socketId);
    } else {
      child.ended = System.nanoTime();
    }
  }

  /** Returns {@code null} for a socket that is certainly this JVM's. */
  private Child child(long socketId, long listenerId) {
    Child known = children.get(socketId);
    if (known == null && listenerId != 0 && listeners.contains(listenerId)) {
      if (acceptedAt.applyAsLong(socketId) != 0) {
        return null;
      }
      known = new Child();
      children.put(socketId, known);
    }
    if (known != null && known.owner == Owner.UNKNOWN && acceptedAt.applyAsLong(socketId) != 0) {
      decide(known, Owner.THIS);
    }
    return known;
  }

  private RecordSink to(Child child) {
    if (child == null || child.owner == Owner.THIS) {
      return sink;
    }
    return child.owner == Owner.OTHER ? NOBODY : child.held;
  }

  /** Of another process's, what was held until now is dropped. */
  private void decide(Child child, Owner owner) {
    child.owner = owner;
    if (owner == Owner.THIS) {
      child.held.release(sink);
    }
    child.held = null;
  }

  /** The records up to now have been read. */
  void read() {
    if (children.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    for (Iterator<Map.Entry<Long, Child>> all = children.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Long, Child> entry = all.next();
      Child child = entry.getValue();
      if (child.owner == Owner.UNKNOWN && acceptedAt.applyAsLong(entry.getKey()) != 0) {
        decide(child, Owner.THIS);
      }
      if (child.owner == Owner.UNKNOWN && child.ended != 0) {
        if (child.acceptedSince == 0) {
          decide(child, Owner.THIS);
        } else if (child.isAcceptedForLong()) {
          decide(child, Owner.OTHER);
        }
      }
      // A reset may follow the end.
      if (child.owner != Owner.UNKNOWN
          && child.ended != 0
          && now - child.ended > UNREPORTED_NANOS) {
        all.remove();
      }
    }
  }

  /** Whether there are connections of which is not known whose they are. */
  boolean hasUndecided() {
    return children.values().stream().anyMatch(child -> child.owner == Owner.UNKNOWN);
  }

  /**
   * The sockets of a moment.
   *
   * @param chunkEnds whether what waits in the accept queue now is held no longer, so that it is in
   *     the chunk that ends; whoever accepts it later
   */
  void listed(SocketSnapshot now, boolean chunkEnds) {
    now.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            Child child = children.get(socket.socketId());
            if (child == null || child.owner != Owner.UNKNOWN) {
              return;
            }
            if (socket.fd() != SnapshotView.NO_FD) {
              decide(child, Owner.THIS);
            } else if (!socket.accepted() && !socket.orphan()) {
              if (chunkEnds) {
                child.held.release(sink);
              }
            } else {
              child.seen(socket.accepted());
              if (child.isAcceptedForLong()) {
                decide(child, Owner.OTHER);
              }
            }
          }

          @Override
          public void timeWait(long socketId, int state) {}
        });
  }

  /** Whether another process has accepted a socket. */
  boolean isAnothers(SnapshotView socket) {
    Child child = children.get(socket.socketId());
    if (child != null && child.owner != Owner.UNKNOWN) {
      return child.owner == Owner.OTHER;
    }
    return socket.accepted()
        && socket.fd() == SnapshotView.NO_FD
        && listeners.contains(socket.listenerId())
        && acceptedAt.applyAsLong(socket.socketId()) == 0;
  }
}
