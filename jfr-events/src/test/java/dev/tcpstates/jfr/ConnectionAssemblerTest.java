// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionAssemblerTest {
  @TempDir Path dir;

  @Test
  void whatBelongsToOneConnectionIsTogether() throws Exception {
    List<TcpConnection> connections =
        read(
            chunk(
                () -> {
                  site(7, "app.Client.ask:12\njava.net.Socket.connect:3");
                  change(1, "CLOSE", "SYN_SENT", 7);
                  change(2, "CLOSE", "SYN_SENT", 0);
                  change(1, "SYN_SENT", "ESTABLISHED", 7);
                  change(1, "ESTABLISHED", "CLOSE", 7);
                  ended(1, "RESET_BY_REMOTE", 7);
                  change(2, "SYN_SENT", "ESTABLISHED", 0);
                }));

    assertEquals(2, connections.size());
    TcpConnection one = connections.get(0);
    assertEquals(1, one.socketId());
    assertEquals(
        List.of("SYN_SENT", "ESTABLISHED", "CLOSE"),
        one.transitions().stream().map(Transition::newState).toList());
    assertEquals("RESET_BY_REMOTE", one.summary().end());
    assertEquals(List.of("app.Client.ask:12", "java.net.Socket.connect:3"), one.openStack());
    assertEquals("site 7", one.openedBy());
    assertTrue(one.ended());
    assertEquals("CLOSE", one.state());
    assertEquals(one.summary().endTime(), one.stateSince());

    TcpConnection open = connections.get(1);
    assertFalse(open.ended());
    assertNull(open.summary());
    assertEquals("ESTABLISHED", open.state());
    assertEquals(open.transitions().get(1).endTime(), open.stateSince());
    assertEquals(List.of("site 0"), open.openStack());
  }

  @Test
  void aLifeMayGoOverChunks() throws Exception {
    List<TcpConnection> connections =
        read(
            chunk(() -> change(1, "CLOSE", "SYN_SENT", 0)),
            chunk(
                () -> {
                  change(1, "SYN_SENT", "CLOSE", 0);
                  ended(1, "REFUSED", 0);
                }));
    assertEquals(1, connections.size());
    assertEquals(2, connections.get(0).transitions().size());
    assertTrue(connections.get(0).ended());
  }

  /** Thresholds and settings may leave one of them out. */
  @Test
  void eitherOfBothEndsIsEnough() throws Exception {
    List<TcpConnection> connections =
        read(
            chunk(
                () -> {
                  change(1, "CLOSE", "SYN_SENT", 0);
                  change(1, "SYN_SENT", "CLOSE", 0);
                  ended(2, "FIN", 0);
                }),
            chunk(() -> {}),
            chunk(() -> change(3, "CLOSE", "SYN_SENT", 0)));
    assertEquals(
        List.of(1L, 2L, 3L), connections.stream().map(c -> c.socketId()).sorted().toList());
    assertEquals(
        List.of(1L, 2L),
        connections.stream().filter(c -> c.ended()).map(c -> c.socketId()).sorted().toList());
  }

  @Test
  void theOtherHalfOfAnEndMayBeInTheNextChunk() throws Exception {
    List<TcpConnection> connections =
        read(chunk(() -> change(1, "SYN_SENT", "CLOSE", 0)), chunk(() -> ended(1, "REFUSED", 0)));
    assertEquals(1, connections.size());
    assertNotNull(connections.get(0).summary());
    assertEquals(1, connections.get(0).transitions().size());
  }

  @Test
  void listenersAreNoConnections() throws Exception {
    List<TcpConnection> connections =
        read(
            chunk(
                () -> {
                  change(1, "CLOSE", "LISTEN", 0);
                  change(2, "LISTEN", "SYN_RECV", 0);
                  seen(3, "LISTEN");
                  change(1, "LISTEN", "CLOSE", 0);
                  change(4, "LISTEN", "CLOSE", 0);
                }));
    assertEquals(List.of(2L), connections.stream().map(c -> c.socketId()).toList());
  }

  @Test
  void oneThatWasOpenBeforeIsAsItWasSeen() throws Exception {
    List<TcpConnection> connections = read(chunk(() -> seen(1, "CLOSE_WAIT")));
    assertEquals(1, connections.size());
    assertEquals("CLOSE_WAIT", connections.get(0).state());
    SocketStateInfo seen = connections.get(0).seen();
    assertEquals(seen.time().minusNanos(5_000_000), connections.get(0).stateSince());
    assertEquals(seen, connections.get(0).last());
  }

  /** Its end was not recorded, but then it was not there any more. */
  @Test
  void oneThatIsGoneIsNoLeak() throws Exception {
    List<TcpConnection> connections =
        read(
            chunk(
                () -> {
                  change(1, "CLOSE", "SYN_SENT", 0);
                  change(2, "CLOSE", "SYN_SENT", 0);
                }),
            chunk(() -> seen(2, "ESTABLISHED")));
    assertEquals(List.of(1L, 2L), connections.stream().map(c -> c.socketId()).toList());
    assertTrue(connections.get(0).ended());
    assertFalse(connections.get(1).ended());
    assertEquals("ESTABLISHED", connections.get(1).state());
  }

  private int chunks;

  private Path chunk(Runnable work) throws IOException {
    Path file = dir.resolve("chunk" + chunks++ + ".jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      work.run();
      recording.dump(file);
    }
    return file;
  }

  private List<TcpConnection> read(Path... chunks) throws IOException {
    List<TcpConnection> connections = new ArrayList<>();
    try (ConnectionAssembler together = new ConnectionAssembler(connections::add)) {
      assertEquals(List.of(), TcpRecordings.of(chunks).read(together));
    }
    return connections;
  }

  private static void change(long socketId, String oldState, String newState, long site) {
    StateChange event = new StateChange();
    event.socketId = socketId;
    event.oldState = oldState;
    event.newState = newState;
    event.openSiteId = site;
    event.openedBy = "site " + site;
    event.commit();
  }

  private static void ended(long socketId, String end, long site) {
    Connection event = new Connection();
    event.socketId = socketId;
    event.end = end;
    event.openSiteId = site;
    event.openedBy = "site " + site;
    event.commit();
  }

  private static void seen(long socketId, String state) {
    SocketState event = new SocketState();
    event.socketId = socketId;
    event.state = state;
    event.timeInState = 5_000_000;
    event.commit();
  }

  private static void site(long id, String stack) {
    OpenSite event = new OpenSite();
    event.openSiteId = id;
    event.stack = stack;
    event.commit();
  }
}
