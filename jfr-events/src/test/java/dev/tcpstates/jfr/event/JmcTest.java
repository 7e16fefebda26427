// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.jfr.Recording;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How JDK Mission Control understands the events. */
class JmcTest {
  /** Above what a double holds exactly, so that a detour over one would show. */
  private static final long COOKIE = (1L << 53) + 1;

  @TempDir static Path dir;

  /** By event: the attribute's content type and value. */
  private static final Map<String, Map<String, String>> EVENTS = new HashMap<>();

  /** The ids and content types by which JMC joins events. */
  private static final Map<String, Set<String>> JOIN_KEYS = new HashMap<>();

  @BeforeAll
  static void recordAndLoad() throws Exception {
    Path file = dir.resolve("jmc.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      commitAll();
      recording.stop();
      recording.dump(file);
    }
    EVENTS.putAll(JmcEvents.load(file));
    JOIN_KEYS.putAll(JmcEvents.joinKeys(file));
  }

  private static void commitAll() {
    StateChange change = new StateChange();
    change.socketId = COOKIE;
    change.localAddress = "192.0.2.1";
    change.localPort = 50000;
    change.address = "2001:db8::2";
    change.port = 443;
    change.oldState = "SYN_SENT";
    change.newState = "CLOSE";
    change.timeInState = 1_234_567_891;
    change.uncertainty = 250;
    change.reason = "ECONNREFUSED";
    change.openedBy = "app.Client.connect:12";
    change.openThread = "worker-1";
    change.openThreadId = 31;
    change.openSiteId = 7;
    change.taskId = 4242;
    change.taskName = "ksoftirqd/0";
    change.listenerId = 99;
    change.commit();

    Connection connection = new Connection();
    connection.socketId = COOKIE;
    connection.kind = "ACCEPT";
    connection.localAddress = "192.0.2.1";
    connection.localPort = 8080;
    connection.address = "192.0.2.2";
    connection.port = 50001;
    connection.end = "RESET_BY_REMOTE";
    connection.closedBy = "REMOTE";
    connection.reason = "EPIPE";
    connection.uncertainty = 16;
    connection.established = true;
    connection.handshakeTime = 1;
    connection.accepted = true;
    connection.acceptQueueWait = 2;
    connection.timeEstablished = 3;
    connection.timeCloseWait = 4;
    connection.timeFinWait = Long.MIN_VALUE;
    connection.timeLastAck = 6;
    connection.bytesSent = 7;
    connection.bytesReceived = 8;
    connection.bytesRetransmitted = 9;
    connection.bytesUnread = 10;
    connection.segmentsSent = 11;
    connection.segmentsReceived = 12;
    connection.retransmits = 13;
    connection.smoothedRtt = 14;
    connection.minimumRtt = 15;
    connection.openedBy = "app.Server.accept:3";
    connection.openThread = "acceptor";
    connection.openThreadId = 32;
    connection.openSiteId = 7;
    connection.listenerId = 98;
    connection.commit();

    SocketOpen open = new SocketOpen();
    open.socketId = COOKIE;
    open.kind = "CONNECT";
    open.openSiteId = 7;
    open.commit();

    SocketState socketState = new SocketState();
    socketState.socketId = COOKIE;
    socketState.localAddress = "192.0.2.1";
    socketState.localPort = 50000;
    socketState.address = "192.0.2.2";
    socketState.port = 80;
    socketState.state = "CLOSE_WAIT";
    socketState.timeInState = 31_000_000_017L;
    socketState.openedBy = "app.Client.connect:12";
    socketState.openThread = "worker-1";
    socketState.openThreadId = 31;
    socketState.openSiteId = 7;
    socketState.listenerId = 98;
    socketState.commit();

    OpenSite site = new OpenSite();
    site.openSiteId = 7;
    site.kind = "CONNECT";
    site.openedBy = "app.Client.connect:12";
    site.stack = "java.net.Socket.<init>:454\napp.Client.connect:12";
    site.opened = 3;
    site.open = 2;
    site.commit();

    RecordsLost lost = new RecordsLost();
    lost.count = 5;
    lost.lostType = "tcpstates.Connection";
    lost.reason = "RING_FULL";
    lost.commit();

    AgentState state = new AgentState();
    state.attached = true;
    state.mode = "SAMPLED";
    state.pollInterval = 1_000_000_000;
    state.reason = "EPERM";
    state.options = "family=4";
    state.version = "1.2.3";
    state.kernel = "6.1.0";
    state.libbpf = "1.5";
    state.clock = "KERNEL";
    state.openSockets = 11;
    state.openSites = 12;
    state.records = 13;
    state.lost = 14;
    state.suppressedErrors = 15;
    state.cpuTime = 16_000_000;
    state.ringSize = 8 << 20;
    state.recordsPerSecond = 17;
    state.ringFill = 18;
    state.highestRingFill = 19;
    state.hooks = "woven: a; missing: b";
    state.commit();
  }

