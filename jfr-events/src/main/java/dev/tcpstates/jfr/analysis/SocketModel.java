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
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.StateCountInfo;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The life of each socket, from the events of a recording or a stream: from its first event to its
 * end, or to the recording's. A subclass overrides the methods that report what happens to a
 * socket. Memory grows with the sockets that are open at a time, of all JVMs. Not thread-safe.
 *
 * <p>A connection ends by two events, its transition to CLOSE and {@code Connection}, in either
 * order and maybe in two chunks; one of them suffices if the other is not recorded.
 */
public class SocketModel implements TcpEventHandler {
  /** How many sockets are kept after one of the two events of their end, until the other one. */
  private static final int HALF_ENDED = 4_096;

  /** More than end while a snapshot is taken. */
  private static final int ENDED = 10_000;

  /** Two chunks of one recording are closer. */
  private static final Duration GAP = Duration.ofSeconds(1);

  /** How many openings are kept until an {@code AgentState} event shows the mode. */
  private static final int EARLY = 4_096;

  private static final Set<TcpState> WITH_DESCRIPTOR =
      EnumSet.of(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT, TcpState.LISTEN);

  /** The sockets of one JVM, within which socket ids are unique. */
  private static final class JvmSockets {
    final JvmInfo jvm;
    final Openers.Numbers numbers = new Openers.Numbers();
    final Map<Long, SocketLife> open = new HashMap<>();
    final Map<Long, SocketLife> halfEnded = new LinkedHashMap<>();

    /** The last ones that have ended. */
    final Set<Long> ended =
        Collections.newSetFromMap(
            new LinkedHashMap<>() {
              private static final long serialVersionUID = 1;

              @Override
              protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
                return size() > ENDED;
              }
            });

    Instant start;
    Instant end;
    Instant now;
    int chunk;
    boolean inventory;
    boolean gaps;

    /** Openings before the mode is known; null afterwards. */
    List<SocketOpenInfo> early = new ArrayList<>();

    /**
     * Openings whose {@code OpenSite} event was not read yet, by its number, until the chunk ends.
     */
    final Map<Long, List<SocketOpenInfo>> unnamed = new HashMap<>();

    boolean sampled;

    /** Whether openings are recorded at all. */
    boolean openings;

