// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Listing;
import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketList;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.jfr.TcpState;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/**
 * The owned sockets, as the kernel itself lists them. Most have a descriptor, and are found by it.
 * Only where the gauges say that there are others, the kernel's table is walked, which takes
 * milliseconds on a machine with many sockets of others or in TIME_WAIT.
 *
 * <p>The list also shows what has ended unseen: some kernels run no BPF program on top of certain
 * tasks. Where that hides a transition, the socket's next one shows it; where it hides the last,
 * only the list does.
 *
 * <p>Not thread-safe.
 */
final class OwnedSockets {
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();
  private static final int TRIES = 3;

  /** So many transitions during a walk, and the next walk may see none. */
  private static final int FEW = 4;

  private static final int STATES = (CpuCounters.TRANSITIONS - CpuCounters.SOCKETS) / Long.BYTES;

  private final ControlMap control;
  private final Counters counters;
  private final Listing descriptors;
  private final Listing table;
  private final LongSupplier clock;
  private final long clockOffset;
  private final WalkBudget budget = new WalkBudget();
  private final Map<Extra, String> failures = new EnumMap<>(Extra.class);
  private SocketList lastWithoutDescriptor = SocketList.NONE;
  private int listings;
  private long skippedTransitions;
  private long skippedConnections;

  /**
   * @param descriptors the iterator {@code open_sockets}; {@code null} if the kernel refused it
   * @param table the iterator {@code sockets_now}; {@code null} if the kernel refused it
   * @param clock {@code System.nanoTime()}
   * @param clockOffset what that is ahead of the kernel's clock, in ns
   */
  OwnedSockets(
      ControlMap control,
      Counters counters,
      Listing descriptors,
      Listing table,
      LongSupplier clock,
      long clockOffset) {
    this.control = control;
    this.counters = counters;
    this.descriptors = descriptors;
    this.table = table;
    this.clock = clock;
    this.clockOffset = clockOffset;
  }

  /** The table is walked whenever it is of use, however long that takes. */
  void ending() {
    budget.unlimited();
  }

  /**
   * Hands over those with a descriptor, unused ones too, and adopts those that are not owned yet;
   * without that iterator, all there are.
   */
  void forEachOpen(Consumer<SnapshotView> handler) throws CallFailed {
    beginListing();
    if (descriptors != null) {
      control.adopt(true);
      try {
        list(Extra.DESCRIPTORS, descriptors).forEach(handler);
      } finally {
        control.adopt(false);
      }
    } else if (table != null) {
      walkTable(false).forEach(handler);
    }
  }

  /** All of them as they are now; {@code null} if they can't be listed. */
  SocketSnapshot snapshot() throws CallFailed {
    long time = clock.getAsLong();
    beginListing();
    SocketList open = listOpen();
    if (table == null) {
      return open == null ? null : new SocketSnapshot(time, open, SocketList.NONE);
    }
    if (open == null) {
      return new SocketSnapshot(time, SocketList.NONE, walkTable(false));
    }
    if (isComplete(open)) {
      return new SocketSnapshot(time, open, SocketList.NONE);
    }
    if (budget.hasJustSpent(time) || !budget.allows(time)) {
      return new SocketSnapshot(time, open, lastWithoutDescriptor.without(open));
    }
    return new SocketSnapshot(time, open, walkTable(false));
  }

  /** The same, with what is in TIME_WAIT, of anybody; {@code null} if it can't be listed. */
  SocketSnapshot withTimeWait() throws CallFailed {
    if (table == null) {
      return null;
    }
    long time = clock.getAsLong();
    beginListing();
    SocketList open = listOpen();
    return new SocketSnapshot(time, open == null ? SocketList.NONE : open, walkTable(true));
  }

  /**
   * Hands over the cookies of all that are in use and have not ended.
   *
   * @param thorough whether to walk the table also if that takes long
   * @return whether these are all
   */
  boolean forEachId(LongConsumer action, boolean thorough) throws CallFailed {
    beginListing();
    SocketList open = listOpen();
    Consumer<SnapshotView> used =
        socket -> {
          if (socket.isUsed() && socket.state() != NEW_SYN_RECV) {
            action.accept(socket.socketId());
          }
        };
    if (open != null) {
      open.forEach(used);
      if (isComplete(open)) {
        return true;
      }
    }
    if (table == null || isAnyElsewhere() || !thorough && !budget.allows(clock.getAsLong())) {
      return false;
    }
    walkTable(false).forEach(used);
    return true;
  }

