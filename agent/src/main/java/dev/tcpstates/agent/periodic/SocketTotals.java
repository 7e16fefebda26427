// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.record.Opener;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.StuckSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** What one snapshot shows of this JVM's sockets, added up. */
public final class SocketTotals {
  /**
   * A listener.
   *
   * @param socketId its cookie
   * @param port 1 to 65535
   * @param length how many connections wait for accept
   * @param limit how many may wait
   * @param drops what it dropped since it was opened; the kernel's number may wrap
   * @param older whether it may have dropped some of them before the agent
   */
  public record Listener(
      long socketId, int port, long length, long limit, int drops, boolean older) {}

  /**
   * Sockets of one call site in one state.
   *
   * @param siteId the call site's number; 0 if the opener is unknown
   * @param state a request sock is in SYN_RECV
   */
  public record Place(long siteId, TcpState state) {}

  /**
   * A connection that is established, or was.
   *
   * @param server whether a listener of this JVM accepted it
   * @param older whether it is older than the agent
   * @param address the remote address
   */
  public record Established(long socketId, boolean server, boolean older, String address) {}

  private final boolean withTimeWait;
  private final Map<TcpState, Integer> states = new LinkedHashMap<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final Map<Place, Integer> open = new LinkedHashMap<>();
  private final Map<Place, Integer> stuck = new LinkedHashMap<>();
  private final List<Established> established = new ArrayList<>();

  /**
   * @param withTimeWait whether the snapshot holds what is in TIME_WAIT
   * @param listed whether {@link #established} is needed
   * @param connections takes each connection, and attempt at one
   */
  SocketTotals(
      SocketSnapshot now,
      boolean withTimeWait,
      boolean listed,
      Consumer<SnapshotView> connections,
      TimeWaits timeWaits,
      OpenerLookup openers,
      Function<SnapshotView, String> addresses,
      List<StuckSocket> stuckSockets) {
    this.withTimeWait = withTimeWait;
    now.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            TcpState state = state(socket.state());
            if (state == null) {
              return;
            }
            states.merge(state, 1, Integer::sum);
            if (state == TcpState.LISTEN) {
              listeners.add(
                  new Listener(
                      socket.socketId(),
                      socket.localPort(),
                      socket.receiveQueue(),
                      socket.sendQueue(),
                      socket.drops(),
                      socket.older()));
            } else {
              connections.accept(socket);
              if (listed && state != TcpState.SYN_SENT && state != TcpState.SYN_RECV) {
                established.add(
                    new Established(
                        socket.socketId(),
                        socket.listenerId() != 0 || openers.isAccepted(socket.socketId()),
                        socket.older(),
                        addresses.apply(socket)));
              }
            }
            Opener opener =
                openers.of(socket.socketId(), socket.listenerId(), socket.localPort(), now.time());
            open.merge(new Place(opener.siteId(), state), 1, Integer::sum);
          }

          @Override
          public void timeWait(long socketId, int state) {
            TcpState known = state(state);
            if (known != null && timeWaits.isOwn(socketId)) {
              states.merge(known, 1, Integer::sum);
            }
          }
        });
    for (StuckSocket socket : stuckSockets) {
      Place place = new Place(socket.openSiteId, TcpState.valueOf(socket.state));
      stuck.merge(place, 1, Integer::sum);
    }
  }

  private static TcpState state(int number) {
    TcpState[] all = TcpState.values();
    TcpState state = number >= 1 && number <= all.length ? all[number - 1] : null;
    return state == TcpState.NEW_SYN_RECV ? TcpState.SYN_RECV : state;
  }

  /** Whether TIME_WAIT is among the states: some kernels refuse to list it. */
  public boolean hasTimeWait() {
    return withTimeWait;
  }

  /** How many sockets are in each state; a state without sockets may be missing. */
  public Map<TcpState, Integer> states() {
    return states;
  }

  /** The listeners, one by one. */
  public List<Listener> listeners() {
    return listeners;
  }

  /** The open sockets by call site and state, without those in TIME_WAIT. */
  public Map<Place, Integer> open() {
    return open;
  }

  /** The stuck ones of them. */
  public Map<Place, Integer> stuck() {
    return stuck;
  }

  /** Each of them that is or was established, if asked for. */
  public List<Established> established() {
    return established;
  }
}
