// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import java.time.Duration;
import java.time.Instant;

/**
 * One socket, from the events that {@link SocketModel} has read. Only the model changes it. Not
 * thread-safe.
 */
public final class SocketLife {
  /** Longer than the end of a chunk takes. */
  private static final Duration CHUNK_END = Duration.ofSeconds(3);

  private final long socketId;
  private final boolean begunHere;
  private final Instant begun;

  private SocketEvent last;
  private Opener opener = Opener.UNKNOWN;
  private boolean openerIsFinal;
  private String thread;
  private SocketKind kind;
  private Transition lastTransition;
  private boolean begunByTransition;
  private TcpState state;
  private Instant since;
  private Duration handshake;
  private Instant establishedAt;
  private Instant openedAt;
  private Duration closeWait;
  private boolean closeRecorded;
  private StuckSocketInfo stuck;
  private String resetReason;
  private boolean inAcceptQueue;
  private boolean openRecorded;
  private int retransmits;
  private long bytes;
  private int lastChunk;
  private ConnectionInfo connection;

  SocketLife(long socketId, boolean begunHere, Instant begun) {
    this.socketId = socketId;
    this.begunHere = begunHere;
    this.begun = begun;
  }

  void addEvent(SocketEvent event, Opener newOpener, int chunk) {
    // An event may lack the remote address that an earlier one had.
    if (last == null || event.port() != 0 || last.port() == 0) {
      last = event;
    }
    boolean known = opener != Opener.UNKNOWN && newOpener == Opener.UNKNOWN;
    if (openerIsFinal ? newOpener.namesListener() : !known) {
      opener = newOpener;
      thread = event.openThread() == null ? thread : event.openThread();
    }
    lastChunk = chunk;
  }

  void addTransition(Transition transition) {
    begunByTransition |=
        lastTransition == null
            && startsLife(transition)
            && !(transition.oldState() == TcpState.LISTEN
                && transition.newState() == TcpState.CLOSE);
    lastTransition = transition;
    if (handshake == null && transition.newState() == TcpState.ESTABLISHED) {
      handshake = transition.timeInState();
      establishedAt = transition.endTime();
    }
    if (transition.oldState() == TcpState.CLOSE_WAIT) {
      closeWait = transition.timeInState();
    }
    closeRecorded |= transition.newState() == TcpState.CLOSE;
  }

  /** Whether a transition can be a socket's first. */
  static boolean startsLife(Transition transition) {
    return transition.oldState() == TcpState.CLOSE || transition.oldState() == TcpState.LISTEN;
  }

  /** Sets the opener from the opening itself: events read later may still have another one. */
  void setOpener(Opener newOpener, String newThread) {
    openerIsFinal = true;
    opener = opener.namesListener() ? opener : newOpener;
    thread = newThread;
  }

  void setOpenedAt(Instant time) {
    openedAt = time;
  }

  void setOpenRecorded() {
    openRecorded = true;
  }

  /** Sets the kind, unless it is known. */
  void setKind(SocketKind newKind) {
    kind = kind == null ? newKind : kind;
  }

  /** The socket listens, which the hook at its opening could not know. */
  void setListener() {
    kind = SocketKind.LISTEN;
  }

  void setState(TcpState newState, Instant newSince) {
    if (newState != state || since == null) {
      stuck = null;
      state = newState;
      since = newSince;
    }
  }

  void setStuck(StuckSocketInfo event) {
    stuck = event;
  }

  void setResetReason(String reason) {
    resetReason = reason == null ? resetReason : reason;
  }

  /** The recording ends, and {@code accept} has not returned the connection. */
  void setInAcceptQueue() {
    inAcceptQueue = true;
  }

  void addRetransmits(int segments) {
    retransmits += segments;
  }

  void addBytes(long newBytes) {
    bytes += newBytes;
  }

  void setConnection(ConnectionInfo newConnection) {
    connection = newConnection;
  }

  /** Cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}. */
  public long socketId() {
    return socketId;
  }

  /** Whether the socket was opened within the recording. */
  public boolean begunHere() {
    return begunHere;
  }

  /** When the socket was first seen in the recording. */
  public Instant begun() {
    return begun;
  }

  /** Why the kernel sent a reset, by its name; null if it sent none or gave no reason. */
  public String resetReason() {
    return resetReason;
  }

  /** Whether the connection is established and waits for {@code accept} at the end. */
  public boolean isInAcceptQueue() {
    return inAcceptQueue;
  }

