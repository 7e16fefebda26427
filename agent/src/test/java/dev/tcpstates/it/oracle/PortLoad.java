// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import dev.tcpstates.jfr.SocketTimeline;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The sockets that have one of these ports at one end, which are the load's alone from one time to
 * another.
 *
 * @param from in ns of CLOCK_MONOTONIC
 */
public record PortLoad(String name, Set<Integer> ports, long from, long to) implements Load {

  /**
   * A load as it describes itself.
   *
   * @param ports with blanks between them
   */
  public static PortLoad of(String name, String ports, String from, String to) {
    return new PortLoad(
        name,
        Arrays.stream(ports.split(" ")).map(Integer::valueOf).collect(Collectors.toSet()),
        Long.parseLong(from),
        Long.parseLong(to));
  }

  @Override
  public boolean has(Step step) {
    return ports.contains(step.localPort()) || ports.contains(step.remotePort());
  }

  @Override
  public boolean has(SocketTimeline timeline) {
    return timeline.transitions().stream().anyMatch(transition -> has(Step.of(transition)));
  }

  @Override
  public boolean has(FtraceSocket socket) {
    long begin = socket.rows().get(0).time();
    return from <= begin && begin <= to && socket.rows().stream().anyMatch(row -> has(row.step()));
  }
}
