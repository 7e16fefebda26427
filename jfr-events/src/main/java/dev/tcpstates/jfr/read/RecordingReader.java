// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.Transition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a whole recording into memory, for a test that asserts on it. For large or truncated
 * recordings, use {@link TcpRecordings}. The methods may be called from any thread.
 */
public final class RecordingReader {
  private RecordingReader() {}

  /**
   * Reads a whole recording into memory.
   *
   * @throws IOException if the file can't be read, is not a flight recording or is incomplete
   */
  public static TcpRecording read(Path file) throws IOException {
    return read(file, new TcpEventHandler[0]);
  }

  /**
   * Reads a whole recording into memory.
   *
   * @param others also receive the events
   * @throws IOException if the file can't be read, is not a flight recording or is incomplete
   */
  public static TcpRecording read(Path file, TcpEventHandler... others) throws IOException {
    Collector all = new Collector();
    TcpEventHandler[] handlers = Arrays.copyOf(others, others.length + 1);
    handlers[others.length] = all;
    List<ReadProblem> problems = TcpRecordings.of(file).read(handlers);
    if (!problems.isEmpty()) {
      throw new IOException(problems.get(0).reason());
    }
    return all.recording();
  }

  private static final class Collector implements TcpEventHandler {
    private final List<Transition> transitions = new ArrayList<>();
    private final List<ConnectionInfo> connections = new ArrayList<>();
    private final Map<Long, SocketOpenInfo> opens = new LinkedHashMap<>();
    private final Map<Long, OpenSiteInfo> sites = new LinkedHashMap<>();
    private final List<Loss> losses = new ArrayList<>();
    private final List<DataLoss> dataLosses = new ArrayList<>();
    private final List<AgentInfo> agentStates = new ArrayList<>();

    @Override
    public void transition(Transition transition) {
      transitions.add(transition);
    }

    @Override
    public void connection(ConnectionInfo connection) {
      connections.add(connection);
    }

    @Override
    public void socketOpen(SocketOpenInfo open) {
      opens.putIfAbsent(open.socketId(), open);
    }

    @Override
    public void openSite(OpenSiteInfo site) {
      sites.put(site.openSiteId(), site);
    }

    @Override
    public void loss(Loss loss) {
      losses.add(loss);
    }

    @Override
    public void dataLoss(DataLoss loss) {
      dataLosses.add(loss);
    }

    @Override
    public void agentState(AgentInfo state) {
      agentStates.add(state);
    }

    TcpRecording recording() {
      // The sorts are stable: events within one tick of the clock keep their order.
      connections.sort(Comparator.comparing(ConnectionInfo::endTime));
      losses.sort(Comparator.comparing(Loss::to));
      dataLosses.sort(Comparator.comparing(DataLoss::time));
      agentStates.sort(Comparator.comparing(AgentInfo::time));
      return new TcpRecording(
          timelines(), connections, sites, opens, losses, dataLosses, agentStates);
    }

    private Map<Long, SocketTimeline> timelines() {
      transitions.sort(Comparator.comparing(Transition::endTime));
      Map<Long, List<Transition>> bySocket = new LinkedHashMap<>();
      for (Transition transition : transitions) {
        bySocket.computeIfAbsent(transition.socketId(), id -> new ArrayList<>()).add(transition);
      }
      Map<Long, SocketTimeline> timelines = new LinkedHashMap<>();
      bySocket.forEach(
          (id, own) -> {
            TransitionOrder.sort(own);
            timelines.put(id, new SocketTimeline(id, own));
          });
      return timelines;
    }
  }
}
