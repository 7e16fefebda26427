// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.analysis.BytesLost;
import dev.tcpstates.jfr.analysis.RecordingLimits;
import dev.tcpstates.jfr.analysis.Words;

/** Collects what is missing from the output of a command, and why. */
public final class Notices implements TcpEventHandler {
  private int lost;
  private String whyLost;
  private BytesLost bytesLost;
  private final RecordingLimits limits = new RecordingLimits();
  private AgentInfo agent;
  private boolean recorded;

  @Override
  public void transition(Transition transition) {
    recorded = true;
  }

  @Override
  public void connection(ConnectionInfo connection) {
    recorded = true;
  }

  @Override
  public void loss(Loss loss) {
    lost += loss.count();
    whyLost = loss.reason();
  }

  @Override
  public void dataLoss(DataLoss loss) {
    bytesLost = BytesLost.sum(bytesLost, loss);
  }

  @Override
  public void agentState(AgentInfo state) {
    agent = state;
    limits.add(state);
  }

  /**
   * Prints it to standard error.
   *
   * @param complete whether all of the recordings could be read
   */
  public void print(boolean complete) {
    if (agent == null && !recorded) {
      System.err.println(
          complete
              ? "this recording has no events of the agent: the JVM ran without it, or Flight"
                  + " Recorder could not record its events"
              : "no event of the agent could be read");
    } else if (agent != null && !agent.attached()) {
      System.err.println("the agent could not record: " + agent.reason());
    }
    limits.sampled().forEach(System.err::println);
    printLosses();
  }

  /** Prints what was lost since the last call. */
  void printLosses() {
    if (lost > 0) {
      System.err.println(
          Words.count(lost, "event")
              + (lost == 1 ? " was lost, and is" : " were lost, and are")
              + " missing here ("
              + whyLost
              + ")");
      lost = 0;
    }
    if (bytesLost != null) {
      System.err.println(bytesLost.words() + "; some may be missing here");
      bytesLost = null;
    }
  }
}