  @Test
  void stateChange() {
    assertAttributes(
        "tcpstates.StateChange",
        Map.ofEntries(
            Map.entry("socketId", "raw number 9007199254740993"),
            Map.entry("localAddress", "text 192.0.2.1"),
            Map.entry("localPort", "number 50000"),
            Map.entry("address", "text 2001:db8::2"),
            Map.entry("port", "number 443"),
            Map.entry("oldState", "text SYN_SENT"),
            Map.entry("newState", "text CLOSE"),
            Map.entry("timeInState", "timespan 1234567891 ns"),
            Map.entry("uncertainty", "timespan 250 ns"),
            Map.entry("reason", "text ECONNREFUSED"),
            Map.entry("openedBy", "text app.Client.connect:12"),
            Map.entry("openThread", "text worker-1"),
            Map.entry("openThreadId", "raw number 31"),
            Map.entry("openSiteId", "raw number 7"),
            Map.entry("taskId", "number 4242"),
            Map.entry("taskName", "text ksoftirqd/0"),
            Map.entry("listenerId", "raw number 99")));
  }

  @Test
  void connection() {
    assertAttributes(
        "tcpstates.Connection",
        Map.ofEntries(
            Map.entry("socketId", "raw number 9007199254740993"),
            Map.entry("kind", "text ACCEPT"),
            Map.entry("localAddress", "text 192.0.2.1"),
            Map.entry("localPort", "number 8080"),
            Map.entry("address", "text 192.0.2.2"),
            Map.entry("port", "number 50001"),
            Map.entry("end", "text RESET_BY_REMOTE"),
            Map.entry("closedBy", "text REMOTE"),
            Map.entry("reason", "text EPIPE"),
            Map.entry("uncertainty", "timespan 16 ns"),
            Map.entry("established", "boolean true"),
            Map.entry("handshakeTime", "timespan 1 ns"),
            Map.entry("accepted", "boolean true"),
            Map.entry("acceptQueueWait", "timespan 2 ns"),
            Map.entry("timeEstablished", "timespan 3 ns"),
            Map.entry("timeCloseWait", "timespan 4 ns"),
            // N/A. JMC 9.1 doesn't know it, and shows -292 years, which nobody takes for a time.
            Map.entry("timeFinWait", "timespan " + Long.MIN_VALUE + " ns"),
            Map.entry("timeLastAck", "timespan 6 ns"),
            Map.entry("bytesSent", "memory 7 B"),
            Map.entry("bytesReceived", "memory 8 B"),
            Map.entry("bytesRetransmitted", "memory 9 B"),
            Map.entry("bytesUnread", "memory 10 B"),
            Map.entry("segmentsSent", "number 11"),
            Map.entry("segmentsReceived", "number 12"),
            Map.entry("retransmits", "number 13"),
            Map.entry("smoothedRtt", "timespan 14 ns"),
            Map.entry("minimumRtt", "timespan 15 ns"),
            Map.entry("openedBy", "text app.Server.accept:3"),
            Map.entry("openThread", "text acceptor"),
            Map.entry("openThreadId", "raw number 32"),
            Map.entry("openSiteId", "raw number 7"),
            Map.entry("listenerId", "raw number 98")));
  }

