// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.ListenQueueInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ResetInfo;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.SocketWaitInfo;
import dev.tcpstates.jfr.StateCountInfo;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.ThreadDump;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.Transition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A type of event that is read: its name, the record that it is read into, and the handler's
 * method.
 */
record EventType<T>(
    String name, Function<EventFields, T> reader, BiConsumer<TcpEventHandler, T> receiver) {
  private static final String AGENT = "dev.tcpstates.agent.";

  private static final Map<String, EventType<?>> BY_NAME =
      List.<EventType<?>>of(
              agent("StateChange", Transition.class, TcpEventHandler::transition),
              agent("Connection", ConnectionInfo.class, TcpEventHandler::connection),
              agent("SocketState", SocketStateInfo.class, TcpEventHandler::socketState),
              agent("Retransmit", RetransmitInfo.class, TcpEventHandler::retransmit),
              agent("Reset", ResetInfo.class, TcpEventHandler::reset),
              agent("Throughput", ThroughputInfo.class, TcpEventHandler::throughput),
              agent("StateCount", StateCountInfo.class, TcpEventHandler::stateCount),
              agent("StuckSocket", StuckSocketInfo.class, TcpEventHandler::stuckSocket),
              agent("ListenQueue", ListenQueueInfo.class, TcpEventHandler::listenQueue),
              agent("SocketWait", SocketWaitInfo.class, TcpEventHandler::socketWait),
              agent("RecordsLost", Loss.class, TcpEventHandler::loss),
              agent("AgentState", AgentInfo.class, TcpEventHandler::agentState),
              agent("OpenSite", OpenSiteInfo.class, TcpEventHandler::openSite),
              new EventType<>(
                  DataLoss.NAME, new RecordReader<>(DataLoss.class), TcpEventHandler::dataLoss),
              new EventType<>(
                  ThreadDump.NAME,
                  fields -> new ThreadDump(fields.endTime(), fields.text("result")),
                  TcpEventHandler::threadDump),
              new EventType<>("tcpstates.SocketOpen", EventType::open, TcpEventHandler::socketOpen),
              new EventType<>("jdk.JVMInformation", EventType::jvm, TcpEventHandler::jvm))
          .stream()
          .collect(Collectors.toUnmodifiableMap(EventType::name, type -> type));

  private static <T extends Record> EventType<T> agent(
      String name, Class<T> type, BiConsumer<TcpEventHandler, T> receiver) {
    return new EventType<>("tcpstates." + name, new RecordReader<>(type), receiver);
  }

  private static SocketOpenInfo open(EventFields fields) {
    return new SocketOpenInfo(
        fields.number("socketId"),
        fields.endTime(),
        RecordReader.constant(SocketKind.class, fields.text("kind")),
        fields.number("openSiteId"),
        fields.thread(),
        // The event is made by the agent, whose frames say nothing.
        fields.frames().stream().dropWhile(frame -> frame.startsWith(AGENT)).toList());
  }

  private static JvmInfo jvm(EventFields fields) {
    String command = fields.text("javaArguments");
    return new JvmInfo(
        fields.number("pid"),
        fields.time("jvmStartTime"),
        fields.text("jvmVersion"),
        command == null || command.isBlank() ? null : command.strip().split(" ", 2)[0]);
  }

  static Iterable<EventType<?>> all() {
    return BY_NAME.values();
  }

  static Set<String> names() {
    return BY_NAME.keySet();
  }

  /** Null for an event of another type. */
  static EventType<?> named(String name) {
    return BY_NAME.get(name);
  }

  /** Reads an event now, to be delivered later. */
  Read<T> read(EventFields fields) {
    return new Read<>(this, fields.endTime(), reader.apply(fields));
  }

  /** An event that was read. */
  record Read<T>(EventType<T> type, Instant time, T value) {
    void deliver(TcpEventHandler handler) {
      type.receiver.accept(handler, value);
    }
  }
}
