// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Reads the events of the agent from a flight recording. Events of other types are passed over, and
 * a field that an event lacks gets a default. The methods may be called from any thread.
 */
public final class RecordingReader {
  private RecordingReader() {}

  /**
   * Reads a whole recording into memory.
   *
   * @throws IOException if the file can't be read, is not a flight recording or is not a whole one
   */
  public static TcpRecording read(Path file) throws IOException {
    List<Transition> transitions = new ArrayList<>();
    List<ConnectionInfo> connections = new ArrayList<>();
    List<SocketOpenInfo> opens = new ArrayList<>();
    List<RecordedEvent> sites = new ArrayList<>();
    List<Loss> losses = new ArrayList<>();
    List<AgentInfo> agentStates = new ArrayList<>();
    forEach(
        file,
        event -> {
          switch (event.getEventType().getName()) {
            case "tcpstates.StateChange" -> transitions.add(transition(event));
            case "tcpstates.Connection" -> connections.add(connection(event));
            case "tcpstates.SocketOpen" -> opens.add(socketOpen(event));
            case "tcpstates.OpenSite" -> sites.add(event);
            case "tcpstates.RecordsLost" -> losses.add(loss(event));
            case "tcpstates.AgentState" -> agentStates.add(agentInfo(event));
            default -> {}
          }
        });

    // The sorts are stable: what happened within one tick of the clock stays in the file's order.
    connections.sort(Comparator.comparing(ConnectionInfo::endTime));
    opens.sort(Comparator.comparing(SocketOpenInfo::time));
    Map<Long, SocketOpenInfo> socketOpens = new LinkedHashMap<>();
    opens.forEach(open -> socketOpens.putIfAbsent(open.socketId(), open));

    sites.sort(Comparator.comparing(RecordedEvent::getEndTime));
    Map<Long, OpenSiteInfo> openSites = new LinkedHashMap<>();
    for (RecordedEvent event : sites) {
      OpenSiteInfo site = openSite(event);
      openSites.put(site.openSiteId(), site);
    }

    losses.sort(Comparator.comparing(Loss::to));
    agentStates.sort(Comparator.comparing(AgentInfo::time));
    return new TcpRecording(
        timelines(transitions), connections, openSites, socketOpens, losses, agentStates);
  }

  /**
   * Hands over one transition after the other, in the file's order, which is not always that of
   * time. Needs no memory for those already handed over. What the consumer throws ends the reading
   * and reaches the caller as it is.
   *
   * @throws IOException if the file can't be read, is not a flight recording or is not a whole one
   */
  public static void forEachTransition(Path file, Consumer<Transition> consumer)
      throws IOException {
    forEach(
        file,
        event -> {
          if (event.getEventType().getName().equals("tcpstates.StateChange")) {
            consumer.accept(transition(event));
          }
        });
  }

  private static void forEach(Path file, Consumer<RecordedEvent> consumer) throws IOException {
    RecordingChunks.checkWhole(file);
    try (RecordingFile recording = open(file)) {
      while (recording.hasMoreEvents()) {
        consumer.accept(next(recording, file));
      }
    }
  }

  private static RecordingFile open(Path file) throws IOException {
    try {
      return new RecordingFile(file);
    } catch (IOException | RuntimeException e) {
      throw damaged(file, e);
    }
  }

  private static RecordedEvent next(RecordingFile recording, Path file) throws IOException {
    try {
      return recording.readEvent();
    } catch (IOException | RuntimeException e) {
      throw damaged(file, e);
    }
  }

  /** The JDK's parser answers a damaged file with whatever exception it stumbles upon. */
  private static IOException damaged(Path file, Exception cause) {
    return new IOException(file + " is damaged: " + cause, cause);
  }