  @Test
  void socketOpen() {
    assertAttributes(
        "tcpstates.SocketOpen",
        Map.of(
            "socketId", "raw number 9007199254740993",
            "kind", "text CONNECT",
            "openSiteId", "raw number 7"));
    assertTrue(EVENTS.get("tcpstates.SocketOpen").containsKey("stackTrace"));
  }

  @Test
  void socketState() {
    assertAttributes(
        "tcpstates.SocketState",
        Map.ofEntries(
            Map.entry("socketId", "raw number 9007199254740993"),
            Map.entry("localAddress", "text 192.0.2.1"),
            Map.entry("localPort", "number 50000"),
            Map.entry("address", "text 192.0.2.2"),
            Map.entry("port", "number 80"),
            Map.entry("state", "text CLOSE_WAIT"),
            Map.entry("timeInState", "timespan 31000000017 ns"),
            Map.entry("openedBy", "text app.Client.connect:12"),
            Map.entry("openThread", "text worker-1"),
            Map.entry("openThreadId", "raw number 31"),
            Map.entry("openSiteId", "raw number 7"),
            Map.entry("listenerId", "raw number 98")));
  }

  @Test
  void openSite() {
    assertAttributes(
        "tcpstates.OpenSite",
        Map.of(
            "openSiteId", "raw number 7",
            "kind", "text CONNECT",
            "openedBy", "text app.Client.connect:12",
            "stack", "text java.net.Socket.<init>:454\napp.Client.connect:12",
            "opened", "number 3",
            "open", "number 2"));
  }

  @Test
  void recordsLost() {
    assertAttributes(
        "tcpstates.RecordsLost",
        Map.of(
            "count", "number 5",
            "lostType", "text tcpstates.Connection",
            "reason", "text RING_FULL"));
  }

  @Test
  void agentState() {
    assertAttributes(
        "tcpstates.AgentState",
        Map.ofEntries(
            Map.entry("attached", "boolean true"),
            Map.entry("mode", "text SAMPLED"),
            Map.entry("pollInterval", "timespan 1000000000 ns"),
            Map.entry("reason", "text EPERM"),
            Map.entry("options", "text family=4"),
            Map.entry("version", "text 1.2.3"),
            Map.entry("kernel", "text 6.1.0"),
            Map.entry("libbpf", "text 1.5"),
            Map.entry("clock", "text KERNEL"),
            Map.entry("openSockets", "number 11"),
            Map.entry("openSites", "number 12"),
            Map.entry("records", "raw number 13"),
            Map.entry("lost", "number 14"),
            Map.entry("suppressedErrors", "number 15"),
            Map.entry("cpuTime", "timespan 16000000 ns"),
            Map.entry("ringSize", "memory 8388608 B"),
            Map.entry("recordsPerSecond", "number 17"),
            Map.entry("ringFill", "memory 18 B"),
            Map.entry("highestRingFill", "memory 19 B"),
            Map.entry("missing", "text null"),
            Map.entry("hooks", "text woven: a; missing: b")));
  }

  @Test
  void joinKeysHaveOneTypeEverywhere() {
    assertEquals(
        Map.of("socketId", Set.of("raw number"), "openSiteId", Set.of("raw number")), JOIN_KEYS);
  }

  private static void assertAttributes(String event, Map<String, String> expected) {
    Map<String, String> found = new TreeMap<>(EVENTS.get(event));
    found.keySet().retainAll(expected.keySet());
    assertEquals(new TreeMap<>(expected), found);
  }
}