    JvmSockets(JvmInfo jvm) {
      this.jvm = jvm;
    }
  }

  private final Openers openers = new Openers();
  private final Map<JvmInfo, JvmSockets> jvms = new LinkedHashMap<>();
  private JvmSockets current;
  private ChunkInfo newChunk;
  private final RecordingLimits limits = new RecordingLimits();
  private long unknownEnds;

  /** Creates a model without sockets. */
  public SocketModel() {
    current = unknownJvm();
  }

  /**
   * Reports that a socket has entered another state.
   *
   * @param before the state before; null if it was not known
   */
  protected void stateChanged(SocketLife socket, TcpState before, Instant time) {}

  /**
   * Reports that a socket has left a state.
   *
   * @param time how long it was in the state
   */
  protected void stateLeft(SocketLife socket, TcpState state, Duration time) {}

  /** Reports the time of an event, or of the start or end of a chunk; not in order. */
  protected void timeReached(Instant time) {}

  /**
   * Reports, once for each socket, that no event of it follows: it has ended, or the recording has.
   *
   * @param end when the recording ended; null if the socket ended before
   */
  protected void ended(SocketLife socket, Instant end) {}

  /**
   * Returns a life that was reported as ended, if the subclass keeps it, or else null. A connection
   * may end before {@code accept} returns it, and so before its opener is known.
   */
  protected SocketLife endedLife(long socketId) {
    return null;
  }

  private JvmSockets unknownJvm() {
    return jvms.computeIfAbsent(null, JvmSockets::new);
  }

  @Override
  public void chunk(ChunkInfo chunk) {
    newChunk = chunk;
    current = unknownJvm();
  }

  @Override
  public void jvm(JvmInfo jvm) {
    current = jvms.computeIfAbsent(jvm, JvmSockets::new);
    enterChunk();
  }

  /** A chunk is entered at its first event, when its JVM is known. */
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
    current.unnamed.clear();
    reach(chunk.startTime());
    reach(chunk.endTime());
  }

  /**
   * The agent emits a {@code SocketState} event for each open socket when a chunk starts. A socket
   * that has a descriptor and no such event has ended, and the event of its end was lost. In the
   * mode SAMPLED there may be no such event, because no poll found the socket.
   */
  private void endGone() {
    if (!current.inventory || !current.gaps && !current.sampled) {
      return;
    }
    List<SocketLife> gone = new ArrayList<>(current.open.values());
    gone.removeIf(
        socket ->
            socket.lastChunk() >= current.chunk
                || !current.sampled && !WITH_DESCRIPTOR.contains(socket.state()));
    for (SocketLife socket : gone) {
      unknownEnds += current.sampled ? 0 : 1;
      end(socket);
    }
  }

  private void advance(Instant time) {
    enterChunk();
    current.now = time;
    reach(time);
  }

  private void reach(Instant time) {
    timeReached(time);
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
    List<SocketOpenInfo> waiting = current.unnamed.remove(site.openSiteId());
    if (waiting != null) {
      waiting.forEach(this::setOpener);
    }
  }

  /** The code that opened the event's socket; never null. */
  protected final Opener opener(SocketEvent event) {
    return openers.of(current.numbers, event);
  }

  /**
   * The open socket of an event; a new one if none is known.
   *
   * @param first when the socket began, or not later
   * @param child whether it is a connection to a listener. Its opener is the listener's until
   *     {@code accept} returns it, so if that was adopted, the connection was not.
   */
  private SocketLife socket(SocketEvent event, Instant first, boolean child) {
    Opener opener = opener(event);
    SocketLife socket = current.halfEnded.get(event.socketId());
    if (socket != null && socket.kind() == null) {
      current.halfEnded.remove(event.socketId());
      current.open.put(event.socketId(), socket);
    }
    if (socket == null) {
      socket =
          current.open.computeIfAbsent(
              event.socketId(),
              id ->
                  new SocketLife(
                      id,
                      (child || !isAdopted(opener))
                          && (current.start == null || !first.isBefore(current.start)),
                      first));
    }
    socket.addEvent(event, opener, current.chunk);
    return socket;
  }

  @Override
  public void transition(Transition transition) {
    boolean first = SocketLife.startsLife(transition);
    advance(transition.endTime());
    SocketLife socket =
        socket(
            transition,
            first ? transition.endTime() : transition.startTime(),
            isQueued(transition) || transition.listenerId() != 0);
    socket.setKind(kind(socket, transition));
    socket.addTransition(transition);
    if (!first) {
      stateLeft(socket, transition.oldState(), transition.timeInState());
    } else if (!socket.isConnection() && transition.oldState() == TcpState.LISTEN) {
      stateLeft(socket, TcpState.LISTEN, transition.timeInState());
    }
    move(socket, transition.newState(), transition.endTime());
    if (socket.isClosed()) {
      if (!socket.isConnection() || socket.connection() != null) {
        end(socket);
      } else {
        halfEnded(socket);
      }
    }
  }

  private void move(SocketLife socket, TcpState newState, Instant time) {
    TcpState before = socket.state();
    socket.setState(newState, time);
    stateChanged(socket, before, current.now);
  }

  /** Whether it is of a connection in the queue: from LISTEN, not to CLOSE, or from SYN_RECV. */
  private static boolean isQueued(Transition transition) {
    return transition.oldState() == TcpState.SYN_RECV
        || transition.oldState() == TcpState.LISTEN && transition.newState() != TcpState.CLOSE;
  }

  private static SocketKind kind(SocketLife socket, Transition transition) {
    return isQueued(transition)
        ? SocketKind.ACCEPT
        : kind(
            socket,
            transition.listenerId(),
            transition.oldState() == TcpState.LISTEN || transition.newState() == TcpState.LISTEN);
  }

  private static SocketKind kind(SocketLife socket, long listenerId, boolean listens) {
    if (listenerId != 0) {
      return SocketKind.ACCEPT;
    }
    if (listens) {
      return SocketKind.LISTEN;
    }
    return isAdopted(socket.opener()) ? SocketKind.ADOPTED : SocketKind.CONNECT;
  }

  private static boolean isAdopted(Opener opener) {
    return opener.kind() == SocketKind.ADOPTED;
  }

  @Override
  public void connection(ConnectionInfo connection) {
    advance(connection.endTime());
    SocketLife earlier = current.halfEnded.get(connection.socketId());
    if (earlier != null && earlier.connection() != null) {
      end(earlier); // a socket has one Connection event
    }
    SocketLife socket =
        socket(connection, connection.startTime(), connection.kind() == SocketKind.ACCEPT);
    socket.setKind(connection.kind());
    socket.setConnection(connection);
    if (current.sampled) {
      // In a sampled recording, only this event has the times in the states.
      stayedIfKnown(socket, TcpState.ESTABLISHED, connection.timeEstablished());
      stayedIfKnown(socket, TcpState.CLOSE_WAIT, connection.timeCloseWait());
      stayedIfKnown(socket, TcpState.LAST_ACK, connection.timeLastAck());
    }
    if (socket.isClosed() || current.sampled) {
      end(socket);
    } else {
      halfEnded(socket);
    }
  }

  private void stayedIfKnown(SocketLife socket, TcpState state, Duration time) {
    if (time != null && !time.isZero()) {
      stateLeft(socket, state, time);
    }
  }

  /** Keeps a socket until the other event of its end, while there is room. */
  private void halfEnded(SocketLife socket) {
    current.open.remove(socket.socketId());
    current.halfEnded.put(socket.socketId(), socket);
    if (current.halfEnded.size() > HALF_ENDED) {
      end(current.halfEnded.values().iterator().next());
    }
  }

  private void end(SocketLife socket) {
    current.open.remove(socket.socketId());
    current.halfEnded.remove(socket.socketId());
    current.ended.add(socket.socketId());
    if (!socket.isClosed() && socket.state() != null) {
      move(socket, TcpState.CLOSE, current.now);
    }
    ended(socket, null);
  }

  /** From now on, the opener of an accepted socket is the acceptor instead of the listener. */
  @Override
  public void socketOpen(SocketOpenInfo open) {
    advance(open.time());
    current.openings = true;
    SocketLife socket = opened(open.socketId());
    if (socket != null) {
      socket.setOpenedAt(open.time());
      setOpener(open);
    }
    if (current.sampled) {
      opened(open);
    } else if (current.early != null && current.early.size() < EARLY) {
      current.early.add(open);
    }
  }

  /** A socket that Java code has opened, which may have ended before; null if it is not known. */
  private SocketLife opened(long socketId) {
    SocketLife socket = current.open.get(socketId);
    return socket != null ? socket : current.halfEnded.getOrDefault(socketId, endedLife(socketId));
  }

  /**
   * Sets the opener. If the {@code OpenSite} event was not read yet, this is done when it is read.
   */
  private void setOpener(SocketOpenInfo open) {
    Opener opener = current.numbers.get(open.openSiteId());
    SocketLife socket = opened(open.socketId());
    if (opener == null) {
      current.unnamed.computeIfAbsent(open.openSiteId(), id -> new ArrayList<>()).add(open);
    } else if (socket != null) {
      socket.setOpener(opener, open.thread());
    }
  }

  /** In the mode SAMPLED, the opening may be the only event of a socket. */
  private void opened(SocketOpenInfo open) {
    SocketLife socket = current.open.get(open.socketId());
    if (socket == null) {
      socket = socket(open, open.time(), false);
      socket.setKind(open.kind());
    }
    socket.setOpenRecorded();
  }

  /**
   * Whether an event of a snapshot comes after the socket's end. The snapshot found the socket,
   * which ended before the event was made; the kernel uses no socket's id again.
   */
  private boolean endedMeanwhile(long socketId) {
    if (current.sampled) {
      return false;
    }
    SocketLife half = current.halfEnded.get(socketId);
    return current.ended.contains(socketId)
        || half != null && (half.isClosed() || half.connection() != null);
  }

  @Override
  public void socketState(SocketStateInfo state) {
    advance(state.time());
    current.inventory = true;
    if (endedMeanwhile(state.socketId())) {
      return;
    }
    Instant since = state.time().minus(state.timeInState());
    found(socket(state, since, state.listenerId() != 0), state.listenerId(), state.state(), since);
  }

  @Override
  public void stuckSocket(StuckSocketInfo stuck) {
    advance(stuck.time());
    if (endedMeanwhile(stuck.socketId())) {
      return;
    }
    Instant since = stuck.time().minus(stuck.timeInState());
    SocketLife socket = socket(stuck, since, stuck.listenerId() != 0);
    found(socket, stuck.listenerId(), stuck.state(), since);
    if (socket.state() == stuck.state()) {
      socket.setStuck(stuck);
    }
  }

  /** Updates a socket from a snapshot, unless transitions show its state more exactly. */
  private void found(SocketLife socket, long listenerId, TcpState state, Instant since) {
    if (state != null && (socket.state() == null || current.sampled)) {
      socket.setKind(kind(socket, listenerId, state == TcpState.LISTEN));
      if (state == TcpState.LISTEN) {
        socket.setListener();
      }
      if (state != socket.state()) {
        move(socket, state, since);
      }
    }
  }

  @Override
  public void retransmit(RetransmitInfo retransmit) {
    advance(retransmit.time());
    SocketLife socket = socket(retransmit, retransmit.time(), false);
    socket.addRetransmits(retransmit.segments());
    if (socket.kind() == null) {
      // A request sock, which may end without any other event.
      halfEnded(socket);
    }
  }

  @Override
  public void reset(ResetInfo reset) {
    advance(reset.time());
    SocketLife socket = opened(reset.socketId());
    if (socket != null) {
      socket.setResetReason(reset.reason());
    }
  }

  @Override
  public void throughput(ThroughputInfo throughput) {
    advance(throughput.time());
    // It may follow the socket's end, so it creates no socket.
    SocketLife socket = current.open.get(throughput.socketId());
    if (socket != null) {
      socket.addBytes(throughput.bytesSent() + throughput.bytesReceived());
    }
  }

  @Override
  public void listenQueue(ListenQueueInfo queue) {
    advance(queue.time());
  }

  @Override
  public void stateCount(StateCountInfo count) {
    advance(count.time());
  }

  @Override
  public void loss(Loss loss) {
    advance(loss.to());
    current.gaps = true;
  }

  @Override
  public void dataLoss(DataLoss loss) {
    advance(loss.time());
    current.gaps = true;
  }

  @Override
  public void agentState(AgentInfo state) {
    advance(state.time());
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

  /**
   * Reports the sockets that are still open as ended. To be called once, when all events were read.
   */
  public final void end() {
    for (JvmSockets jvm : jvms.values()) {
      current = jvm;
      List.copyOf(jvm.halfEnded.values()).forEach(this::end);
      if (jvm.sampled) {
        endGone();
      }
      for (SocketLife socket : jvm.open.values()) {
        if (isInAcceptQueue(socket)) {
          socket.setInAcceptQueue();
        }
        ended(socket, jvm.end);
      }
    }
  }

  /** Where openings are recorded, a connection without one was not returned by {@code accept}. */
  private boolean isInAcceptQueue(SocketLife socket) {
    return current.openings
        && socket.kind() == SocketKind.ACCEPT
        && socket.begunHere()
        && socket.isEstablished()
        && socket.connection() == null
        && !socket.isAcceptRecorded();
  }

  /** The JVM of the current event; null if the recording does not have it. */
  protected final JvmInfo currentJvm() {
    return current.jvm;
  }

  /** Whether the agent polls the sockets of that JVM. */
  protected final boolean isCurrentSampled() {
    return current.sampled;
  }

  /** What the events read can't prove. */
  public final RecordingLimits limits() {
    return limits;
  }

  /** When the recording of that JVM started. */
  protected final Instant currentStart() {
    return current.start;
  }

  /** How many sockets ended without an event. */
  protected final long unknownEnds() {
    return unknownEnds;
  }
}
