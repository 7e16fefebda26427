// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Weighs the call sites that opened sockets: by connections, time in a state, or bytes. */
public final class StackWeights extends SocketModel {
  /** What is summed up. */
  public sealed interface Weight {
    /** Connections that were made, accepted or tried, without listeners. */
    record Connections() implements Weight {}

    /** Time that the sockets spent in a state, in microseconds. */
    record TimeIn(TcpState state) implements Weight {}

    /**
     * Payload both ways; of a connection that has not ended, the sum of its {@code Throughput}
     * events.
     */
    record Bytes() implements Weight {}
  }

  /**
   * The weight of one call site.
   *
   * @param opener the call site
   * @param weight connections, microseconds or bytes; at least 1
   */
  public record Weighed(Opener opener, long weight) {}

  private final Weight weight;
  private final Map<Opener, long[]> weights = new IdentityHashMap<>();
  private boolean lost;
  private boolean recorded;

  public StackWeights(Weight weight) {
    this.weight = weight;
  }

  @Override
  public void loss(Loss loss) {
    super.loss(loss);
    lost = true;
  }

  @Override
  public void dataLoss(DataLoss loss) {
    super.dataLoss(loss);
    lost = true;
  }

  @Override
  public void agentState(AgentInfo state) {
    super.agentState(state);
    recorded |= state.attached();
  }

  @Override
  protected void stateLeft(SocketLife socket, TcpState state, Duration time) {
    if (weight instanceof Weight.TimeIn in && in.state() == state) {
      add(socket.opener(), time.toNanos());
    }
  }

  @Override
  protected void ended(SocketLife socket, Instant end) {
    if (weight instanceof Weight.TimeIn in) {
      if (end != null && in.state() == socket.state()) {
        add(socket.opener(), Math.max(0, Duration.between(socket.since(), end).toNanos()));
      }
    } else if (socket.isConnection()) {
      add(socket.opener(), weight instanceof Weight.Bytes ? socket.bytes() : 1);
    }
  }

  /** Whether the agent recorded exactly and nothing was lost, in what was read. */
  public boolean isComplete() {
    return recorded && !lost && !limits().isSampled();
  }

  private void add(Opener opener, long more) {
    weights.computeIfAbsent(opener, o -> new long[1])[0] += more;
  }

  /** The call sites with a weight, the heaviest first. To be called once, at the end. */
  public List<Weighed> result() {
    end();
    // Summed up in nanoseconds, because many short times would round to zero.
    long unit = weight instanceof Weight.TimeIn ? 1_000 : 1;
    List<Weighed> result = new ArrayList<>();
    weights.forEach(
        (opener, sum) -> {
          if (sum[0] >= unit) {
            result.add(new Weighed(opener, sum[0] / unit));
          }
        });
    result.sort(
        Comparator.comparingLong(Weighed::weight)
            .reversed()
            .thenComparing(weighed -> weighed.opener().openedBy()));
    return result;
  }
}
