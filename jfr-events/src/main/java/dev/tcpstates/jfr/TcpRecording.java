// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The TCP connections of one recording, all in memory. Immutable, so any thread may use it.
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

  /** The collections become this object's own: the caller must keep no hold of them. */
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

  /** One for each socket that has a transition, by the time of its first. */
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

  /** The connections that ended, and attempts at one, by the time of their end. */
  public List<ConnectionInfo> connections() {
    return connections;
  }

  /** The places in the code that opened sockets, by {@code openSiteId}. */
  public Map<Long, OpenSiteInfo> openSites() {
    return openSites;
  }

  /** Who opened which socket, by {@code socketId}. */
  public Map<Long, SocketOpenInfo> socketOpens() {
    return socketOpens;
  }

  /** What the agent has lost, by the time it was noticed; empty if nothing was. */
  public List<Loss> losses() {
    return losses;
  }

  /** What Flight Recorder itself has lost, by time; empty if nothing was. */
  public List<DataLoss> dataLosses() {
    return dataLosses;
  }

  /**
   * How the agent was, at least once for each chunk of the recording, by time; empty if there was
   * no agent.
   */
  public List<AgentInfo> agentStates() {
    return agentStates;
  }
}
