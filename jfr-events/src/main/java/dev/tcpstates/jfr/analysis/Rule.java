// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Something that a recording must keep to, for {@link Check}. A rule looks at one recording, once.
 */
public abstract sealed class Rule permits CountRule, LongestRule, PercentileRule, SiteRule {
  private final String name;
  private String event;
  private Proof proof = Proof.NONE;

  Rule(String name) {
    this.name = name;
  }

  /** The rule in a word and its threshold, such as {@code max-resets 0}. */
  public String name() {
    return name;
  }

  /** The same rule, which proves nothing where there can't be such events. */
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

  /** The same rule, of which a sampled recording can prove this. */
  Rule provenBy(Proof newProof) {
    proof = newProof;
    return this;
  }

  /** What a sampled recording can prove of this rule. */
  Proof proof() {
    return proof;
  }

  /** Counts the time that a socket was in a state that it has left. */
  void stateLeft(SocketLife socket, String state, Duration time) {}

  /**
   * Counts a socket, once it has ended or the recording has.
   *
   * @param end when the recording ended; null if the socket did before
   */
  void ended(SocketLife socket, Instant end) {}

  abstract Verdict verdict();

  /** At most so many sockets are in CLOSE_WAIT at the end: the other side has closed, this not. */
  public static Rule maxCloseWait(long limit) {
    return new CountRule(
        "max-close-wait " + limit,
        limit,
        "socket in CLOSE_WAIT",
        (socket, end) -> end != null && "CLOSE_WAIT".equals(socket.state()) ? 1 : 0);
  }

  /** No socket is in CLOSE_WAIT for longer than this. */
  public static Rule maxCloseWaitTime(Duration limit) {
    return new LongestRule(
        "max-close-wait-time " + text(limit), limit, "in CLOSE_WAIT", "CLOSE_WAIT", null);
  }

  /**
   * No socket is left in CLOSE_WAIT at the end, and none that the agent found stuck is still so.
   */
  public static Rule noLeaks() {
    return new CountRule(
            "no-leaks",
            0,
            "leaked socket",
            (socket, end) -> end != null && LineSummary.isLeaked(socket) ? 1 : 0)
        .reliesOn("StuckSocket")
        .provenBy(Proof.STUCK);
  }

  /** At most so many connections are open at the end, in whatever state. */
  public static Rule maxOpen(long limit) {
    return new CountRule(
        "max-open " + limit,
        limit,
        "open connection",
        (socket, end) -> end != null && isCertain(socket) ? 1 : 0);
  }

  /** At most so many connections ended by a reset, from either side. */
  public static Rule maxResets(long limit) {
    return ended(
            "max-resets " + limit,
            limit,
            "reset connection",
            connection -> String.valueOf(connection.end()).startsWith("RESET_BY_"))
        .reliesOn("Reset");
  }

  /** No attempt to connect was refused. */
  public static Rule noRefused() {
    return ended(
        "no-refused", 0, "refused connection", connection -> "REFUSED".equals(connection.end()));
  }

  /**
   * At most so many connections failed: those that this side tried to make and that never were, and
   * those that broke by a timeout or another error. Resets are not among these.
   */
  public static Rule maxFailures(long limit) {
    return ended(
        "max-failures " + limit,
        limit,
        "failed connection",
        connection ->
            Summarizer.isFailed(connection)
                || String.valueOf(connection.end()).matches("TIMEOUT|UNREACHABLE|ERROR"));
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

  /** At most so many segments were sent again. */
  public static Rule maxRetransmits(long limit) {
    return new CountRule(
            "max-retransmits " + limit, limit, "retransmit", (socket, end) -> socket.retransmits())
        .reliesOn("Retransmit");
  }

  /** At most so many connections were begun by this side, the failed ones too. */
  public static Rule maxConnections(long limit) {
    return new CountRule(
            "max-connections " + limit,
            limit,
            "connection",
            (socket, end) -> isConnect(socket) ? 1 : 0)
        .provenBy(Proof.UPPER_BOUND);
  }

  /** At least so many connections were begun or accepted: guards a check against an idle run. */
  public static Rule minConnections(long limit) {
    return new CountRule(
            "min-connections " + limit,
            limit,
            Long.MAX_VALUE,
            "connection",
            (socket, end) -> isCertain(socket) && socket.begunHere() ? 1 : 0)
        .provenBy(Proof.LOWER_BOUND);
  }

  /** At most so many connections were begun by this side with the same stack. */
  public static Rule maxConnectionsPerSite(long limit) {
    return new SiteRule(limit).provenBy(Proof.UPPER_BOUND);
  }

  /**
   * This side began no connection with a class of a package, or of one below it, on the stack.
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
  private static boolean isCertain(SocketLife socket) {
    return socket.isConnection() && (!socket.isOnlyOpened() || socket.kind() == SocketKind.ACCEPT);
  }

  /** As the option has it. */
  private static String text(Duration limit) {
    return Words.duration(limit).replace(" ", "");
  }

  static boolean isConnect(SocketLife socket) {
    return socket.kind() == SocketKind.CONNECT && socket.begunHere();
  }

  /** This side's connections were established within this time. */
  public static Rule maxHandshake(Duration limit) {
    return new LongestRule(
        "max-handshake " + text(limit), limit, "to be established", null, HANDSHAKE);
  }

  /** 99 of 100 of this side's connections were established within this time. */
  public static Rule maxHandshakeP99(Duration limit) {
    return new PercentileRule(
        "max-handshake-p99 " + text(limit), limit, "to be established", HANDSHAKE);
  }

  /** Established connections waited no longer for {@code accept}. */
  public static Rule maxAcceptWait(Duration limit) {
    return new LongestRule(
        "max-accept-wait " + text(limit),
        limit,
        "in the accept queue",
        null,
        connection ->
            "ACCEPT".equals(connection.kind()) && connection.established()
                ? connection.acceptQueueWait()
                : null);
  }

  private static final Function<ConnectionInfo, Duration> HANDSHAKE =
      connection ->
          "CONNECT".equals(connection.kind()) && connection.established()
              ? connection.handshakeTime()
              : null;
}
