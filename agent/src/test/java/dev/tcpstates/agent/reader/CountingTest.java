// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.FakeSource;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.metrics.Attribute;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.MetricsSettings;
import dev.tcpstates.agent.metrics.Point;
import dev.tcpstates.agent.metrics.TcpMetrics;
import dev.tcpstates.agent.opener.FakeHooks;
import dev.tcpstates.agent.periodic.PeriodicEvents;
import dev.tcpstates.agent.record.RecordTimes;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.StateChange;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From the source to the metrics, whatever is recorded meanwhile. */
@Timeout(60)
class CountingTest {
  private static final int CLIENT = 5;
  private static final int OTHER = 7;
  private static final int LISTENER = 6;
  private static final int DATA = 3;

  @BeforeAll
  static void register() {
    TestRecording.registerEvents();
  }

  private final FakeSource source = new FakeSource();
  private final FakeHooks hooks = new FakeHooks();
  private final TcpMetrics metrics = new TcpMetrics(new MetricsSettings(true, 0));
  private Map<RecordType, SocketFilter> filters = all();
  private final SourceReader reader =
      new SourceReader(
          source,
          hooks.sockets,
          new SiteDictionary(),
          new RecordTimes(),
          () -> filters,
          new PeriodicEvents.Limits(1_000_000_000, 10),
          metrics,
          0,
          new Backoff(1),
          () -> {},
          failure -> {});

  private static Map<RecordType, SocketFilter> all() {
    Map<RecordType, SocketFilter> filters = new EnumMap<>(RecordType.class);
    for (RecordType type : RecordType.values()) {
      filters.put(type, SocketFilter.ALL);
    }
    return filters;
  }

  private double value(Metric metric, String... attributes) {
    for (Family family : reader.metrics(metrics)) {
      for (Point point : family.points()) {
        if (family.metric() == metric && point.attributes().equals(List.of(attributes))) {
          return point.distribution() == null ? point.value() : point.distribution().count();
        }
      }
    }
    throw new AssertionError("no point of " + metric + " with " + List.of(attributes));
  }

  private static ByteBuffer connected(int socketId, int localPort) {
    return Records.transition(socketId, TcpState.SYN_SENT, TcpState.ESTABLISHED, System.nanoTime())
        .putLong(TransitionView.Offsets.OLD_SINCE_NS, System.nanoTime() - 3_000_000)
        .putShort(TransitionView.Offsets.LOCAL_PORT, (short) localPort);
  }

  @Test
  void theRecordsAreWantedWithoutARecording() {
    reader.poll();
    assertTrue(
        source.calls.contains("recording [TRANSITIONS, RETRANSMITS, RESETS, TOTALS]"),
        source.calls::toString);
  }

  @Test
  void aConnectionCountsWhenItIsEstablishedAndWhenItEnds() {
    source.submit(connected(CLIENT, 40_000));
    assertEquals(1, value(Metric.CONNECTION_SUCCESSES, "client"));
    assertEquals(1, value(Metric.HANDSHAKE_DURATION, "client"));
    assertEquals(0, value(Metric.CONNECTION_CLOSED, "client", "fin"));
    long now = System.nanoTime();
    source.submit(
        Records.connection(CLIENT, TcpState.FIN_WAIT2, now - 9_000_000, now)
            .putLong(ConnectionView.Offsets.ESTABLISHED_NS, now - 8_000_000)
            .putShort(ConnectionView.Offsets.WANTED, (short) RecordType.TOTALS.bit));
    assertEquals(1, value(Metric.CONNECTION_CLOSED, "client", "fin"));
    assertEquals(1, value(Metric.CONNECTION_DURATION, "client"));
    assertEquals(1, value(Metric.CONNECTION_SUCCESSES, "client"));
  }

  @Test
  void aConnectionThatWasNeverEstablishedIsAFailure() {
    long now = System.nanoTime();
    source.submit(
        Records.connection(CLIENT, TcpState.SYN_SENT, now - 9_000_000, now)
            .putShort(ConnectionView.Offsets.ERROR, (short) 111) // ECONNREFUSED
            .putShort(ConnectionView.Offsets.LOCAL_PORT, (short) 40_000)
            .putShort(ConnectionView.Offsets.WANTED, (short) RecordType.TOTALS.bit));
    assertEquals(1, value(Metric.CONNECTION_FAILURES, "client", "refused"));
    assertEquals(0, value(Metric.CONNECTION_DURATION, "client"));
  }

  @Test
  void aRecordingsFilterExcludesFromTheRecordingAlone() throws Exception {
    filters.put(RecordType.RESETS, SocketFilter.ALL.with("remotePorts", "443"));
    try (TestRecording recording = TestRecording.of(Reset.NAME)) {
      for (int port : new int[] {80, 443}) {
        source.submit(
            Records.reset(port, TcpState.ESTABLISHED, ResetView.SENT, System.nanoTime())
                .putShort(ResetView.Offsets.REMOTE_PORT, (short) port));
      }
      reader.poll();
      assertEquals(
          List.of(443), recording.events(Reset.NAME).stream().map(e -> e.getInt("port")).toList());
    }
    assertEquals(2, value(Metric.RESETS, "transmit"));
  }

