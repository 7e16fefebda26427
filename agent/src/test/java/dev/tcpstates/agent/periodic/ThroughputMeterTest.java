// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.opener.FakeHooks;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.agent.record.Texts;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Throughput;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes of each interval, as the counters of the snapshots say; times are of the test. */
class ThroughputMeterTest {
  private static final int TOP = 2;
  private static final long START = 1_000;
  private static final int A = 5;
  private static final int B = 6;
  private static final int C = 7;
  private static final int D = 8;

  private final FakeHooks hooks = new FakeHooks();
  private final ThroughputMeter meter =
      new ThroughputMeter(
          TOP,
          new TextCache(Texts::address),
          new OpenerLookup(hooks.sockets, new SiteDictionary()));

  private static ByteBuffer socket(int socketId, long sent, long received) {
    return Records.snapshot(socketId, TcpState.ESTABLISHED, 0)
        .putLong(SnapshotView.Offsets.BYTES_SENT, sent)
        .putLong(SnapshotView.Offsets.BYTES_RECEIVED, received);
  }

  private static ByteBuffer older(int socketId, long sent, long received) {
    return socket(socketId, sent, received)
        .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.OLDER);
  }

  private static SocketSnapshot at(long time, ByteBuffer... sockets) {
    return Records.snapshotOf(time, sockets);
  }

  private static ConnectionView end(int socketId, long opened, long sent, long received) {
    return new ConnectionView(
        Records.connection(socketId, TcpState.LAST_ACK, opened, opened + 50)
            .putLong(ConnectionView.Offsets.BYTES_SENT, sent)
            .putLong(ConnectionView.Offsets.BYTES_RECEIVED, received));
  }

  /** The events of an interval that ends: the socket (0: the rest), sent and received bytes. */
  private List<String> report(SocketSnapshot now) {
    return meter.report(now).stream().map(ThroughputMeterTest::text).toList();
  }

  private static String text(Throughput event) {
    String who = event.socketId == 0 ? event.sockets + " others" : "" + event.socketId;
    return who + ": " + event.bytesSent + " " + event.bytesReceived;
  }

  @Test
  void theFirstIntervalHasNoBytesFromBefore() {
    meter.start(at(START, socket(A, 100, 200)));
    assertTrue(meter.running());
    assertEquals(START, meter.since());
    assertEquals(List.of("5: 11 22"), report(at(START + 10, socket(A, 111, 222))));
  }

  @Test
  void eachIntervalHasWhatWasAddedInIt() {
    meter.start(at(START, socket(A, 0, 0)));
    assertEquals(List.of("5: 10 0"), report(at(START + 10, socket(A, 10, 0))));
    assertEquals(List.of(), report(at(START + 20, socket(A, 10, 0))));
    List<Throughput> events = meter.report(at(START + 50, socket(A, 10, 7)));
    assertEquals("5: 0 7", text(events.get(0)));
    assertEquals(30, events.get(0).interval);
    assertEquals(START + 50, meter.since());
  }

  @Test
  void aSocketThatIsNewCountsFromItsBeginning() {
    meter.start(at(START));
    assertEquals(List.of("5: 3 4"), report(at(START + 10, socket(A, 3, 4))));
  }

  /** When its bytes were moved is unknown: it became this JVM's in the middle of its life. */
  @Test
  void aSocketThatIsOlderThanItsMarkCountsFromTheSecondSnapshotOn() {
    meter.start(at(START));
    assertEquals(List.of(), report(at(START + 10, older(A, 1_000, 1_000))));
    assertEquals(List.of("5: 1 2"), report(at(START + 20, older(A, 1_001, 1_002))));
  }

  @Test
  void aCounterThatGoesBackAddsNothingUntilItIsBeyondItsHighest() {
    meter.start(at(START, socket(A, 100, 100)));
    assertEquals(List.of(), report(at(START + 10, socket(A, 60, 100))));
    assertEquals(List.of("5: 0 1"), report(at(START + 20, socket(A, 90, 101))));
    assertEquals(List.of("5: 5 0"), report(at(START + 30, socket(A, 105, 101))));
  }

  @Test
  void listenersAndRequestSocksMoveNothing() {
    meter.start(at(START));
    ByteBuffer listener = Records.snapshot(A, TcpState.LISTEN, 0);
    ByteBuffer request =
        Records.snapshot(B, TcpState.NEW_SYN_RECV, 0)
            .putLong(SnapshotView.Offsets.LISTENER_ID, A)
            .putLong(SnapshotView.Offsets.BYTES_RECEIVED, 9);
    listener.putLong(SnapshotView.Offsets.BYTES_RECEIVED, 9);
    assertEquals(List.of(), report(at(START + 10, listener, request)));
  }

  @Test
  void aSocketThatEndedCountsUpToItsEnd() {
    meter.start(at(START, socket(A, 100, 200)));
    meter.ended(end(A, START - 500, 130, 250));
    List<Throughput> events = meter.report(at(START + 10));
    assertEquals("5: 30 50", text(events.get(0)));
    assertEquals("CLOSE", events.get(0).state);
    assertEquals(List.of(), report(at(START + 20)));
  }

  @Test
  void aSocketThatBeganAndEndedInTheIntervalCountsInFull() {
    meter.start(at(START));
    meter.ended(end(A, START + 1, 3, 4));
    assertEquals(List.of("5: 3 4"), report(at(START + 10)));
  }

  @Test
  void aSocketFromBeforeThatNoSnapshotHadDoesNotCount() {
    meter.start(at(START));
    meter.ended(end(A, START - 1, 3, 4));
    meter.ended(end(B, 0, 3, 4)); // older than the agent
    assertEquals(List.of(), report(at(START + 10)));
  }

  /**
   * A snapshot may still have it: it ends while the snapshot is taken, or the snapshot has the
   * result of a walk from before.
   */
  @Test
  void aSocketThatASnapshotHasAfterItsEndCountsOnce() {
    meter.start(at(START, socket(A, 100, 0)));
    meter.ended(end(A, START - 500, 130, 0));
    meter.ended(end(B, START + 1, 7, 0));
    assertEquals(
        List.of("5: 30 0", "6: 7 0"), report(at(START + 10, socket(A, 120, 0), socket(B, 5, 0))));
    assertEquals(List.of(), report(at(START + 20)));
  }

  /** Without a descriptor, a socket is in the result of a walk or not. */
  @Test
  void aSocketThatIsMissingFromASnapshotCountsOnce() {
    meter.start(at(START));
    assertEquals(List.of("5: 7 0"), report(at(START + 10, socket(A, 7, 0))));
    assertEquals(List.of(), report(at(START + 20)));
    meter.ended(end(A, START + 1, 9, 0));
    assertEquals(List.of("5: 2 0"), report(at(START + 30)));
    assertEquals(List.of(), report(at(START + 40, socket(A, 9, 0))));
  }

  @Test
  void theBusiestHaveAnEventEachAndTheOthersOneTogether() {
    meter.start(at(START));
    meter.ended(end(D, START + 1, 2, 0));
    List<String> events =
        report(at(START + 10, socket(A, 10, 0), socket(B, 5, 25), socket(C, 20, 0)));
    assertEquals(List.of("6: 5 25", "7: 20 0", "2 others: 12 0"), events);
  }

  @Test
  void theOthersAreOfTheirIntervalOnly() {
    meter.start(at(START));
    report(at(START + 10, socket(A, 3, 0), socket(B, 2, 0), socket(C, 1, 0)));
    assertEquals(
        List.of("7: 1 0"),
        report(at(START + 20, socket(A, 3, 0), socket(B, 2, 0), socket(C, 2, 0))));
  }

  @Test
  void whileItIsStoppedNothingCounts() {
    meter.ended(end(A, START + 1, 3, 4));
    meter.start(at(START, socket(B, 1, 1)));
    meter.ended(end(A, START + 1, 5, 6));
    meter.stop();
    assertFalse(meter.running());
    meter.ended(end(C, START + 1, 7, 8));
    meter.start(at(START + 100, socket(B, 9, 9)));
    assertEquals(List.of(), report(at(START + 110, socket(B, 9, 9))));
  }

  @Test
  void anEventHasTheFieldsOfTheSocketAndItsOpener() throws Exception {
    long thread = hooks.connect(A, "client");
    meter.start(at(START));
    ByteBuffer socket =
        socket(A, 1, 2)
            .putInt(SnapshotView.Offsets.SEND_QUEUE, -1)
            .putInt(SnapshotView.Offsets.RECEIVE_QUEUE, 3)
            .putInt(SnapshotView.Offsets.SMOOTHED_RTT, 250)
            .putInt(SnapshotView.Offsets.CONGESTION_WINDOW, 10)
            .putShort(SnapshotView.Offsets.LOCAL_PORT, (short) 40_000)
            .putShort(SnapshotView.Offsets.REMOTE_PORT, (short) 443);
    Records.address(socket, SnapshotView.Offsets.LOCAL_ADDR, "10.1.2.3");
    Records.address(socket, SnapshotView.Offsets.REMOTE_ADDR, "2001:db8::7");
    Throughput event = meter.report(at(System.nanoTime(), socket)).get(0);
    assertEquals("ESTABLISHED", event.state);
    assertEquals(1, event.sockets);
    assertEquals("10.1.2.3 40000", event.localAddress + " " + event.localPort);
    assertEquals("2001:db8::7 443", event.address + " " + event.port);
    assertEquals(250_000, event.smoothedRtt);
    assertEquals(10, event.congestionWindow);
    assertEquals((1L << 32) - 1, event.sendQueue);
    assertEquals(3, event.receiveQueue);
    assertEquals("client", event.openThread);
    assertEquals(thread, event.openThreadId);
    assertTrue(event.openedBy.startsWith(FakeHooks.FRAMES), event.openedBy);
    assertEquals(hooks.sockets.findReported(A).site().id(), event.openSiteId);
  }

  @Test
  void aConnectionThatEndedHasItsOpenerAndAddresses() throws Exception {
    hooks.listen(B, "server");
    meter.start(at(START));
    ByteBuffer record =
        Records.connection(A, TcpState.LAST_ACK, START + 1, START + 2)
            .putLong(ConnectionView.Offsets.LISTENER_ID, B)
            .putLong(ConnectionView.Offsets.BYTES_SENT, 1)
            .putInt(ConnectionView.Offsets.SMOOTHED_RTT, 250)
            .putShort(ConnectionView.Offsets.LOCAL_PORT, (short) 443)
            .putShort(ConnectionView.Offsets.REMOTE_PORT, (short) 40_000);
    Records.address(record, ConnectionView.Offsets.LOCAL_ADDR, "10.1.2.3");
    Records.address(record, ConnectionView.Offsets.REMOTE_ADDR, "10.1.2.4");
    meter.ended(new ConnectionView(record));
    Throughput event = meter.report(at(START + 10)).get(0);
    assertEquals("10.1.2.3 443", event.localAddress + " " + event.localPort);
    assertEquals("10.1.2.4 40000", event.address + " " + event.port);
    assertEquals(250_000, event.smoothedRtt);
    assertEquals(B, event.listenerId);
    assertEquals("server", event.openThread);
  }
}
