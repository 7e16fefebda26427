// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.bpf.ConnectionView;
import dev.tcpstates.agent.bpf.RecordHandler;
import dev.tcpstates.agent.bpf.ResetView;
import dev.tcpstates.agent.bpf.RetransmitView;
import dev.tcpstates.agent.bpf.TransitionView;

/** Hands each record to one and then to another. */
record BothHandlers(RecordHandler first, RecordHandler second) implements RecordHandler {
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
