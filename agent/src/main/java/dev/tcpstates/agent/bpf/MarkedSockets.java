// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.Layout.Control;
import dev.tcpstates.agent.bpf.Layout.CpuCounters;
import dev.tcpstates.agent.bpf.LibBpf.CallFailed;
import dev.tcpstates.agent.bpf.LibBpf.Listing;
import dev.tcpstates.jfr.TcpState;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * The sockets that bear our mark, as the kernel itself lists them, to find those that have gone
 * without a word: some kernels run no BPF program on top of certain tasks. Where that hides a
 * transition, the socket's next one tells; where it hides the last, only this does.
 *
 * <p>Not thread-safe.
 */
final class MarkedSockets {
  private static final int TRIES = 3;

  /** {@code enum tcp_walk}. */
  private static final int COUNT = 0;

  private static final int IDS = 1;
  private static final int SOCKETS = 2;

  /** For each piece of a list, the kernel counts its way from the list's begin. */
  private static final int MANY = 16_384;

  /** After so many, what is still missing in a list has come while it was made. */
  private static final int PASSES = 8;

  private static final int STATES = (CpuCounters.TRANSITIONS - CpuCounters.SOCKETS) / Long.BYTES;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer control;
  private final Counters counters;
  private final Listing walk;
  private int lists;
  private final long[] gone = new long[STATES];
  private long skippedTransitions;
  private long skippedConnections;

  /**
   * @param control the control page
   * @param walk the iterator that counts or lists
   */
  MarkedSockets(ByteBuffer control, Counters counters, Listing walk) {
    this.control = control;
    this.counters = counters;
    this.walk = walk;
  }

  /**
   * Compares the gauges with the sockets there are: what is in the gauges alone has ended. Counts
   * it, and corrects the gauges. Where transitions come so thick that none of a few looks falls
   * between two of them, it is left to the next call.
   *
   * @return whether any has ended
   */
  boolean reconcile() throws CallFailed {
    INT.setRelease(control, Control.WALK, COUNT);
    for (int i = 0; i < TRIES; i++) {
      // If this equals what is read last, no transition was on its way in between.
      long settled = counters.get(CpuCounters.SETTLED);
      for (int at = Control.CENSUS; at < Control.HALF_OPEN; at += Long.BYTES) {
        LONG.setRelease(control, at, 0L);
      }
      walk.read(piece -> {});
      for (int state = 0; state < STATES; state++) {
        int at = state * Long.BYTES;
        gone[state] = counters.get(CpuCounters.SOCKETS + at) - census(Control.CENSUS + at);
      }
      long transitions =
          counters.get(CpuCounters.DUE_TRANSITIONS) - census(Control.CENSUS_TRANSITIONS);
      long connections =
          counters.get(CpuCounters.DUE_CONNECTIONS) - census(Control.CENSUS_CONNECTIONS);
      if (counters.get(CpuCounters.TRANSITIONS) == settled) {
        forgetDue(CpuCounters.DUE_TRANSITIONS, transitions);
        forgetDue(CpuCounters.DUE_CONNECTIONS, connections);
        if ((int) INT.getAcquire(control, Control.FILTERED) == 0) {
          transitions = LongStream.of(gone).filter(ended -> ended > 0).sum();
          connections = transitions - Math.max(0, gone[TcpState.LISTEN.kernelValue()]);
        }
        skippedTransitions += lost(transitions, RecordType.TRANSITIONS);
        skippedConnections += lost(connections, RecordType.CONNECTIONS);
        return forgetGone();
      }
    }
    return false;
  }

  private boolean forgetGone() {
    boolean any = false;
    for (int state = 0; state < STATES; state++) {
      // Less than none: a socket that is being adopted or born, and not in the gauges yet.
      if (gone[state] > 0) {
        counters.add(CpuCounters.SOCKETS + state * Long.BYTES, -gone[state]);
        any = true;
      }
    }
    return any;
  }

  private void forgetDue(int gauge, long ended) {
    if (ended > 0) {
      counters.add(gauge, -ended);
    }
  }

  /** How many of the ends that were to be told of are lost: none if nobody records them. */
  private long lost(long ended, RecordType type) {
    boolean recorded = ((int) INT.getAcquire(control, Control.RECORDING) & type.bit) != 0;
    return recorded ? Math.max(0, ended) : 0;
  }

  /** Hands over the cookies of all that have not ended. */
  void forEach(LongConsumer action) throws CallFailed {
    list(
        IDS,
        piece -> {
          for (int at = 0; at + Long.BYTES <= piece.limit(); at += Long.BYTES) {
            action.accept(piece.getLong(at));
          }
        });
  }

  /** Whether the kernel's tables are walked faster, however much else they hold. */
  boolean areMany() {
    long sockets = 0;
    for (int state = 0; state < STATES; state++) {
      sockets += counters.get(CpuCounters.SOCKETS + state * Long.BYTES);
    }
    return sockets > MANY;
  }

  /** All of them as they are now, in any network namespace. */
  SocketSnapshot snapshot() throws CallFailed {
    SocketSnapshot.Builder builder = new SocketSnapshot.Builder();
    LONG.setRelease(control, Control.HALF_OPEN, 0L);
    list(SOCKETS, builder::add);
    return builder.build(census(Control.HALF_OPEN) > 0);
  }

  /** Lists each once. Between two pieces the kernel may lose its place, and leave out some. */
  private void list(int what, Consumer<ByteBuffer> pieces) throws CallFailed {
    lists = Math.max(1, lists + 1);
    INT.setRelease(control, Control.LISTING, lists);
    INT.setRelease(control, Control.WALK, what);
    int[] read = {2};
    for (int i = 0; i < PASSES && read[0] > 1; i++) {
      read[0] = 0;
      walk.read(
          piece -> {
            read[0]++;
            pieces.accept(piece);
          });
    }
  }

  /** Ends that no program was run for and that would have been recorded as transitions. */
  long skippedTransitions() {
    return skippedTransitions;
  }

  /** The same for those of connections. */
  long skippedConnections() {
    return skippedConnections;
  }

  private long census(int offset) {
    return (long) LONG.getAcquire(control, offset);
  }
}