  /**
   * Compares the gauges with the sockets there are: what is in the gauges alone has ended. Counts
   * it, and corrects the gauges. Where transitions come so thick that none of a few listings falls
   * between two of them, it is left to the next call.
   *
   * @return whether any has ended
   */
  boolean reconcile() throws CallFailed {
    for (int i = 0; i < TRIES; i++) {
      // If this equals what is read last, no transition was on its way in between.
      long settled = counters.get(CpuCounters.SETTLED);
      beginListing();
      SocketList open = listOpen();
      if (open != null && isInGaugesAlone(open.census()) == null) {
        return false;
      }
      // What native code opened in another network namespace is not in the table.
      if (table == null || isAnyElsewhere() || !budget.allows(clock.getAsLong())) {
        return false;
      }
      SocketList.Census census = walkTable(false).census();
      if (open != null) {
        census.add(open.census());
      }
      long[] gone = isInGaugesAlone(census);
      long transitions = counters.get(CpuCounters.DUE_TRANSITIONS) - census.dueTransitions();
      long connections = counters.get(CpuCounters.DUE_CONNECTIONS) - census.dueConnections();
      if (counters.get(CpuCounters.TRANSITIONS) == settled) {
        forgetDue(CpuCounters.DUE_TRANSITIONS, transitions);
        forgetDue(CpuCounters.DUE_CONNECTIONS, connections);
        if (gone == null) {
          return false;
        }
        if (!control.isFiltered()) {
          transitions = LongStream.of(gone).sum();
          connections = transitions - gone[TcpState.LISTEN.kernelValue()];
        }
        skippedTransitions += lost(transitions, RecordType.TRANSITIONS);
        skippedConnections += lost(connections, RecordType.CONNECTIONS);
        for (int state = 0; state < STATES; state++) {
          if (gone[state] > 0) {
            counters.add(CpuCounters.SOCKETS + state * Long.BYTES, -gone[state]);
          }
        }
        return true;
      }
      if (counters.get(CpuCounters.TRANSITIONS) - settled > FEW) {
        return false;
      }
    }
    return false;
  }

  /** Ends that no program was run for and that would have been recorded as transitions. */
  long skippedTransitions() {
    return skippedTransitions;
  }

  /** The same for those of connections. */
  long skippedConnections() {
    return skippedConnections;
  }

  /** The extras that could not be read the last time, and why. */
  Map<Extra, String> failures() {
    return failures;
  }

  private void beginListing() {
    listings = Math.max(1, listings + 1);
    control.listing(listings);
  }

  /** {@code null} if that can't be done. */
  private SocketList listOpen() throws CallFailed {
    return descriptors == null ? null : list(Extra.DESCRIPTORS, descriptors);
  }

  /** Those that this listing does not have yet. */
  private SocketList walkTable(boolean timeWait) throws CallFailed {
    control.listTimeWait(timeWait);
    long start = clock.getAsLong();
    try {
      SocketList list = list(Extra.TABLE, table);
      lastWithoutDescriptor = timeWait ? list.withoutTimeWait() : list;
      return list;
    } finally {
      budget.spent(start, clock.getAsLong());
    }
  }

  private SocketList list(Extra extra, Listing listing) throws CallFailed {
    SocketList.Builder builder = new SocketList.Builder(clockOffset);
    try {
      listing.read(builder::add);
      failures.remove(extra);
    } catch (CallFailed e) {
      failures.put(extra, e.brief());
      throw e;
    }
    return builder.build();
  }

  /** Whether, by the gauges, there are no other owned sockets and no request socks. */
  private boolean isComplete(SocketList open) {
    return open.census().halfOpen() == 0 && isInGaugesAlone(open.census()) == null;
  }

  /**
   * How many sockets the gauges have more in each state; {@code null} if none. Fewer: a socket that
   * is being adopted or born, and not in the gauges yet.
   */
  private long[] isInGaugesAlone(SocketList.Census census) {
    long[] more = null;
    for (int state = 0; state < STATES; state++) {
      long difference =
          counters.get(CpuCounters.SOCKETS + state * Long.BYTES) - census.inState(state);
      if (difference > 0) {
        more = more == null ? new long[STATES] : more;
        more[state] = difference;
      }
    }
    return more;
  }

  private boolean isAnyElsewhere() {
    return counters.get(CpuCounters.OTHER_NETNS) != 0;
  }

  private void forgetDue(int gauge, long ended) {
    if (ended > 0) {
      counters.add(gauge, -ended);
    }
  }

  /** How many of the ends that were to be recorded are lost: none if nobody records them. */
  private long lost(long ended, RecordType type) {
    return control.isRecorded(type) ? Math.max(0, ended) : 0;
  }
}
