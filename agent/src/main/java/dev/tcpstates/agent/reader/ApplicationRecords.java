// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.opener.AgentSockets;

/** Drops the records of the agent's own sockets. */
record ApplicationRecords(AgentSockets agents, RecordSink sink) implements RecordSink {
  @Override
  public void transition(TransitionView transition) {
    if (!agents.contains(transition.socketId(), transition.listenerId())) {
      sink.transition(transition);
    }
  }

  @Override
  public void connection(ConnectionView connection) {
    if (!agents.contains(connection.socketId(), connection.listenerId())) {
      sink.connection(connection);
    }
  }

  @Override
  public void retransmit(RetransmitView retransmit) {
    if (!agents.contains(retransmit.socketId(), retransmit.listenerId())) {
      sink.retransmit(retransmit);
    }
  }

  @Override
  public void reset(ResetView reset) {
    if (!agents.contains(reset.socketId(), reset.listenerId())) {
      sink.reset(reset);
    }
  }

  @Override
  public void ended(long socketId, int oldState) {
    if (!agents.contains(socketId, 0)) {
      sink.ended(socketId, oldState);
    }
  }
}
