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

/** How JDK Mission Control understands the events of single segments. */
class JmcSegmentEventsTest {
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
    Retransmit retransmit = new Retransmit();
    retransmit.socketId = COOKIE;
    retransmit.localAddress = "192.0.2.1";
    retransmit.localPort = 50000;
    retransmit.address = "2001:db8::2";
    retransmit.port = 443;
    retransmit.state = "ESTABLISHED";
    retransmit.kind = "LOSS_PROBE";
    retransmit.segments = 2;
    retransmit.bytesRetransmitted = 2896;
    retransmit.retransmits = 5;
    retransmit.openedBy = "app.Client.connect:12";
    retransmit.openThread = "worker-1";
    retransmit.openThreadId = 31;
    retransmit.openSiteId = 7;
    retransmit.listenerId = 98;
    retransmit.commit();

    Reset reset = new Reset();
    reset.socketId = COOKIE;
    reset.localAddress = "192.0.2.1";
    reset.localPort = 50000;
    reset.address = "2001:db8::2";
    reset.port = 443;
    reset.state = "CLOSE_WAIT";
    reset.direction = "SENT";
    reset.reason = "TCP_ABORT_ON_CLOSE";
    reset.openedBy = "app.Client.connect:12";
    reset.openThread = "worker-1";
    reset.openThreadId = 31;
    reset.openSiteId = 7;
    reset.listenerId = 98;
    reset.commit();
  }

  private static Map<String, String> socket(Map<String, String> own) {
    Map<String, String> expected = new TreeMap<>(own);
    expected.put("socketId", "raw number " + COOKIE);
    expected.put("localAddress", "text 192.0.2.1");
    expected.put("localPort", "number 50000");
    expected.put("address", "text 2001:db8::2");
    expected.put("port", "number 443");
    expected.put("openedBy", "text app.Client.connect:12");
    expected.put("openThread", "text worker-1");
    expected.put("openThreadId", "raw number 31");
    expected.put("openSiteId", "raw number 7");
    expected.put("listenerId", "raw number 98");
    return expected;
  }

  private static void assertAttributes(String event, Map<String, String> expected) {
    Map<String, String> found = new TreeMap<>(events.get(event));
    found.keySet().retainAll(expected.keySet());
    assertEquals(expected, found);
  }

  @Test
  void retransmit() {
    assertAttributes(
        "tcpstates.Retransmit",
        socket(
            Map.of(
                "state", "text ESTABLISHED",
                "kind", "text LOSS_PROBE",
                "segments", "number 2",
                "bytesRetransmitted", "memory 2896 B",
                "retransmits", "number 5")));
  }

  @Test
  void reset() {
    assertAttributes(
        "tcpstates.Reset",
        socket(
            Map.of(
                "state", "text CLOSE_WAIT",
                "direction", "text SENT",
                "reason", "text TCP_ABORT_ON_CLOSE")));
  }
}
