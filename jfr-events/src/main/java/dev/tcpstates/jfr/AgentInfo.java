// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * The state of the agent at one moment. Counts are totals since the agent started. A text is null,
 * a number 0 and a duration zero if the recording's version did not have it.
 *
 * @param time the moment
 * @param attached whether the agent records the sockets of its JVM
 * @param mode whether the kernel reports each transition or the agent polls the sockets; null if
 *     the agent is not attached. Recordings of versions that had no other mode are exact
 * @param pollInterval time from one poll to the next; zero unless the mode is SAMPLED
 * @param reason why the agent is not attached, or why its mode is SAMPLED; null otherwise
 * @param options the agent's options in effect
 * @param version the agent's version
 * @param kernel the kernel's release
 * @param libbpf the version of libbpf in use and where it is from, such as {@code v1.1 (bundled)}
 * @param clock {@code KERNEL} if event times are the kernel's, {@code COMMIT} if they are the times
 *     at which the events were written
 * @param openSockets sockets that the agent knows to be open
 * @param openSites call sites that have opened sockets
 * @param records records read from the BPF program
 * @param recordsPerSecond records read per second since the previous event
 * @param lost records lost
 * @param suppressedErrors errors of the agent that were kept from the application
 * @param cpuTime CPU time of the agent's own threads
 * @param ringSize size of the ring buffer between kernel and agent, in bytes
 * @param ringFill bytes in the ring buffer at the moment
 * @param highestRingFill highest fill of the ring buffer since the previous event, in bytes
 * @param missing which events are not recorded because this kernel does not support or refuses
 *     them, and why; null if all are recorded
 * @param hooks which hooks are installed and which are missing
 */
public record AgentInfo(
    Instant time,
    boolean attached,
    String mode,
    Duration pollInterval,
    String reason,
    String options,
    String version,
    String kernel,
    String libbpf,
    String clock,
    int openSockets,
    int openSites,
    long records,
    int recordsPerSecond,
    int lost,
    int suppressedErrors,
    Duration cpuTime,
    long ringSize,
    long ringFill,
    long highestRingFill,
    String missing,
    String hooks) {
  public AgentInfo {
    mode = mode == null && attached ? EXACT : mode;
  }

  /** The mode in which the kernel reports each transition. */
  public static final String EXACT = "EXACT";

  /** The mode in which the agent polls the sockets, and records no transition. */
  public static final String SAMPLED = "SAMPLED";

  /** Whether the agent polled the sockets, so that most of what happened is not recorded. */
  public boolean isSampled() {
    return attached && SAMPLED.equals(mode);
  }
}
