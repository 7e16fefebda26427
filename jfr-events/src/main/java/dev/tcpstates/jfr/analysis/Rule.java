// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** A rule for recordings, for {@link Check}. A rule object checks one recording, once. */
public abstract sealed class Rule
    permits CountRule, GrowthRule, LongestRule, PercentileRule, SiteRule {
  /** Not an immutable set: the end may be null. */
  private static final Set<ConnectionEnd> BROKEN =
      EnumSet.of(ConnectionEnd.TIMEOUT, ConnectionEnd.UNREACHABLE, ConnectionEnd.ERROR);

  private final String name;
  private String event;
  private Proof proof = Proof.NONE;

  Rule(String name) {
    this.name = name;
  }

  /** The rule's name and threshold, such as {@code max-resets 0}. */
  public String name() {
    return name;
  }

  /** Makes this rule depend on an event that a kernel may not support. */
  Rule reliesOn(String newEvent) {
    event = newEvent;
    return this;
  }

  /**
   * The event without which the rule proves nothing, by its name without prefix; null for {@code
   * StateChange} and {@code Connection}, which every kernel supports.
   */
  String event() {
    return event;
  }

  /** Sets what a sampled recording can prove of this rule. */
  Rule provenBy(Proof newProof) {
    proof = newProof;
    return this;
  }

  /** What a sampled recording can prove of this rule. */
  Proof proof() {
    return proof;
  }

  /** Counts the time that a socket was in a state that it has left. */
  void stateLeft(SocketLife socket, TcpState state, Duration time) {}

  /**
   * Counts a socket, once it or the recording has ended.
   *
   * @param end when the recording ended; null if the socket ended before
   */
  void ended(SocketLife socket, Instant end) {}

  /** Whether the rule limits a duration that no socket of the recording has. */
  boolean judgedNothing() {
    return false;
  }

  abstract Verdict verdict();

  /**
   * Limits the sockets in CLOSE_WAIT at the end: the remote side has closed them, this side not.
   */
  public static Rule maxCloseWait(long limit) {
    return new CountRule(
        "max-close-wait " + limit,
        limit,
        "socket in CLOSE_WAIT",
        (socket, end) -> end != null && socket.state() == TcpState.CLOSE_WAIT ? 1 : 0);
  }

  /** No socket is in CLOSE_WAIT for longer than this. */
  public static Rule maxCloseWaitTime(Duration limit) {
    return new LongestRule(
        "max-close-wait-time " + text(limit), limit, "in CLOSE_WAIT", TcpState.CLOSE_WAIT, null);
  }

  /**
   * At the end, no socket is in CLOSE_WAIT, or stuck by the agent's reports: not closed, not read,
   * not acknowledged, not accepted.
   */
  public static Rule noLeaks() {
    return new CountRule(
            "no-leaks",
            0,
            "leaked or stuck socket",
            (socket, end) -> end != null && socket.stuckAt(end) != null ? 1 : 0)
        .reliesOn("StuckSocket")
        .provenBy(Proof.STUCK);
  }

  /** Limits the connections that are open at the end, in any state. */
  public static Rule maxOpen(long limit) {
    return new CountRule(
        "max-open " + limit,
        limit,
        "open connection",
        (socket, end) -> end != null && isCertain(socket) ? 1 : 0);
  }

  /** Limits by how much more connections with the same stack are open at the end than before. */
  public static Rule maxOpenGrowth(long limit) {
    return new GrowthRule(limit);
  }

  /** Limits the connections that ended by a reset, from either side. */
  public static Rule maxResets(long limit) {
    return ended("max-resets " + limit, limit, "reset connection", ConnectionInfo::isReset)
        .reliesOn("Reset");
  }

  /** No attempt to connect was refused. */
  public static Rule noRefused() {
    return ended(
        "no-refused",
        0,
        "refused connection",
        connection -> connection.end() == ConnectionEnd.REFUSED);
  }

  /**
   * Limits the failed connections: those that this side tried to make and that were not
   * established, and those that ended by a timeout or another error, but not by a reset.
   */
  public static Rule maxFailures(long limit) {
    return ended(
        "max-failures " + limit,
        limit,
        "failed connection",
        connection -> Summarizer.isFailed(connection) || BROKEN.contains(connection.end()));
  }

  private static Rule ended(
      String name, long limit, String what, Predicate<ConnectionInfo> predicate) {
    return new CountRule(
        name,
        limit,
        what,
        (socket, end) ->
            socket.connection() != null && predicate.test(socket.connection()) ? 1 : 0);
  }

  /** Limits the retransmitted segments. */
  public static Rule maxRetransmits(long limit) {
    return new CountRule(
            "max-retransmits " + limit, limit, "retransmit", (socket, end) -> socket.retransmits())
        .reliesOn("Retransmit");
  }

  /** Limits the connections that this side made, including failed ones. */
  public static Rule maxConnections(long limit) {
    return new CountRule(
            "max-connections " + limit,
            limit,
            "connection",
            (socket, end) -> isConnect(socket) ? 1 : 0)
        .provenBy(Proof.UPPER_BOUND);
  }

  /** Requires a number of connections, made or accepted: a check of an idle run must not pass. */
  public static Rule minConnections(long limit) {
    return new CountRule(
            "min-connections " + limit,
            limit,
            Long.MAX_VALUE,
            "connection",
            (socket, end) -> isCertain(socket) && socket.begunHere() ? 1 : 0)
        .provenBy(Proof.LOWER_BOUND);
  }

  /** Limits the connections that this side made with the same stack. */
  public static Rule maxConnectionsPerSite(long limit) {
    return new SiteRule(limit).provenBy(Proof.UPPER_BOUND);
  }

  /**
   * This side made no connection with a class of a package, or of one below it, on the stack.
   *
   * @param name of a package or class, such as {@code com.example}
   */
  public static Rule noConnectionsFrom(String name) {
    return new CountRule(
            "no-connections-from " + name,
            0,
            "connection",
            (socket, end) -> isConnect(socket) && socket.opener().isFrom(name) ? 1 : 0)
        .provenBy(Proof.UPPER_BOUND);
  }

  /** Whether this is a connection, as opposed to a socket that may never have connected. */
  static boolean isCertain(SocketLife socket) {
    return socket.isConnection() && (!socket.isOnlyOpened() || socket.kind() == SocketKind.ACCEPT);
  }

  /** As in the command's option. */
  private static String text(Duration limit) {
    return Words.duration(limit).replace(" ", "");
  }

  static boolean isConnect(SocketLife socket) {
    return socket.kind() == SocketKind.CONNECT && socket.begunHere();
  }

  /** Limits the time in which this side's connections are established. */
  public static Rule maxHandshake(Duration limit) {
    return new LongestRule(
        "max-handshake " + text(limit),
        limit,
        "to be established",
        null,
        (socket, end) -> HANDSHAKE.apply(socket));
  }

  /** Limits the time in which 99 of 100 of this side's connections are established. */
  public static Rule maxHandshakeP99(Duration limit) {
    return new PercentileRule(
        "max-handshake-p99 " + text(limit), limit, "to be established", HANDSHAKE);
  }

  /**
   * Limits how long established connections wait for {@code accept}. Those that still wait when the
   * recording ends count with their wait until then.
   */
  public static Rule maxAcceptWait(Duration limit) {
    return new LongestRule(
        "max-accept-wait " + text(limit),
        limit,
        "in the accept queue",
        null,
        (socket, end) ->
            socket.kind() == SocketKind.ACCEPT && socket.isEstablished()
                ? socket.acceptQueueWait(end)
                : null);
  }

  /** Of open connections too. */
  private static final Function<SocketLife, Duration> HANDSHAKE =
      socket -> socket.kind() == SocketKind.CONNECT ? known(socket.handshake()) : null;

  /** A handshake that was not observed has the duration 0. */
  private static Duration known(Duration time) {
    return time == null || time.isZero() ? null : time;
  }
}
