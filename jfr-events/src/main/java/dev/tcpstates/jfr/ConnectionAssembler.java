// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Puts together what belongs to one connection, and hands it over when the connection has ended, or
 * {@link #close} is called. What needs memory are the connections that are open at a time, and the
 * places in the code that opened sockets. Listeners are left out.
 */
public final class ConnectionAssembler implements TcpEventHandler, AutoCloseable {
  private static final String SEPARATOR = " < ";

  private record Key(JvmInfo jvm, long id) {}

  private static final class Socket {
    final List<Transition> transitions = new ArrayList<>(6);
    ConnectionInfo summary;
    SocketStateInfo seen;
    boolean listener;
    boolean closed;
    Instant lastTold = Instant.MIN;

    /** Flushes that one half of its end has waited for the other. */
    int waited;

    boolean ended() {
      return closed || summary != null;
    }
  }

  private final Consumer<? super TcpConnection> consumer;
  private final Map<Key, Socket> sockets = new LinkedHashMap<>();
  private final Map<Key, OpenSiteInfo> sites = new HashMap<>();
  private final Map<Key, Socket> ending = new LinkedHashMap<>();
  private final Set<Long> seenInChunk = new HashSet<>();
  private JvmInfo jvm;
  private Instant chunkStart;

  /**
   * @param consumer receives connections by the time of their end, and at last those still open
   */
  public ConnectionAssembler(Consumer<? super TcpConnection> consumer) {
    this.consumer = consumer;
  }

  @Override
  public void chunk(ChunkInfo chunk) {
    chunkStart = chunk.startTime();
    jvm = null;
  }

  @Override
  public void jvm(JvmInfo newJvm) {
    jvm = newJvm;
  }

  @Override
  public void openSite(OpenSiteInfo site) {
    sites.put(new Key(jvm, site.openSiteId()), site);
  }

  @Override
  public void transition(Transition transition) {
    Socket socket = socket(transition.socketId(), transition.endTime());
    socket.transitions.add(transition);
    socket.listener |= "LISTEN".equals(transition.newState()) || isListenersEnd(transition);
    socket.closed = "CLOSE".equals(transition.newState());
    settle(transition.socketId(), socket);
  }

  /** As opposed to that of a connection that was in its queue. */
  private static boolean isListenersEnd(Transition transition) {
    return "LISTEN".equals(transition.oldState()) && "CLOSE".equals(transition.newState());
  }

  @Override
  public void connection(ConnectionInfo connection) {
    Socket socket = socket(connection.socketId(), connection.endTime());
    socket.summary = connection;
    settle(connection.socketId(), socket);
  }

  @Override
  public void socketState(SocketStateInfo state) {
    seenInChunk.add(state.socketId());
    Socket socket = socket(state.socketId(), state.time());
    socket.seen = state;
    socket.listener |= "LISTEN".equals(state.state());
  }

  private Socket socket(long socketId, Instant time) {
    Socket socket = sockets.computeIfAbsent(new Key(jvm, socketId), key -> new Socket());
    if (time.isAfter(socket.lastTold)) {
      socket.lastTold = time;
    }
    return socket;
  }

  /** Hands over a connection whose end is told by both; until then, it waits for the other. */
  private void settle(long socketId, Socket socket) {
    Key key = new Key(jvm, socketId);
    if (socket.listener && socket.closed) {
      sockets.remove(key);
    } else if (socket.closed && socket.summary != null) {
      sockets.remove(key);
      ending.remove(key);
      handOver(key, socket);
    } else if (socket.ended()) {
      ending.put(key, socket);
    }
  }

  @Override
  public void flushed() {
    for (Iterator<Map.Entry<Key, Socket>> i = ending.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<Key, Socket> entry = i.next();
      if (entry.getValue().waited++ > 0) {
        i.remove();
        sockets.remove(entry.getKey());
        handOver(entry.getKey(), entry.getValue());
      }
    }
    if (chunkStart != null && !seenInChunk.isEmpty()) {
      endThoseGone();
    }
    seenInChunk.clear();
  }

  /**
   * A threshold may have kept a connection's end from being recorded: it is over if it is older
   * than the chunk and was not seen at its begin.
   */
  private void endThoseGone() {
    List<Key> gone = new ArrayList<>();
    sockets.forEach(
        (key, socket) -> {
          boolean there = seenInChunk.contains(key.id()) || !socket.lastTold.isBefore(chunkStart);
          if (Objects.equals(key.jvm(), jvm) && !there && !socket.ended()) {
            gone.add(key);
          }
        });
    for (Key key : gone) {
      Socket socket = sockets.remove(key);
      socket.closed = true;
      handOver(key, socket);
    }
  }

  /** Hands over what is left: the connections that were open at the end. */
  @Override
  public void close() {
    sockets.forEach(this::handOver);
    sockets.clear();
    ending.clear();
  }

  private void handOver(Key key, Socket socket) {
    if (socket.listener) {
      return;
    }
    TcpConnection connection =
        new TcpConnection(
            key.jvm(),
            key.id(),
            socket.transitions,
            socket.summary,
            socket.seen,
            socket.ended(),
            List.of());
    OpenSiteInfo site = sites.get(new Key(key.jvm(), connection.openSiteId()));
    List<String> stack = site == null ? List.of() : site.stack();
    if (stack.isEmpty() && connection.openedBy() != null) {
      stack = List.of(connection.openedBy().split(SEPARATOR));
    }
    consumer.accept(
        new TcpConnection(
            key.jvm(),
            key.id(),
            socket.transitions,
            socket.summary,
            socket.seen,
            socket.ended(),
            stack));
  }
}