  /** When the connection was established; null if it was not, or unknown. */
  public Instant establishedAt() {
    return establishedAt;
  }

  /** Whether an event was read with which {@code accept} returned the connection. */
  boolean isAcceptRecorded() {
    return openedAt != null;
  }

  /** Whether the first transition that was read is the first that the socket made. */
  public boolean begunByTransition() {
    return begunByTransition;
  }

  /** The last event that has the addresses, or else the last event; never null. */
  public SocketEvent last() {
    return last;
  }

  /** The code that opened the socket; never null. */
  public Opener opener() {
    return opener;
  }

  /** Name of the thread that opened the socket; null if unknown. */
  public String thread() {
    return thread;
  }

  /** How the socket was created; null while no event has shown it. */
  public SocketKind kind() {
    return kind;
  }

  /** Whether the socket is a connection or an attempt at one, as opposed to a listener. */
  public boolean isConnection() {
    return kind != null && kind != SocketKind.LISTEN;
  }

  public boolean isListener() {
    return kind == SocketKind.LISTEN;
  }

  /** The last state; null if no event has shown one, or it is unknown. */
  public TcpState state() {
    return state;
  }

  /** When the socket entered that state; null if no event has shown one. */
  public Instant since() {
    return since;
  }

  /**
   * How long the socket took to be established, by its own transition or else by its {@code
   * Connection} event; null if it was not, or it is unknown.
   */
  public Duration handshake() {
    return handshake == null && connection != null && connection.established()
        ? connection.handshakeTime()
        : handshake;
  }

  /** Whether any event shows that the socket was established. */
  public boolean isEstablished() {
    return establishedAt != null || connection != null && connection.established();
  }

  /**
   * How long the established connection waited for {@code accept}; null if it was not accepted, or
   * that is not known.
   */
  public Duration acceptQueueWait() {
    if (connection != null) {
      return connection.acceptQueueWait();
    }
    if (kind != SocketKind.ACCEPT || establishedAt == null || openedAt == null) {
      return null;
    }
    Duration wait = Duration.between(establishedAt, openedAt);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  /**
   * The same; of a connection that still waits when the recording ends, how long it has waited.
   *
   * @param end when the recording ended; null if the socket ended before
   */
  Duration acceptQueueWait(Instant end) {
    return inAcceptQueue ? Duration.between(establishedAt, end) : acceptQueueWait();
  }

  /** How long the socket was in CLOSE_WAIT before it left it; null if unknown. */
  public Duration closeWait() {
    return closeWait == null && connection != null ? connection.timeCloseWait() : closeWait;
  }

  /** The last transition that was read; null if none was. */
  public Transition lastTransition() {
    return lastTransition;
  }

  /** The last {@code StuckSocket} event of the current state; null if there was none. */
  public StuckSocketInfo stuck() {
    return stuck;
  }

  /**
   * Why the socket is stuck when the recording ends; null if it is not. The agent emits a {@code
   * StuckSocket} event for each stuck socket when a chunk ends, so one that makes progress again
   * has none at the end.
   *
   * @param end when the recording ended
   */
  public StuckCause stuckAt(Instant end) {
    if (stuck != null
        && stuck.cause() != null
        && (stuck.cause().isOfState(state) || !stuck.time().plus(CHUNK_END).isBefore(end))) {
      return stuck.cause();
    }
    return state == TcpState.CLOSE_WAIT ? StuckCause.NOT_CLOSED : null;
  }

  /** Retransmitted segments. */
  public int retransmits() {
    return connection == null ? retransmits : Math.max(retransmits, connection.retransmits());
  }

  /** Payload both ways: all of it if the socket has ended, else the sum of its throughput. */
  public long bytes() {
    return connection == null ? bytes : connection.bytesSent() + connection.bytesReceived();
  }

  /** Number of the chunk that has the socket's last event. */
  int lastChunk() {
    return lastChunk;
  }

  /** How the connection ended; null if it has not, or no event was read that shows it. */
  public ConnectionInfo connection() {
    return connection;
  }

  /** Whether a transition to CLOSE was read. */
  public boolean isCloseRecorded() {
    return closeRecorded;
  }

  /** Whether a {@code SocketOpen} event was read, if the agent polls. */
  public boolean isOpenRecorded() {
    return openRecorded;
  }

  /** Whether only the opening is recorded. */
  public boolean isOnlyOpened() {
    return state == null && connection == null;
  }

  public boolean isClosed() {
    return state == TcpState.CLOSE;
  }
}
