// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.sampled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.diag.FakeKernel;
import dev.tcpstates.agent.kernel.diag.FakeKernel.Socket;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The records that are made of samples, as their readers see them. */
class SampledSourceTest {
  private static final long NEVER = TimeUnit.HOURS.toNanos(1);
  private static final int PORT = 8080;

  private final FakeKernel kernel = new FakeKernel();
  private final Set<Long> hooks = new HashSet<>();
  private SampledSource source;
  private long cpuTime;
  private final List<String> events = new ArrayList<>();

  private final RecordSink handler =
      new RecordSink() {
        @Override
        public void transition(TransitionView transition) {
          throw new AssertionError("there are no transitions");
        }

        @Override
        public void connection(ConnectionView connection) {
          assertTrue(connection.isSampled());
          events.add(
              "connection "
                  + connection.socketId()
                  + (connection.connectionWanted() ? " wanted" : " for its bytes")
                  + (connection.isEndKnown() ? " FIN" : " UNKNOWN"));
        }

        @Override
        public void ended(long socketId, int oldState) {
          events.add("ended " + socketId + " in " + oldState);
        }
      };

  @BeforeAll
  static void library() throws BpfException {
    JnaLoader.load(); // to ask for the user
  }

  @BeforeEach
  void open() {
    source = source(0);
  }

  private SampledSource source(long pollNanos) {
    SampledSource opened = new SampledSource(kernel.diag(), pollNanos, 1, () -> cpuTime);
    opened.openers(cookie -> hooks.contains(cookie) ? System.nanoTime() : 0);
    opened.recording(EnumSet.of(RecordType.CONNECTIONS));
    return opened;
  }

  private Socket opened(long cookie) {
    hooks.add(cookie);
    return kernel.add(new Socket(cookie));
  }

  private List<String> drain() {
    events.clear();
    source.drain(handler);
    return events;
  }

  private Map<Long, Integer> states(SocketSnapshot snapshot) {
    Map<Long, Integer> states = new TreeMap<>();
    snapshot.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            states.put(socket.socketId(), socket.state());
          }

