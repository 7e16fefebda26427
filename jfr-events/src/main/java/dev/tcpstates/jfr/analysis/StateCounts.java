// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.TcpState;
import java.util.List;

/**
 * How many sockets were in a state.
 *
 * @param state the state
 * @param now how many at the recording's end
 * @param peak the maximum
 * @param overTime the maximum in each stretch of the recording, of the length {@link
 *     Summary#stretch}; can't be modified
 */
public record StateCounts(TcpState state, int now, int peak, List<Integer> overTime) {
  /** The maximum number of stretches. */
  public static final int STRETCHES = 64;

  public StateCounts {
    overTime = List.copyOf(overTime);
  }
}
