// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What recordings can't prove because the agent could not record it, for all commands, assertions
 * and checks. It is the sum of the {@code AgentState} events of all JVMs and chunks. Not
 * thread-safe.
 */
public final class RecordingLimits {
  private final Set<String> sampled = new LinkedHashSet<>();
  private final Set<String> missing = new LinkedHashSet<>();
  private final Set<String> unhooked = new LinkedHashSet<>();

  /** Creates one without limits. */
  public RecordingLimits() {}

  /** Adds the limits of one state of an agent. */
  public void add(AgentInfo state) {
    if (state.missing() != null) {
      missing.add(state.missing());
    }
    if (!state.isSampled()) {
      return;
    }
    String interval =
        state.pollInterval().isZero() ? "" : " every " + Words.duration(state.pollInterval());
    sampled.add(
        "sampled"
            + interval
            + ": transitions, resets, retransmits and connections shorter than the interval are not"
            + " recorded"
            + (state.reason() == null ? "" : " (" + state.reason() + ")"));
    if (state.hooks() != null && state.hooks().startsWith("missing")) {
      unhooked.add("some methods that open sockets have no hook (" + state.hooks() + ")");
    }
    if (state.suppressedErrors() > 0) {
      unhooked.add("errors of the agent were suppressed");
    }
  }

  /** Whether an agent polled its sockets, so that no transition of that JVM is recorded. */
  public boolean isSampled() {
    return !sampled.isEmpty();
  }

  /** How an agent polled and what is therefore not recorded, one sentence for each way. */
  public List<String> sampled() {
    return List.copyOf(sampled);
  }

  /** Which events a kernel did not support, and why; as in {@link AgentInfo#missing}. */
  public List<String> missing() {
    return List.copyOf(missing);
  }

  /**
   * Why the {@code SocketOpen} events of a sampled JVM are not all sockets that Java code opened;
   * empty if they are.
   */
  public List<String> unhooked() {
    return List.copyOf(unhooked);
  }

  /** The entries of {@link #missing} that name an event, by its name without prefix. */
  public List<String> missing(String event) {
    Pattern named = Pattern.compile("(^|[;,] )" + event + "\\b");
    return missing.stream().filter(events -> named.matcher(events).find()).toList();
  }
}
