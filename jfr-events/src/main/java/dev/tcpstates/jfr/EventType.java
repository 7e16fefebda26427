// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A type of event that is read: its name, the record that it is read to, and the handler's method.
 * Which fields it has is known to the record only.
 *
 * @param dictionary whether the others refer to it, so that it has to come before them
 */
record EventType<T>(
    String name,
    boolean dictionary,
    Function<EventFields, T> reader,
    BiConsumer<TcpEventHandler, T> receiver) {

  private static final Map<String, EventType<?>> BY_NAME =
      List.<EventType<?>>of(
              event("StateChange", Transition::of, TcpEventHandler::transition),
              event("Connection", ConnectionInfo::of, TcpEventHandler::connection),
              event("SocketOpen", SocketOpenInfo::of, TcpEventHandler::socketOpen),
              event("SocketState", SocketStateInfo::of, TcpEventHandler::socketState),
              event("Retransmit", RetransmitInfo::of, TcpEventHandler::retransmit),
              event("Reset", ResetInfo::of, TcpEventHandler::reset),
              event("Throughput", ThroughputInfo::of, TcpEventHandler::throughput),
              event("StateCount", StateCountInfo::of, TcpEventHandler::stateCount),
              event("StuckSocket", StuckSocketInfo::of, TcpEventHandler::stuckSocket),
              event("ListenQueue", ListenQueueInfo::of, TcpEventHandler::listenQueue),
              event("RecordsLost", Loss::of, TcpEventHandler::loss),
              event("AgentState", AgentInfo::of, TcpEventHandler::agentState),
              new EventType<>(DataLoss.NAME, false, DataLoss::of, TcpEventHandler::dataLoss),
              dictionary("tcpstates.OpenSite", OpenSiteInfo::of, TcpEventHandler::openSite),
              dictionary("jdk.JVMInformation", JvmInfo::of, TcpEventHandler::jvm))
          .stream()
          .collect(Collectors.toUnmodifiableMap(EventType::name, type -> type));

  private static <T> EventType<T> event(
      String name, Function<EventFields, T> reader, BiConsumer<TcpEventHandler, T> receiver) {
    return new EventType<>("tcpstates." + name, false, reader, receiver);
  }

  private static <T> EventType<T> dictionary(
      String name, Function<EventFields, T> reader, BiConsumer<TcpEventHandler, T> receiver) {
    return new EventType<>(name, true, reader, receiver);
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

  /** Reads an event now, to be handed over when its time has come. */
  Read<T> read(EventFields fields) {
    return new Read<>(this, fields.endTime(), reader.apply(fields));
  }

  /** What was read of an event. */
  record Read<T>(EventType<T> type, Instant time, T value) {
    void handTo(TcpEventHandler handler) {
      type.receiver.accept(handler, value);
    }
  }
}