  private static Map<Long, SocketTimeline> timelines(List<Transition> transitions) {
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

  private static Transition transition(RecordedEvent event) {
    return new Transition(
        number(event, "socketId"),
        event.getStartTime(),
        event.getEndTime(),
        text(event, "localAddress"),
        integer(event, "localPort"),
        text(event, "address"),
        integer(event, "port"),
        text(event, "oldState"),
        text(event, "newState"),
        duration(event, "timeInState"),
        duration(event, "uncertainty"),
        text(event, "reason"),
        text(event, "openedBy"),
        text(event, "openThread"),
        number(event, "openThreadId"),
        number(event, "openSiteId"),
        integer(event, "taskId"),
        text(event, "taskName"),
        number(event, "listenerId"));
  }

  private static ConnectionInfo connection(RecordedEvent event) {
    return new ConnectionInfo(
        number(event, "socketId"),
        event.getStartTime(),
        event.getEndTime(),
        text(event, "kind"),
        text(event, "localAddress"),
        integer(event, "localPort"),
        text(event, "address"),
        integer(event, "port"),
        text(event, "end"),
        text(event, "closedBy"),
        text(event, "reason"),
        flag(event, "established"),
        duration(event, "handshakeTime"),
        flag(event, "accepted"),
        duration(event, "acceptQueueWait"),
        duration(event, "timeEstablished"),
        duration(event, "timeCloseWait"),
        duration(event, "timeFinWait"),
        duration(event, "timeLastAck"),
        number(event, "bytesSent"),
        number(event, "bytesReceived"),
        number(event, "bytesRetransmitted"),
        number(event, "bytesUnread"),
        integer(event, "segmentsSent"),
        integer(event, "segmentsReceived"),
        integer(event, "retransmits"),
        duration(event, "smoothedRtt"),
        duration(event, "minimumRtt"),
        text(event, "openedBy"),
        text(event, "openThread"),
        number(event, "openThreadId"),
        number(event, "openSiteId"),
        number(event, "listenerId"));
  }

  private static SocketOpenInfo socketOpen(RecordedEvent event) {
    RecordedThread thread = event.getThread();
    return new SocketOpenInfo(
        number(event, "socketId"),
        event.getEndTime(),
        text(event, "kind"),
        number(event, "openSiteId"),
        thread == null ? null : thread.getJavaName(),
        frames(event.getStackTrace()));
  }

  private static List<String> frames(RecordedStackTrace stack) {
    if (stack == null) {
      return List.of();
    }
    return stack.getFrames().stream().map(RecordingReader::frame).toList();
  }

  private static String frame(RecordedFrame frame) {
    RecordedMethod method = frame.getMethod();
    String name = method.getType().getName() + "." + method.getName();
    return frame.getLineNumber() > 0 ? name + ":" + frame.getLineNumber() : name;
  }

  private static OpenSiteInfo openSite(RecordedEvent event) {
    String stack = text(event, "stack");
    return new OpenSiteInfo(
        number(event, "openSiteId"),
        text(event, "kind"),
        text(event, "openedBy"),
        stack == null ? List.of() : stack.lines().toList(),
        integer(event, "opened"),
        integer(event, "open"));
  }

  private static Loss loss(RecordedEvent event) {
    return new Loss(
        event.getStartTime(),
        event.getEndTime(),
        integer(event, "count"),
        text(event, "lostType"),
        text(event, "reason"));
  }

  private static AgentInfo agentInfo(RecordedEvent event) {
    return new AgentInfo(
        event.getEndTime(),
        flag(event, "attached"),
        text(event, "reason"),
        text(event, "options"),
        text(event, "version"),
        text(event, "kernel"),
        text(event, "libbpf"),
        text(event, "clock"),
        integer(event, "openSockets"),
        integer(event, "openSites"),
        number(event, "records"),
        integer(event, "lost"),
        integer(event, "suppressedErrors"),
        duration(event, "cpuTime"),
        number(event, "ringSize"),
        text(event, "hooks"));
  }

  private static String text(RecordedEvent event, String field) {
    return value(event, field) instanceof String text ? text : null;
  }

  private static boolean flag(RecordedEvent event, String field) {
    return value(event, field) instanceof Boolean flag && flag;
  }

  private static int integer(RecordedEvent event, String field) {
    return value(event, field) instanceof Number number ? number.intValue() : 0;
  }

  private static long number(RecordedEvent event, String field) {
    return value(event, field) instanceof Number number ? number.longValue() : 0;
  }

  private static Object value(RecordedEvent event, String field) {
    return event.hasField(field) ? event.getValue(field) : null;
  }

  private static Duration duration(RecordedEvent event, String field) {
    if (!(value(event, field) instanceof Long)) {
      return Duration.ZERO;
    }
    try {
      // Not the value itself: only getDuration knows the field's unit.
      return event.getDuration(field);
    } catch (IllegalArgumentException noUnit) {
      return Duration.ZERO;
    }
  }
}
