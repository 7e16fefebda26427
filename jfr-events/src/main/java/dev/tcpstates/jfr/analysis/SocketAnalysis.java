// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.ListenQueueInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ResetInfo;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.StateCountInfo;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Follows each socket from its first event to its end, or to the recording's. Holds those that are
 * open, of each JVM that the recordings are of. Not thread-safe.
 */
public abstract sealed class SocketAnalysis implements TcpEventHandler
    permits Check, StackWeights, Summarizer {
  /** Sockets of which one event told the end, and the other that tells it has not come. */
  private static final int HALF_TOLD = 4_096;

  /** Between two chunks of one recording there is less. */
  private static final Duration GAP = Duration.ofSeconds(1);

  /** Openings that come before the event that says how the agent records; a few at most. */
  private static final int EARLY = 4_096;

  private static final String ADOPTED = "ADOPTED";

  private static final Set<String> WITH_DESCRIPTOR = Set.of("ESTABLISHED", "CLOSE_WAIT", "LISTEN");

  /** One JVM's: its numbers mean nothing in another one. */
  private static final class OfJvm {
    final JvmInfo jvm;
    final Openers.Numbers numbers = new Openers.Numbers();
    final Map<Long, WatchedSocket> open = new HashMap<>();
    final Map<Long, WatchedSocket> halfTold = new LinkedHashMap<>();
    Instant start;
    Instant end;
    Instant now;
    int chunk;
    boolean inventory;
    boolean gaps;

    /** Openings until it is known whether they are all that tells of a socket. */
    List<SocketOpenInfo> early = new ArrayList<>();

    boolean sampled;

    OfJvm(JvmInfo jvm) {
      this.jvm = jvm;
    }
  }

  private final Openers openers = new Openers();
  private final Map<JvmInfo, OfJvm> jvms = new LinkedHashMap<>();
  private OfJvm current;
  private ChunkInfo newChunk;
  private final RecordingLimits limits = new RecordingLimits();
  private long unknownEnds;

  SocketAnalysis() {
    current = jvm0();
  }

  /**
   * A socket is in another state than before, as far as that is known.
   *
   * @param before null if it was not known
   */
  void moved(WatchedSocket socket, String before, Instant time) {}

  /** A socket has left a state in which it was so long. */
  void stayed(WatchedSocket socket, String state, Duration time) {}

  /** Something happened at this time. */
  void reached(Instant time) {}

  /**
   * A socket has ended, or the recording's end was reached, or nothing more will be told of it.
   * Each socket comes here once.
   *
   * @param end when the recording ended; null if the socket did before
   */
  void done(WatchedSocket socket, Instant end) {}

  private OfJvm jvm0() {
    return jvms.computeIfAbsent(null, OfJvm::new);
  }

  @Override
  public void chunk(ChunkInfo chunk) {
    newChunk = chunk;
    current = jvm0();
  }

  @Override
  public void jvm(JvmInfo jvm) {
    current = jvms.computeIfAbsent(jvm, OfJvm::new);
    enterChunk();
  }

  /** Not before it is known whose chunk it is, if that is to be known. */
  private void enterChunk() {
    if (newChunk == null) {
      return;
    }
    ChunkInfo chunk = newChunk;
    newChunk = null;
    if (current.end != null && current.end.plus(GAP).isBefore(chunk.startTime())) {
      current.gaps = true;
    }
    endGone();
    current.chunk++;
    current.inventory = false;
    reach(chunk.startTime());
    reach(chunk.endTime());
  }

  /**
   * The agent lists the open sockets when a chunk begins. One that has a descriptor and is not on
   * the list has ended, and the event that told it was lost; or, in the mode SAMPLED, no poll found
   * it, so that there is no such event.
   */
  private void endGone() {
    if (!current.inventory || !current.gaps && !current.sampled) {
      return;
    }
    List<WatchedSocket> gone = new ArrayList<>(current.open.values());
    gone.removeIf(
        socket ->
            socket.seenInChunk() >= current.chunk
                || !current.sampled && !WITH_DESCRIPTOR.contains("" + socket.state()));
    for (WatchedSocket socket : gone) {
      unknownEnds += current.sampled ? 0 : 1;
      end(socket);
    }
  }

  private void at(Instant time) {
    enterChunk();
    current.now = time;
    reach(time);
  }

  private void reach(Instant time) {
    reached(time);
    if (current.start == null || time.isBefore(current.start)) {
      current.start = time;
    }
    if (current.end == null || time.isAfter(current.end)) {
      current.end = time;
    }
  }

  @Override
  public void openSite(OpenSiteInfo site) {
    enterChunk();
    openers.add(current.numbers, site);
  }

  /** Never null. */
  Opener opener(SocketEvent event) {
    return openers.of(current.numbers, event);
  }

  /** The socket that an event is of, if it has not ended; a new one if none is known. */
  private WatchedSocket socket(SocketEvent event, Instant first) {
    Opener opener = opener(event);
    WatchedSocket socket = current.halfTold.get(event.socketId());
    if (socket != null && socket.kind() == null) {
      current.halfTold.remove(event.socketId());
      current.open.put(event.socketId(), socket);
    }
    if (socket == null) {
      socket =
          current.open.computeIfAbsent(
              event.socketId(),
              id ->
                  new WatchedSocket(
                      id,
                      !ADOPTED.equals(opener.kind())
                          && (current.start == null || !first.isBefore(current.start))));
    }
    socket.seen(event, opener, current.chunk);
    return socket;
  }

  @Override
  public void transition(Transition transition) {
    boolean first = "CLOSE".equals(transition.oldState()) || "LISTEN".equals(transition.oldState());
    at(transition.endTime());
    WatchedSocket socket =
        socket(transition, first ? transition.endTime() : transition.startTime());
    socket.is(kind(socket, transition.listenerId(), transition.newState(), transition.oldState()));
    if (!first) {
      stayed(socket, transition.oldState(), transition.timeInState());
    } else if (!socket.isConnection() && "LISTEN".equals(transition.oldState())) {
      stayed(socket, "LISTEN", transition.timeInState());
    }
    move(socket, transition.newState(), transition.endTime());
    if (socket.isClosed()) {
      socket.closeTold();
      if (!socket.isConnection() || socket.connection() != null) {
        end(socket);
      } else {
        halfTold(socket);
      }
    }
  }

  private void move(WatchedSocket socket, String newState, Instant time) {
    String before = socket.state();
    socket.in(Objects.requireNonNullElse(newState, "UNKNOWN"), time);
    moved(socket, before, current.now);
  }

  private static String kind(WatchedSocket socket, long listenerId, String... states) {
    if (listenerId != 0) {
      return "ACCEPT";
    }
    if (Arrays.asList(states).contains("LISTEN")) {
      return "LISTEN";
    }
    return ADOPTED.equals(socket.opener().kind()) ? ADOPTED : "CONNECT";
  }

  @Override
  public void connection(ConnectionInfo connection) {
    at(connection.endTime());
    WatchedSocket socket = socket(connection, connection.startTime());
    socket.is(connection.kind());
    socket.ended(connection);
    if (current.sampled) {
      // No transition tells how long it was in a state, and none is still to come.
      stayedIfKnown(socket, "ESTABLISHED", connection.timeEstablished());
      stayedIfKnown(socket, "CLOSE_WAIT", connection.timeCloseWait());
      stayedIfKnown(socket, "LAST_ACK", connection.timeLastAck());
    }
    if (socket.isClosed() || current.sampled) {
      end(socket);
    } else {
      halfTold(socket);
    }
  }

  private void stayedIfKnown(WatchedSocket socket, String state, Duration time) {
    if (time != null && !time.isZero()) {
      stayed(socket, state, time);
    }
  }

  /** Keeps a socket for the event that is still to come, while there is room. */
  private void halfTold(WatchedSocket socket) {
    current.open.remove(socket.socketId());
    current.halfTold.put(socket.socketId(), socket);
    if (current.halfTold.size() > HALF_TOLD) {
      end(current.halfTold.values().iterator().next());
    }
  }

  private void end(WatchedSocket socket) {
    current.open.remove(socket.socketId());
    current.halfTold.remove(socket.socketId());
    if (!socket.isClosed() && socket.state() != null) {
      move(socket, "CLOSE", current.now);
    }
    done(socket, null);
  }

  /** What accept returned is the acceptor's from now on. */
  @Override
  public void socketOpen(SocketOpenInfo open) {
    at(open.time());
    WatchedSocket socket = current.open.get(open.socketId());
    Opener opener = current.numbers.get(open.openSiteId());
    if (socket != null && opener != null) {
      socket.openedAt(opener);
    }
    if (current.sampled) {
      opened(open);
    } else if (current.early != null && current.early.size() < EARLY) {
      current.early.add(open);
    }
  }

  /** In the mode SAMPLED, the opening may be all that tells of a socket. */
  private void opened(SocketOpenInfo open) {
    OpenedSocket event = new OpenedSocket(open);
    WatchedSocket socket = current.open.get(open.socketId());
    if (socket == null) {
      socket = socket(event, open.time());
      socket.is(open.kind());
    }
    socket.openTold();
  }

  @Override
  public void socketState(SocketStateInfo state) {
    at(state.time());
    current.inventory = true;
    Instant since = state.time().minus(state.timeInState());
    found(socket(state, since), state.listenerId(), state.state(), since);
  }

  @Override
  public void stuckSocket(StuckSocketInfo stuck) {
    at(stuck.time());
    Instant since = stuck.time().minus(stuck.timeInState());
    WatchedSocket socket = socket(stuck, since);
    found(socket, stuck.listenerId(), stuck.state(), since);
    if (Objects.equals(socket.state(), stuck.state())) {
      socket.stuck();
    }
  }

  /** A look at the socket; what its transitions told is known better. */
  private void found(WatchedSocket socket, long listenerId, String state, Instant since) {
    if (state != null && (socket.state() == null || current.sampled)) {
      socket.is(kind(socket, listenerId, state));
      if (state.equals("LISTEN")) {
        socket.isListener();
      }
      if (!state.equals(socket.state())) {
        move(socket, state, since);
      }
    }
  }

  @Override
  public void retransmit(RetransmitInfo retransmit) {
    at(retransmit.time());
    WatchedSocket socket = socket(retransmit, retransmit.time());
    socket.retransmitted(retransmit.segments());
    if (socket.kind() == null) {
      // Not a socket yet but a request to a listener; whether it becomes one may not be told.
      halfTold(socket);
    }
  }

  @Override
  public void reset(ResetInfo reset) {
    at(reset.time());
  }

  @Override
  public void throughput(ThroughputInfo throughput) {
    at(throughput.time());
    // It may come when the socket has ended, so it begins none.
    WatchedSocket socket = current.open.get(throughput.socketId());
    if (socket != null) {
      socket.moved(throughput.bytesSent() + throughput.bytesReceived());
    }
  }

  @Override
  public void listenQueue(ListenQueueInfo queue) {
    at(queue.time());
  }

  @Override
  public void stateCount(StateCountInfo count) {
    at(count.time());
  }

  @Override
  public void loss(Loss loss) {
    at(loss.to());
    current.gaps = true;
  }

  @Override
  public void dataLoss(DataLoss loss) {
    at(loss.time());
    current.gaps = true;
  }

  @Override
  public void agentState(AgentInfo state) {
    at(state.time());
    limits.add(state);
    if (!state.attached()) {
      return;
    }
    current.sampled = state.isSampled();
    if (current.early != null) {
      List<SocketOpenInfo> early = current.early;
      current.early = null;
      if (current.sampled) {
        early.forEach(this::opened);
      }
    }
  }

  /** Tells of the sockets that are open still. To be called once, when all was read. */
  void end() {
    for (OfJvm jvm : jvms.values()) {
      current = jvm;
      List.copyOf(jvm.halfTold.values()).forEach(this::end);
      if (jvm.sampled) {
        endGone();
      }
      jvm.open.values().forEach(socket -> done(socket, jvm.end));
    }
  }

  /** The JVM that is told of now; null if the recording doesn't say. */
  JvmInfo currentJvm() {
    return current.jvm;
  }

  /** Whether the agent polls that one's sockets. */
  boolean isCurrentSampled() {
    return current.sampled;
  }

  /** What all that was read can't prove. */
  RecordingLimits limits() {
    return limits;
  }

  /** When that one's recording began. */
  Instant currentStart() {
    return current.start;
  }

  /** Sockets whose end was not told. */
  long unknownEnds() {
    return unknownEnds;
  }
}
