// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.TransitionView;

/** Hands each record to one and then to another. */
record BothSinks(RecordSink first, RecordSink second) implements RecordSink {
  @Override
  public void transition(TransitionView transition) {
    first.transition(transition);
    second.transition(transition);
  }

  @Override
  public void connection(ConnectionView connection) {
    first.connection(connection);
    second.connection(connection);
  }

  @Override
  public void retransmit(RetransmitView retransmit) {
    first.retransmit(retransmit);
    second.retransmit(retransmit);
  }

  @Override
  public void reset(ResetView reset) {
    first.reset(reset);
    second.reset(reset);
  }

  @Override
  public void ended(long socketId, int oldState) {
    first.ended(socketId, oldState);
    second.ended(socketId, oldState);
  }
}
