// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A socket, with all that the recording tells of it.
 *
 * @param timeline null if the agent polled, so that no transition is recorded
 * @param open null if no hook reported its opening; never if {@code timeline} is null
 * @param end null as long as it has none; a listener never has one
 * @param site null if it is not known who opened the socket
 * @param thread name of the thread that opened it; null if that is not known
 */
record TestSocket(
    SocketTimeline timeline,
    SocketOpenInfo open,
    ConnectionInfo end,
    OpenSiteInfo site,
    String thread) {
  private static final String CLOSE = TcpState.CLOSE.name();
  private static final String LISTEN = TcpState.LISTEN.name();
  private static final String SYN_SENT = TcpState.SYN_SENT.name();
  private static final String ESTABLISHED = TcpState.ESTABLISHED.name();

  /** Whether its life began in the recording: otherwise it is older. */
  boolean isNew() {
    return isListener() || isOutgoing() || isIncoming();
  }

  boolean isListener() {
    return timeline == null ? isOpenedTo("LISTEN") : goes(first(), CLOSE, LISTEN);
  }

  boolean isOutgoing() {
    return timeline == null ? isOpenedTo("CONNECT") : goes(first(), CLOSE, SYN_SENT);
  }

  boolean isIncoming() {
    return timeline == null
        ? isOpenedTo("ACCEPT")
        : first().oldState().equals(LISTEN) && !first().newState().equals(CLOSE);
  }

  private boolean isOpenedTo(String kind) {
    return kind.equals(open.kind());
  }

  long socketId() {
    return timeline == null ? open.socketId() : timeline.socketId();
  }

  boolean isClosed() {
    return state().equals(CLOSE);
  }

  String state() {
    return timeline == null ? "opened, state not recorded" : timeline.lastState();
  }

  /** Whether the transition to CLOSE was read, but not yet the event that tells how it ended. */
  boolean isHalfTold() {
    return isClosed() && end == null && !isListener();
  }

  /** From SYN_SENT to ESTABLISHED; empty if it never was established. */
  Optional<Duration> handshake() {
    return timeline.transitions().stream()
        .filter(transition -> goes(transition, SYN_SENT, ESTABLISHED))
        .map(Transition::timeInState)
        .findFirst();
  }

  Transition first() {
    return timeline.transitions().get(0);
  }

  /** What knows both addresses: the last transition, or else the end; null if nothing does. */
  SocketEvent last() {
    return timeline == null ? end : timeline.transitions().get(timeline.transitions().size() - 1);
  }

  /** All frames that opened it, the innermost first, as {@code pkg.Class.method:line}. */
  List<String> stack() {
    return site == null ? List.of() : site.stack();
  }

  /** Whether a class of this package, or of one in it, or this class itself, opened it. */
  boolean isOpenedFrom(String packageOrClass) {
    return stack().stream()
        .anyMatch(
            frame ->
                frame.startsWith(packageOrClass + ".") || frame.startsWith(packageOrClass + "$"));
  }

  /** The frames that opened it, the application's own first, or why they are not known. */
  String openedBy() {
    String unknownSite = timeline == null ? null : timeline.openedBy();
    return String.valueOf(site == null ? unknownSite : site.openedBy());
  }

  /** The line of code that opened it: the application's own, if there is one. */
  String line() {
    return openedBy().split(" < ")[0];
  }

  private static boolean goes(Transition transition, String from, String to) {
    return transition.oldState().equals(from) && transition.newState().equals(to);
  }
}
