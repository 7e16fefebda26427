// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketEvent;
import java.time.Instant;

/** What the events so far tell of one socket. */
final class WatchedSocket {
  private final long socketId;

  /** Whether its life began within the recording. */
  private final boolean begunHere;

  private SocketEvent last;
  private Opener opener = Opener.UNKNOWN;
  private String kind;
  private String state;
  private Instant since;
  private boolean closeTold;
  private boolean stuck;
  private boolean openTold;
  private int retransmits;
  private long bytes;
  private int seenInChunk;
  private ConnectionInfo connection;

  WatchedSocket(long socketId, boolean begunHere) {
    this.socketId = socketId;
    this.begunHere = begunHere;
  }

  void seen(SocketEvent event, Opener newOpener, int chunk) {
    // What is not known any more was known before: an event may lack the address.
    if (last == null || event.port() != 0 || last.port() == 0) {
      last = event;
    }
    if (opener == Opener.UNKNOWN || newOpener != Opener.UNKNOWN) {
      opener = newOpener;
    }
    seenInChunk = chunk;
  }

  void openedAt(Opener newOpener) {
    opener = newOpener;
  }

  void openTold() {
    openTold = true;
  }

  void is(String newKind) {
    kind = kind == null ? newKind : kind;
  }

  /** It listens, though the hook could not know what it would do. */
  void isListener() {
    kind = "LISTEN";
  }

  void in(String newState, Instant newSince) {
    if (!newState.equals(state)) {
      stuck = false;
      state = newState;
      since = newSince;
    }
  }

  void closeTold() {
    closeTold = true;
  }

  void stuck() {
    stuck = true;
  }

  void retransmitted(int segments) {
    retransmits += segments;
  }

  void moved(long newBytes) {
    bytes += newBytes;
  }

  void ended(ConnectionInfo told) {
    connection = told;
  }

  long socketId() {
    return socketId;
  }

  boolean begunHere() {
    return begunHere;
  }

  SocketEvent last() {
    return last;
  }

  Opener opener() {
    return opener;
  }

  /** {@code CONNECT}, {@code ACCEPT}, {@code LISTEN} or {@code ADOPTED}; null if not known yet. */
  String kind() {
    return kind;
  }

  boolean isConnection() {
    return kind != null && !"LISTEN".equals(kind);
  }

  /** Its last state; null if no event told. */
  String state() {
    return state;
  }

  /** When it entered that state; null if no event told. */
  Instant since() {
    return since;
  }

  /** Whether the agent found it stuck in this state. */
  boolean isStuck() {
    return stuck;
  }

  /** Segments sent again. */
  int retransmits() {
    return connection == null ? retransmits : Math.max(retransmits, connection.retransmits());
  }

  /** Payload both ways: all of it if it has ended, else what was told of it. */
  long bytes() {
    return connection == null ? bytes : connection.bytesSent() + connection.bytesReceived();
  }

  int seenInChunk() {
    return seenInChunk;
  }

  /** How it ended; null if it has not, or no event tells. */
  ConnectionInfo connection() {
    return connection;
  }

  /** Whether a transition to CLOSE was read. */
  boolean isCloseTold() {
    return closeTold;
  }

  /** Whether a {@code SocketOpen} event was read. */
  boolean isOpenTold() {
    return openTold;
  }

  /** Whether its opening is all that is known of it. */
  boolean isOnlyOpened() {
    return state == null && connection == null;
  }

  boolean isClosed() {
    return "CLOSE".equals(state);
  }
}