          @Override
          public void timeWait(long socketId, int state) {
            states.put(-socketId, state);
          }
        });
    return states;
  }

  @Test
  void endsAreRecorded() {
    opened(1);
    opened(2).state(FakeKernel.TCP_CLOSE_WAIT);
    opened(3).state(FakeKernel.TCP_LISTEN).ports(PORT, 0);
    assertEquals(List.of(), drain());
    kernel.get(1).timeWait(FakeKernel.TCP_TIME_WAIT);
    kernel.remove(2);
    assertEquals(
        Set.of(
            "connection 1 wanted FIN",
            "ended 1 in 5",
            "connection 2 wanted UNKNOWN",
            "ended 2 in 8"),
        Set.copyOf(drain()));
    kernel.remove(3);
    drain();
    assertEquals(List.of("ended 3 in 10"), drain());
    assertEquals(2, source.recordsRead());
  }

  @Test
  void theConnectionComesBeforeItsEnd() {
    opened(1);
    drain();
    kernel.remove(1);
    assertEquals(List.of("connection 1 wanted UNKNOWN", "ended 1 in 1"), drain());
  }

  @Test
  void endsAreReportedThoughNoConnectionIsWanted() throws Exception {
    opened(1);
    source.recording(EnumSet.noneOf(RecordType.class));
    source.ownSockets();
    kernel.remove(1);
    Thread.sleep(25); // a younger sample would do
    source.reconcile();
    assertEquals(List.of("ended 1 in 1"), drain());
  }

  @Test
  void nothingIsPolledWhileNothingIsRecorded() {
    source.recording(EnumSet.noneOf(RecordType.class));
    drain();
    assertEquals(0, kernel.dumps);
  }

  @Test
  void isPolledOnceInAnInterval() {
    source = source(NEVER);
    drain(); // at once, to begin with
    int dumps = kernel.dumps;
    assertTrue(dumps > 0);
    drain();
    assertEquals(dumps, kernel.dumps);
  }

  /** A poll that takes 2 s of the CPU is not made once a second. */
  @Test
  void pollsTakeASmallPartOfTheCpuOnly() {
    source.openers(
        cookie -> {
          cpuTime += TimeUnit.SECONDS.toNanos(2);
          return 0;
        });
    kernel.add(new Socket(1)); // of another process
    drain();
    assertEquals(0, source.pollNanos());
    drain();
    assertEquals(TimeUnit.SECONDS.toNanos(100), source.pollNanos());
    int dumps = kernel.dumps;
    drain();
    assertEquals(dumps, kernel.dumps);
  }

  @Test
  void filtersAreAppliedToEachUse() {
    SocketFilter https = SocketFilter.ALL.with("remotePorts", "443");
    source.filter(Map.of(RecordType.CONNECTIONS, https));
    source.recording(EnumSet.of(RecordType.CONNECTIONS, RecordType.TOTALS));
    opened(1).ports(40_000, 443);
    opened(2).ports(40_001, 80);
    drain();
    kernel.remove(1);
    kernel.remove(2);
    List<String> all = drain();
    assertTrue(all.contains("connection 1 wanted UNKNOWN"), all::toString);
    assertTrue(all.contains("connection 2 for its bytes UNKNOWN"), all::toString);
  }

  @Test
  void snapshotsHoldOwnSocketsAndTimeWaitsOfAll() throws BpfException {
    opened(1).state(FakeKernel.TCP_LISTEN).ports(PORT, 0).local(10, "::");
    opened(2);
    kernel.add(new Socket(3)); // of another process
    kernel.add(new Socket(4).ports(PORT, 50_000).noDescriptor());
    kernel.add(new Socket(5).timeWait(FakeKernel.TCP_TIME_WAIT));
    kernel.add(new Socket(6).ports(PORT, 50_001).request());
    Map<Long, Integer> own = Map.of(1L, 10, 2L, 1, 4L, 1, 6L, 12);
    assertEquals(own, states(source.ownSockets()));
    Map<Long, Integer> all = new TreeMap<>(own);
    all.put(-5L, FakeKernel.TCP_TIME_WAIT);
    assertEquals(all, states(source.table()));
  }

  @Test
  void snapshotsLeaveOutWhatTheFilterExcludes() throws BpfException {
    source.filter(Map.of(RecordType.LISTS, SocketFilter.ALL.with("remotePorts", "50001")));
    opened(1).state(FakeKernel.TCP_LISTEN).ports(PORT, 0).local(10, "::");
    opened(2).ports(PORT, 50_002);
    kernel.add(new Socket(3).ports(PORT, 50_001).request());
    assertEquals(Map.of(3L, 12), states(source.ownSockets()));
  }

  @Test
  void snapshotsHoldEveryField() throws BpfException {
    opened(7)
        .ports(40_000, 443)
        .local(10, "2001:db8::7")
        .queues(3, 5)
        .info(200, 900L)
        .info(208, 100L)
        .info(128, 1_000L)
        .info(68, 250)
        .info(80, 10)
        .info(136, 12)
        .info(100, 4);
    List<Long> seen = new ArrayList<>();
    SocketSnapshot snapshot = source.ownSockets();
    snapshot.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            seen.add(socket.socketId());
            assertEquals(0, socket.listenerId());
            assertFalse(socket.orphan());
            assertFalse(socket.adopted());
            assertFalse(socket.older());
            assertTrue(socket.isUsed());
            assertEquals(snapshot.time(), socket.since());
            assertEquals(800, socket.bytesSent());
            assertEquals(1_000, socket.bytesReceived());
            assertEquals(3, socket.receiveQueue());
            assertEquals(5, socket.sendQueue());
            assertEquals(250, socket.smoothedRtt());
            assertEquals(10, socket.congestionWindow());
            assertEquals(12, socket.segmentsSent());
            assertEquals(4, socket.retransmits());
            assertEquals(40_000, socket.localPort());
            assertEquals(443, socket.remotePort());
            assertEquals(0x2001_0db8_0000_0000L, socket.localAddress(0));
            assertEquals(7, socket.remoteAddress(1));
          }

          @Override
          public void timeWait(long socketId, int state) {}
        });
    assertEquals(List.of(7L), seen);
  }

  @Test
  void aRefusalIsNoEnd() throws BpfException {
    opened(1);
    drain();
    kernel.refusal = 12;
    assertEquals(List.of(), drain());
    assertThrows(BpfException.class, () -> source.forEachSocket(id -> {}, true));
    kernel.refusal = 0;
    assertEquals(List.of(), drain());
    Set<Long> own = new TreeSet<>();
    assertTrue(source.forEachSocket(own::add, true));
    assertEquals(Set.of(1L), own);
  }

  @Test
  void wakesUp() {
    source = source(NEVER);
    source.drain(handler);
    source.wake();
    long before = System.nanoTime();
    source.await(60_000);
    assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(30));
  }

  @Test
  void givesNothingOnceItIsClosed() throws BpfException {
    opened(1);
    source.close();
    assertEquals(List.of(), drain());
    assertEquals(null, source.ownSockets());
    assertEquals(0, kernel.dumps);
  }
}
