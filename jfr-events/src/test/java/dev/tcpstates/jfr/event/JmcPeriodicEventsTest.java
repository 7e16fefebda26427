// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How JDK Mission Control understands the periodic events. */
class JmcPeriodicEventsTest {
  /** Above what a double holds exactly, so that a detour over one would show. */
  private static final long COOKIE = (1L << 53) + 1;

  @TempDir static Path dir;

  private static Map<String, Map<String, String>> events;

  @BeforeAll
  static void recordAndLoad() throws Exception {
    Path file = dir.resolve("jmc.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      commitAll();
      recording.stop();
      recording.dump(file);
    }
    events = JmcEvents.load(file);
  }

  private static void commitAll() {
    Throughput throughput = new Throughput();
    throughput.socketId = COOKIE;
    throughput.localAddress = "192.0.2.1";
    throughput.localPort = 50000;
    throughput.address = "192.0.2.2";
    throughput.port = 80;
    throughput.state = "ESTABLISHED";
    throughput.sockets = 1;
    throughput.interval = 10_000_000_001L;
    throughput.bytesSent = 2;
    throughput.bytesReceived = 3;
    throughput.smoothedRtt = 4_000;
    throughput.congestionWindow = 5;
    throughput.sendQueue = 6;
    throughput.receiveQueue = 7;
    throughput.openedBy = "app.Client.connect:12";
    throughput.openThread = "worker-1";
    throughput.openThreadId = 31;
    throughput.openSiteId = 8;
    throughput.listenerId = 98;
    throughput.commit();

    StateCount count = new StateCount();
    count.inEstablished = 1;
    count.inSynSent = 2;
    count.inSynRecv = 3;
    count.inFinWait1 = 4;
    count.inFinWait2 = 5;
    count.inTimeWait = 6;
    count.inCloseWait = 7;
    count.inLastAck = 8;
    count.inListen = 9;
    count.inClosing = 10;
    count.commit();

    StuckSocket stuck = new StuckSocket();
    stuck.socketId = COOKIE;
    stuck.localAddress = "192.0.2.1";
    stuck.localPort = 50000;
    stuck.address = "192.0.2.2";
    stuck.port = 80;
    stuck.state = "CLOSE_WAIT";
    stuck.timeInState = 31_000_000_017L;
    stuck.sendQueue = 6;
    stuck.receiveQueue = 7;
    stuck.openedBy = "app.Client.connect:12";
    stuck.openThread = "worker-1";
    stuck.openThreadId = 31;
    stuck.openSiteId = 8;
    stuck.listenerId = 98;
    stuck.commit();

    ListenQueue queue = new ListenQueue();
    queue.socketId = COOKIE;
    queue.localAddress = "192.0.2.1";
    queue.localPort = 8080;
    queue.queueLength = 1;
    queue.queueLimit = 2;
    queue.drops = 3;
    queue.namespaceOverflows = 4;
    queue.openedBy = "app.Server.listen:12";
    queue.openThread = "main";
    queue.openThreadId = 1;
    queue.openSiteId = 8;
    queue.commit();
  }

  @Test
  void throughput() {
    assertAttributes(
        "tcpstates.Throughput",
        Map.ofEntries(
            Map.entry("socketId", "raw number 9007199254740993"),
            Map.entry("localAddress", "text 192.0.2.1"),
            Map.entry("localPort", "number 50000"),
            Map.entry("address", "text 192.0.2.2"),
            Map.entry("port", "number 80"),
            Map.entry("state", "text ESTABLISHED"),
            Map.entry("sockets", "number 1"),
            Map.entry("interval", "timespan 10000000001 ns"),
            Map.entry("bytesSent", "memory 2 B"),
            Map.entry("bytesReceived", "memory 3 B"),
            Map.entry("smoothedRtt", "timespan 4000 ns"),
            Map.entry("congestionWindow", "number 5"),
            Map.entry("sendQueue", "memory 6 B"),
            Map.entry("receiveQueue", "memory 7 B"),
            Map.entry("openedBy", "text app.Client.connect:12"),
            Map.entry("openThread", "text worker-1"),
            Map.entry("openThreadId", "raw number 31"),
            Map.entry("openSiteId", "raw number 8"),
            Map.entry("listenerId", "raw number 98")));
  }

  @Test
  void stateCount() {
    assertAttributes(
        "tcpstates.StateCount",
        Map.of(
            "inEstablished", "number 1",
            "inSynSent", "number 2",
            "inSynRecv", "number 3",
            "inFinWait1", "number 4",
            "inFinWait2", "number 5",
            "inTimeWait", "number 6",
            "inCloseWait", "number 7",
            "inLastAck", "number 8",
            "inListen", "number 9",
            "inClosing", "number 10"));
  }

  @Test
  void stuckSocket() {
    assertAttributes(
        "tcpstates.StuckSocket",
        Map.ofEntries(
            Map.entry("socketId", "raw number 9007199254740993"),
            Map.entry("localAddress", "text 192.0.2.1"),
            Map.entry("localPort", "number 50000"),
            Map.entry("address", "text 192.0.2.2"),
            Map.entry("port", "number 80"),
            Map.entry("state", "text CLOSE_WAIT"),
            Map.entry("timeInState", "timespan 31000000017 ns"),
            Map.entry("sendQueue", "memory 6 B"),
            Map.entry("receiveQueue", "memory 7 B"),
            Map.entry("openedBy", "text app.Client.connect:12"),
            Map.entry("openThread", "text worker-1"),
            Map.entry("openThreadId", "raw number 31"),
            Map.entry("openSiteId", "raw number 8"),
            Map.entry("listenerId", "raw number 98")));
  }

  @Test
  void listenQueue() {
    assertAttributes(
        "tcpstates.ListenQueue",
        Map.ofEntries(
            Map.entry("socketId", "raw number 9007199254740993"),
            Map.entry("localAddress", "text 192.0.2.1"),
            Map.entry("localPort", "number 8080"),
            Map.entry("queueLength", "number 1"),
            Map.entry("queueLimit", "number 2"),
            Map.entry("drops", "number 3"),
            Map.entry("namespaceOverflows", "number 4"),
            Map.entry("openedBy", "text app.Server.listen:12"),
            Map.entry("openThread", "text main"),
            Map.entry("openThreadId", "raw number 1"),
            Map.entry("openSiteId", "raw number 8")));
  }

  private static void assertAttributes(String event, Map<String, String> expected) {
    Map<String, String> found = new TreeMap<>(events.get(event));
    found.keySet().retainAll(expected.keySet());
    assertEquals(new TreeMap<>(expected), found);
  }
}
