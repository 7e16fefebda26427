// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * How the agent was at one moment. Counts are those since the agent started. A text is null, a
 * number 0 and a duration zero if the recording's version did not have it.
 *
 * @param time the moment
 * @param attached whether the agent recorded the sockets of its JVM
 * @param mode {@link #EXACT} if the kernel reported each transition, {@link #SAMPLED} if the agent
 *     polled the sockets and recorded no transition; null if it was not attached. Recordings of
 *     versions that had no other mode are exact
 * @param pollInterval time from one poll to the next; zero unless the mode is SAMPLED
 * @param reason why the agent was not attached, or why its mode was SAMPLED; null otherwise
 * @param options the agent's options as they took effect
 * @param version the agent's version
 * @param kernel the kernel's release
 * @param libbpf the version of libbpf in use and where it is from, such as {@code v1.1 (bundled)}
 * @param clock {@code KERNEL} if event times are the kernel's, {@code COMMIT} if they are those of
 *     the writing
 * @param openSockets sockets known to be open
 * @param openSites places in the code that have opened sockets
 * @param records records read from the kernel program
 * @param recordsPerSecond how many records came in a second, of late
 * @param lost records lost
 * @param suppressedErrors errors of the socket hooks kept from the application
 * @param cpuTime time that the agent's own threads have spent on the CPU
 * @param ringSize bytes of the ring buffer between kernel and agent
 * @param ringFill bytes of it that were filled at the moment
 * @param highestRingFill most of it, in bytes, that was filled since the event before
 * @param missing what is not recorded because the kernel lacks or refuses it, and why; null if all
 *     is
 * @param hooks which hooks are woven and which are missing
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
  /** The mode in which the kernel reports each transition. */
  public static final String EXACT = "EXACT";

  /** The mode in which the agent polls the sockets, and records no transition. */
  public static final String SAMPLED = "SAMPLED";

  /** Whether the agent polled the sockets, so that most of what happened is not recorded. */
  public boolean isSampled() {
    return attached && SAMPLED.equals(mode);
  }

  static AgentInfo of(EventFields fields) {
    boolean attached = fields.flag("attached");
    String mode = fields.text("mode");
    return new AgentInfo(
        fields.endTime(),
        attached,
        mode == null && attached ? EXACT : mode,
        fields.duration("pollInterval"),
        fields.text("reason"),
        fields.text("options"),
        fields.text("version"),
        fields.text("kernel"),
        fields.text("libbpf"),
        fields.text("clock"),
        fields.integer("openSockets"),
        fields.integer("openSites"),
        fields.number("records"),
        fields.integer("recordsPerSecond"),
        fields.integer("lost"),
        fields.integer("suppressedErrors"),
        fields.duration("cpuTime"),
        fields.number("ringSize"),
        fields.number("ringFill"),
        fields.number("highestRingFill"),
        fields.text("missing"),
        fields.text("hooks"));
  }
}
