// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.Loss;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What recordings tell, in short. Lists by line of code have the most important first, and name at
 * most {@link Summarizer#LINES} lines; all beyond are counted as the line {@link
 * Summarizer#OTHER_LINES}. None of the lists is null or can be modified.
 *
 * @param jvms the JVMs that were recorded; empty if the recordings don't tell
 * @param startTime when the first one's recording began; null if there was no event
 * @param endTime when the last one's ended; null if there was no event
 * @param chunks how many chunks were read
 * @param agent how the agent was at last; null if there was none
 * @param sampled how the agent polled the sockets, and what therefore is not recorded, as
 *     sentences; empty if every transition is
 * @param missing which events a kernel could not give and why; empty if all
 * @param losses what the agent has lost, by event type and reason
 * @param bytesLost what Flight Recorder itself has lost; null if nothing
 * @param unknownEnds sockets that ended without an event that tells it
 * @param stretch how long each of the stretches in {@link StateCounts#overTime} is; zero if there
 *     are none
 * @param states in how many sockets were in which state; those without a socket are left out
 * @param connections how many there were
 * @param connecting how long this side's connections took to be established
 * @param accepting how long the accepted ones did, from the SYN to the handshake's end
 * @param slowest the connections that took longest to be established
 * @param failures connections that did not end by FIN, by how they did and by line
 * @param leaks sockets that the other side has closed and this one has not, and those that the
 *     agent found stuck, all still so at the end; by line
 * @param churn the connections by line
 * @param listeners the accepted connections by listening port
 * @param segments what was sent again, and the resets
 * @param bytes payload
 */
public record Summary(
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
    List<ConnectionInfo> slowest,
    List<Failure> failures,
    List<Leak> leaks,
    List<Churn> churn,
    List<Listener> listeners,
    Segments segments,
    Bytes bytes) {

  public Summary {
    jvms = List.copyOf(jvms);
    sampled = List.copyOf(sampled);
    missing = List.copyOf(missing);
    losses = List.copyOf(losses);
    states = List.copyOf(states);
    slowest = List.copyOf(slowest);
    failures = List.copyOf(failures);
    leaks = List.copyOf(leaks);
    churn = List.copyOf(churn);
    listeners = List.copyOf(listeners);
  }

  /** Whether the agent polled, so that lists may lack entries, and counts are bounds. */
  public boolean isSampled() {
    return !sampled.isEmpty();
  }

  /**
   * Connections, and attempts at one. If sampled, {@code connected} counts the sockets that were
   * opened to connect, {@code ended} those that a poll saw gone, and {@code open} all others.
   *
   * @param connected begun by this side within the recording
   * @param accepted begun by the other side within the recording
   * @param before begun before it
   * @param ended ended within it
   * @param open not ended when it did
   * @param failed of those that this side began, never established
   */
  public record Connections(
      long connected, long accepted, long before, long ended, long open, long failed) {}

  /**
   * Connections that did not end by FIN.
   *
   * @param end as in {@link ConnectionInfo#end}
   * @param reason the errno name; null if there was none
   * @param count how many
   * @param line the line of code that opened them
   * @param address of the last one's other side
   * @param port of the last one's other side
   * @param time when the last one ended
   */
  public record Failure(
      String end, String reason, long count, String line, String address, int port, Instant time) {}

  /**
   * Sockets that were left open.
   *
   * @param line the line of code that opened them
   * @param state their state
   * @param count how many
   * @param longest how long the first of them was in this state
   * @param socketId that one's cookie
   * @param address that one's other side
   * @param port that one's other side
   * @param openThread name of the thread that opened that one; null if not known
   * @param opener where that one was opened
   */
  public record Leak(
      String line,
      String state,
      long count,
      Duration longest,
      long socketId,
      String address,
      int port,
      String openThread,
      Opener opener) {}

  /**
   * The connections of one line of code.
   *
   * @param kind {@code CONNECT} or {@code ACCEPT}; null if not known
   * @param line the line
   * @param opened begun within the recording
   * @param ended of all its connections, those whose end the recording tells
   * @param shortLived of those that ended, established ones that lasted less than 100 ms
   */
  public record Churn(String kind, String line, long opened, long ended, long shortLived) {}

  /**
   * A port on which connections were accepted.
   *
   * @param localPort the port
   * @param line the line of code that opened the listener; null if not known
   * @param queueWait how long established connections waited for {@code accept}
   * @param unaccepted how many ended before {@code accept} returned them
   * @param longestQueue the longest queue seen; 0 if never looked at
   * @param queueLimit how many may wait; 0 if never looked at
   * @param drops connections and requests dropped
   */
  public record Listener(
      int localPort,
      String line,
      Distribution queueWait,
      long unaccepted,
      int longestQueue,
      int queueLimit,
      long drops) {}

  /**
   * What went wrong below the connections.
   *
   * @param retransmits segments sent again
   * @param retransmitting connections that sent any again
   * @param resetsSent as the kernel told
   * @param resetsReceived as the kernel told
   */
  public record Segments(
      long retransmits, long retransmitting, long resetsSent, long resetsReceived) {}

  /**
   * Payload in bytes.
   *
   * @param sent by connections that have ended
   * @param received by connections that have ended
   * @param open both ways, by those still open, as far as {@code Throughput} events told it
   * @param retransmitted sent again by connections that have ended
   * @param unread received by connections that have ended, and never read
   */
  public record Bytes(long sent, long received, long open, long retransmitted, long unread) {}
}
