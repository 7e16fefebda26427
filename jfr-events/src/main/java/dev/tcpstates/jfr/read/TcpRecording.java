// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.Transition;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The TCP connections of one recording, all in memory. Immutable and thread-safe.
 *
 * <p>None of the collections is null or can be modified.
 */
public final class TcpRecording {
  private final Map<Long, SocketTimeline> timelines;
  private final List<ConnectionInfo> connections;
  private final Map<Long, OpenSiteInfo> openSites;
  private final Map<Long, SocketOpenInfo> socketOpens;
  private final List<Loss> losses;
  private final List<DataLoss> dataLosses;
  private final List<AgentInfo> agentStates;

  /** Keeps the collections; the caller must not change them. */
  TcpRecording(
      Map<Long, SocketTimeline> timelines,
      List<ConnectionInfo> connections,
      Map<Long, OpenSiteInfo> openSites,
      Map<Long, SocketOpenInfo> socketOpens,
      List<Loss> losses,
      List<DataLoss> dataLosses,
      List<AgentInfo> agentStates) {
    this.timelines = Collections.unmodifiableMap(timelines);
    this.connections = Collections.unmodifiableList(connections);
    this.openSites = Collections.unmodifiableMap(openSites);
    this.socketOpens = Collections.unmodifiableMap(socketOpens);
    this.losses = Collections.unmodifiableList(losses);
    this.dataLosses = Collections.unmodifiableList(dataLosses);
    this.agentStates = Collections.unmodifiableList(agentStates);
  }

  /** One timeline per socket that has a transition, by the time of the first one. */
  public List<SocketTimeline> timelines() {
    return List.copyOf(timelines.values());
  }

  /** The transitions of all sockets, in the order in which they happened. */
  public List<Transition> transitions() {
    return timelines.values().stream()
        .flatMap(timeline -> timeline.transitions().stream())
        .sorted(Comparator.comparing(Transition::endTime))
        .toList();
  }

  /** The timeline of one socket; empty if the recording has no transition of it. */
  public Optional<SocketTimeline> timeline(long socketId) {
    return Optional.ofNullable(timelines.get(socketId));
  }

  /** The connections and attempts at one that ended, by the time of their end. */
  public List<ConnectionInfo> connections() {
    return connections;
  }

  /** The call sites that opened sockets, by {@code openSiteId}. */
  public Map<Long, OpenSiteInfo> openSites() {
    return openSites;
  }

  /** The opening of each socket, by {@code socketId}. */
  public Map<Long, SocketOpenInfo> socketOpens() {
    return socketOpens;
  }

  /** The losses of the agent, by the time they were noticed; empty if there are none. */
  public List<Loss> losses() {
    return losses;
  }

  /** The losses of Flight Recorder itself, by time; empty if there are none. */
  public List<DataLoss> dataLosses() {
    return dataLosses;
  }

  /**
   * The states of the agent, at least one per chunk of the recording, by time; empty if there was
   * no agent.
   */
  public List<AgentInfo> agentStates() {
    return agentStates;
  }
}
