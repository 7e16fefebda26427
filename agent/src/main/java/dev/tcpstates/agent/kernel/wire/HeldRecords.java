// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Copies of records, to be handed over later. Not thread-safe. */
public final class HeldRecords implements RecordSink {
  private final List<Consumer<RecordSink>> held = new ArrayList<>(2);

  @Override
  public void transition(TransitionView transition) {
    TransitionView copy = transition.copy();
    held.add(sink -> sink.transition(copy));
  }

  @Override
  public void connection(ConnectionView connection) {
    ConnectionView copy = connection.copy();
    held.add(sink -> sink.connection(copy));
  }

  @Override
  public void retransmit(RetransmitView retransmit) {
    RetransmitView copy = retransmit.copy();
    held.add(sink -> sink.retransmit(copy));
  }

  @Override
  public void reset(ResetView reset) {
    ResetView copy = reset.copy();
    held.add(sink -> sink.reset(copy));
  }

  @Override
  public void ended(long socketId, int oldState) {
    held.add(sink -> sink.ended(socketId, oldState));
  }

  /** Hands them over in their order, and holds them no longer. */
  public void release(RecordSink sink) {
    held.forEach(record -> record.accept(sink));
    held.clear();
  }
}
