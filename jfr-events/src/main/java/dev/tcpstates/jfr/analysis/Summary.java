// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A summary of recordings. Lists by line of code have the most important line first, and at most
 * {@link Summarizer#LINES} lines; all further lines are counted as {@link Summarizer#OTHER_LINES}.
 * No list is null or can be modified.
 *
 * @param findings what is wrong, the worst first, one sentence or two each
 * @param jvms the JVMs that were recorded; empty if the recordings do not have them
 * @param startTime when the first recording started; null if there was no event
 * @param endTime when the last recording ended; null if there was no event
 * @param chunks how many chunks were read
 * @param agent the last state of the agent; null if there was none
 * @param sampled how the agent polled the sockets, and what is therefore not recorded, as
 *     sentences; empty if every transition is recorded
 * @param missing which events a kernel did not support and why; empty if it supports all
 * @param losses what the agent has lost, by event type and reason
 * @param bytesLost what Flight Recorder itself has lost; null if it lost nothing
 * @param unknownEnds sockets that ended without an event
 * @param stretch length of the stretches in {@link StateCounts#overTime}; zero if there are none
 * @param states how many sockets were in which state; only states with any
 * @param connections numbers of connections
 * @param connecting how long this side's connections took to be established
 * @param accepting how long accepted connections took, from the SYN to the handshake's end
 * @param slowest the connections that took longest to be established
 * @param failures connections that did not end by FIN, by end, line and remote side
 * @param leaks sockets in CLOSE_WAIT at the end, and those that the agent reported as stuck then;
 *     by cause, line and remote side
 * @param growth lines that opened connections and ended few; suspected leaks
 * @param churn the connections by line and remote side
 * @param listeners the accepted connections by listening port
 * @param segments retransmits and resets
 * @param bytes payload
 */
public record Summary(
    List<String> findings,
    List<JvmInfo> jvms,
    Instant startTime,
    Instant endTime,
    int chunks,
    AgentInfo agent,
    List<String> sampled,
    List<String> missing,
    List<Loss> losses,
    BytesLost bytesLost,
    long unknownEnds,
    Duration stretch,
    List<StateCounts> states,
    Connections connections,
    Distribution connecting,
    Distribution accepting,
    List<Handshake> slowest,
    List<Failure> failures,
    List<Leak> leaks,
    List<Growth> growth,
    List<Churn> churn,
    List<Listener> listeners,
    Segments segments,
    Bytes bytes) {

  public Summary {
    findings = List.copyOf(findings);
    jvms = List.copyOf(jvms);
    sampled = List.copyOf(sampled);
    missing = List.copyOf(missing);
    losses = List.copyOf(losses);
    states = List.copyOf(states);
    slowest = List.copyOf(slowest);
    failures = List.copyOf(failures);
    leaks = List.copyOf(leaks);
    growth = List.copyOf(growth);
    churn = List.copyOf(churn);
    listeners = List.copyOf(listeners);
  }

  /** Whether the agent polled, so that lists may lack entries and counts are lower bounds. */
  public boolean isSampled() {
    return !sampled.isEmpty();
  }

  /** Whether the agent recorded nothing, so that nothing can be said about the JVM's sockets. */
  public boolean isEmpty() {
    return (agent == null || !agent.attached())
        && states.isEmpty()
        && churn.isEmpty()
        && failures.isEmpty()
        && leaks.isEmpty()
        && connections.ended() + connections.open() == 0;
  }

  /**
   * Connections, and attempts at one. If sampled, {@code connected} counts the sockets that were
   * opened to connect, {@code ended} those that a poll did not find any more, and {@code open} all
   * others.
   *
   * @param connected made by this side within the recording
   * @param accepted made by the remote side within the recording
   * @param before made before the recording
   * @param ended ended within the recording
   * @param open still open at its end
   * @param failed made by this side and not established
   */
  public record Connections(
      long connected, long accepted, long before, long ended, long open, long failed) {}

  /**
   * How long a connection took to be established.
   *
   * @param socketId cookie of the socket
   * @param kind {@code CONNECT} or {@code ACCEPT}
   * @param time from the first transition until it was established
   * @param address remote address
   * @param port remote port
   * @param openedBy the frames that opened it
   * @param openThread name of the thread that opened it; null if unknown
   */
  public record Handshake(
      long socketId,
      SocketKind kind,
      Duration time,
      String address,
      int port,
      String openedBy,
      String openThread) {}

  /**
   * Connections that did not end by FIN, of one line to one remote side; accepted ones of one line.
   *
   * @param end as in {@link ConnectionInfo#end}
   * @param reason the errno name, or else the kernel's reason for its reset; null if there was none
   * @param count how many
   * @param line the line of code that opened them
   * @param address remote address of the last one
   * @param port remote port of the last one
   * @param time when the last one ended
   * @param longest how long the longest attempt to connect took; null if they were established
   * @param idle how long each was without data before its end at least; null if unknown
   * @param unanswered whether each was reset by the remote side after this side had waited for the
   *     first data for at least 1 s
   * @param threads names of the threads that opened them, five at most; can't be modified
   */
  public record Failure(
      ConnectionEnd end,
      String reason,
      long count,
      String line,
      String address,
      int port,
      Instant time,
      Duration longest,
      Duration idle,
      boolean unanswered,
      List<String> threads) {}

  /**
   * Sockets that are stuck when the recording ends, of one line and with one remote side; accepted
   * ones of one line.
   *
   * @param line the line of code that opened them
   * @param state their state
   * @param cause why they are stuck
   * @param count how many
   * @param longest how long the oldest one has been stuck
   * @param bytesUnacknowledged payload that was written and is not acknowledged, in bytes
   * @param bytesUnread payload that was received and is not read, in bytes
   * @param retransmits segments retransmitted since they were opened
   * @param givesUpIn time until the kernel ends the first of them if nothing more comes from the
   *     remote side; null if that is unknown, or never
   * @param socketId cookie of the oldest one
   * @param address remote address of the oldest one
   * @param port remote port of the oldest one
   * @param threads names of the threads that opened them, five at most; can't be modified
   * @param opener the opener of the oldest one
   */
  public record Leak(
      String line,
      TcpState state,
      StuckCause cause,
      long count,
      Duration longest,
      long bytesUnacknowledged,
      long bytesUnread,
      long retransmits,
      Duration givesUpIn,
      long socketId,
      String address,
      int port,
      List<String> threads,
      Opener opener) {}

  /**
   * A line that opened connections and ended few: a suspected leak of established ones.
   *
   * @param kind {@code CONNECT} or {@code ACCEPT}
   * @param line the line
   * @param remote the remote side; null for accepted ones
   * @param open how many it opened that are open and established at the end
   * @param ended how many of its connections have ended
   * @param over from the first opening to the last, without as many as may replace ended ones
   * @param threads names of the threads that opened them, five at most; can't be modified
   */
  public record Growth(
      SocketKind kind,
      String line,
      String remote,
      long open,
      long ended,
      Duration over,
      List<String> threads) {}

  /**
   * The connections of one line of code to one remote side; accepted ones of one line.
   *
   * @param kind {@code CONNECT}, {@code ACCEPT} or {@code ADOPTED}
   * @param line the line
   * @param remote the remote side; null for accepted ones
   * @param opened made within the recording
   * @param ended connections whose end is recorded
   * @param shortLived established connections that lasted less than 100 ms
   * @param threads names of the threads that opened them, five at most; can't be modified
   */
  public record Churn(
      SocketKind kind,
      String line,
      String remote,
      long opened,
      long ended,
      long shortLived,
      List<String> threads) {}

  /**
   * A port on which connections were accepted.
   *
   * @param localPort the port
   * @param line the line of code that opened the listener; null if unknown
   * @param queueWait how long established connections waited for {@code accept}, those that still
   *     wait included
   * @param waiting how many wait at the end
   * @param unaccepted how many ended before {@code accept} returned them
   * @param longestQueue the longest queue; 0 if it was not recorded
   * @param queueLimit how many may wait; 0 if it was not recorded
   * @param drops connections and requests dropped
   */
  public record Listener(
      int localPort,
      String line,
      Distribution queueWait,
      long waiting,
      long unaccepted,
      int longestQueue,
      int queueLimit,
      long drops) {}

  /**
   * Retransmits and resets.
   *
   * @param retransmits retransmitted segments
   * @param retransmitting connections with retransmits
   * @param resetsSent resets that this side sent
   * @param resetsReceived resets that this side received
   */
  public record Segments(
      long retransmits, long retransmitting, long resetsSent, long resetsReceived) {}

  /**
   * Payload in bytes.
   *
   * @param sent by connections that have ended
   * @param received by connections that have ended
   * @param open both ways, by those still open, from {@code Throughput} events
   * @param retransmitted retransmitted by connections that have ended
   * @param unread received by connections that have ended, and not read
   */
  public record Bytes(long sent, long received, long open, long retransmitted, long unread) {}
}
