// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.AddressedRecord;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.HeldRecords;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.jfr.TcpState;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Excludes records from events as the recordings' settings say, where the source does not: it makes
 * records for more than the recordings. Not thread-safe.
 */
final class EventFilter {
  private static final int SYN_SENT = TcpState.SYN_SENT.kernelValue();

  private Map<RecordType, SocketFilter> included = Map.of();

  /** The first transitions of clients, which have no local port yet. */
  private final Map<Long, HeldRecords> undecided = new HashMap<>();

  private final Consumer<TransitionView> transitions;
  private final RecordSink held = new HeldTransitions();

  /**
   * @param transitions is handed the transitions that are included
   */
  EventFilter(Consumer<TransitionView> transitions) {
    this.transitions = transitions;
  }

  /** Sets what is included of each kind of record; of one that is missing, all. */
  void set(Map<RecordType, SocketFilter> filters) {
    included = filters;
    if (!filters.containsKey(RecordType.TRANSITIONS)) {
      undecided.clear();
    }
  }

  /** Hands over a transition that is included, and before it the one that waited for it. */
  void transition(TransitionView record) {
    if (!included.containsKey(RecordType.TRANSITIONS)) {
      transitions.accept(record);
      return;
    }
    HeldRecords first = undecided.remove(record.socketId());
    if (includes(RecordType.TRANSITIONS, record)) {
      if (first != null) {
        first.release(held);
      }
      transitions.accept(record);
    } else if (record.newState() == SYN_SENT && record.localPort() == 0) {
      HeldRecords undecidedYet = new HeldRecords();
      undecidedYet.transition(record);
      undecided.put(record.socketId(), undecidedYet);
    }
  }

  /** The socket has ended, perhaps without a record. */
  void ended(long socketId) {
    undecided.remove(socketId);
  }

  boolean includes(RecordType type, AddressedRecord record) {
    SocketFilter filter = included.get(type);
    return filter == null
        || filter.includes(
            record.localPort(),
            record.remotePort(),
            record.localAddress(0),
            record.localAddress(1),
            record.remoteAddress(0),
            record.remoteAddress(1));
  }

  /** Takes the transitions that were held. */
  private final class HeldTransitions implements RecordSink {
    @Override
    public void transition(TransitionView transition) {
      transitions.accept(transition);
    }

    @Override
    public void connection(ConnectionView connection) {}

    @Override
    public void ended(long socketId, int oldState) {}
  }
}