  /** A client has no local port yet at its first transition. */
  @Test
  void theFirstTransitionOfAnIncludedClientIsRecordedToo() throws Exception {
    filters.put(RecordType.TRANSITIONS, SocketFilter.ALL.with("localPorts", "40000"));
    try (TestRecording recording = TestRecording.of(StateChange.NAME)) {
      for (int client : new int[] {CLIENT, OTHER}) {
        source.submit(
            Records.transition(client, TcpState.CLOSE, TcpState.SYN_SENT, System.nanoTime()));
        source.submit(connected(client, client == CLIENT ? 40_000 : 40_001));
      }
      reader.poll();
      assertEquals(
          List.of("CLOSE SYN_SENT " + CLIENT, "SYN_SENT ESTABLISHED " + CLIENT),
          recording.events(StateChange.NAME).stream()
              .map(
                  e ->
                      e.getString("oldState")
                          + " "
                          + e.getString("newState")
                          + " "
                          + e.getLong("socketId"))
              .toList());
    }
    assertEquals(2, value(Metric.CONNECTION_SUCCESSES, "client"));
  }

  @Test
  void retransmittedSegmentsAreCounted() {
    source.submit(
        Records.retransmit(CLIENT, TcpState.ESTABLISHED, DATA, System.nanoTime())
            .putShort(RetransmitView.Offsets.SEGMENTS, (short) 2));
    assertEquals(2, value(Metric.RETRANSMITS, "data"));
  }

  private static ByteBuffer ended(int segmentsSent) {
    long now = System.nanoTime();
    return Records.connection(CLIENT, TcpState.FIN_WAIT2, now - 9_000_000, now)
        .putInt(ConnectionView.Offsets.SEGMENTS_SENT, segmentsSent)
        .putShort(ConnectionView.Offsets.WANTED, (short) RecordType.TOTALS.bit);
  }

  private static ByteBuffer open(int socketId, int segmentsSent) {
    return Records.snapshot(socketId, TcpState.ESTABLISHED, 0)
        .putInt(SnapshotView.Offsets.SEGMENTS_SENT, segmentsSent);
  }

  @Test
  void segmentsOfOpenAndOfEndedConnectionsAreCounted() {
    source.sockets.add(open(CLIENT, 7));
    source.sockets.add(open(OTHER, 20));
    assertEquals(27, value(Metric.SEGMENTS_SENT));
    // The snapshot is used again.
    source.submit(ended(9));
    assertEquals(29, value(Metric.SEGMENTS_SENT));
    assertEquals(1, source.count("table"));
  }

  @Test
  void aConnectionThatEndsDuringTheSnapshotCountsOnce() {
    source.sockets.add(open(CLIENT, 7));
    source.atListing = () -> source.submit(ended(9));
    assertEquals(9, value(Metric.SEGMENTS_SENT));
  }

  @Test
  void whatWasSentBeforeTheAgentIsNotCounted() {
    byte older = (byte) (SnapshotView.OLDER | SnapshotView.ADOPTED);
    source.sockets.add(open(CLIENT, 100).put(SnapshotView.Offsets.FLAGS, older));
    reader.adoptOpenSockets();
    source.sockets.set(0, open(CLIENT, 130).put(SnapshotView.Offsets.FLAGS, older));
    assertEquals(30, value(Metric.SEGMENTS_SENT));
  }

  @Test
  void polledRetransmitsAreOfAnUnknownKind() {
    metrics.attached(socketId -> 0, true);
    source.sockets.add(open(CLIENT, 7).putInt(SnapshotView.Offsets.RETRANSMITS, 3));
    assertEquals(3, value(Metric.RETRANSMITS, Attribute.OTHER));
    assertEquals(7, value(Metric.SEGMENTS_SENT));
  }

  @Test
  void socketsAreCountedByStateAndListenersByPort() {
    source.sockets.add(Records.snapshot(CLIENT, TcpState.CLOSE_WAIT, 0));
    source.sockets.add(Records.snapshot(OTHER, TcpState.CLOSE_WAIT, 0));
    ByteBuffer listener =
        Records.snapshot(LISTENER, TcpState.LISTEN, 0)
            .putShort(SnapshotView.Offsets.LOCAL_PORT, (short) 8080)
            .putInt(SnapshotView.Offsets.RECEIVE_QUEUE, 3)
            .putInt(SnapshotView.Offsets.SEND_QUEUE, 50)
            .putInt(SnapshotView.Offsets.DROPS, 9);
    source.sockets.add(listener);
    assertEquals(2, value(Metric.SOCKET_COUNT, "close_wait"));
    assertEquals(1, value(Metric.SOCKET_COUNT, "listen"));
    assertEquals(0, value(Metric.SOCKET_COUNT, "established"));
    assertEquals(3, value(Metric.ACCEPT_QUEUE_LENGTH, "8080"));
    assertEquals(50, value(Metric.ACCEPT_QUEUE_LIMIT, "8080"));
    assertEquals(9, value(Metric.ACCEPT_QUEUE_DROPS, "8080"));
    assertEquals(1, source.count("table"), "one snapshot for all of them");
  }
}
