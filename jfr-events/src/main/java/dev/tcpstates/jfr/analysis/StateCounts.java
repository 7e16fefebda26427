// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.util.List;

/**
 * How many sockets were in a state.
 *
 * @param state by the kernel's name
 * @param now at the recording's end
 * @param peak the most at a time
 * @param overTime the most in each of the stretches that {@link Summary#stretch} long each make up
 *     the recording; can't be modified
 */
public record StateCounts(String state, int now, int peak, List<Integer> overTime) {
  /** A recording has at most so many stretches. */
  public static final int STRETCHES = 64;

  public StateCounts {
    overTime = List.copyOf(overTime);
  }
}
