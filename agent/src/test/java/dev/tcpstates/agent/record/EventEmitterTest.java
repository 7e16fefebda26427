// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.ConnectionView.SampledConnection;
import dev.tcpstates.agent.kernel.wire.ConnectionView.StateTimes;
import dev.tcpstates.agent.kernel.wire.FakeRing;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.opener.FakeHooks;
import dev.tcpstates.agent.opener.OpenSocket;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the kernel's records in a recording; the values are those of the records. */
class EventEmitterTest {
  private static final int CLIENT = 5;
  private static final int LISTENER = 6;
  private static final int CHILD = 7;
  private static final int ECONNREFUSED = 111;
  private static final int ECONNRESET = 104;
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long NOT_AVAILABLE = Long.MIN_VALUE;

  private static final Set<String> OF_JFR =
      Set.of("startTime", "duration", "eventThread", "stackTrace");

  private final FakeHooks hooks = new FakeHooks();
  private final FakeRing ring = new FakeRing();
  private final RecordTimes times = new RecordTimes();
  private final EventClock clock = new EventClock(times.all());
  private final OpenerLookup openers = new OpenerLookup(hooks.sockets, new SiteDictionary());
  private final EventEmitter emitter = new EventEmitter(hooks.sockets, openers, times, clock);
  private TestRecording recording;
  private long begun;

  @BeforeEach
  void start() {
    recording =
        TestRecording.of(
            StateChange.NAME, Connection.NAME, Retransmit.NAME, Reset.NAME, SocketState.NAME);
    begun = System.nanoTime();
    clock.calibrate();
    emitter.hooked();
  }

  @AfterEach
  void close() {
    recording.close();
  }

  /** As the reader does. */
  private void read(boolean withResets, ByteBuffer... records) {
    for (ByteBuffer record : records) {
      ring.submit(record);
    }
    clock.calibrate();
    openers.reading(withResets);
    ring.drain(emitter);
    emitter.read(System.nanoTime(), null, null);
  }

  private void read(ByteBuffer... records) {
    read(false, records);
  }

  private static ByteBuffer transition(long socketId, TcpState oldState, TcpState newState) {
    return Records.transition(socketId, oldState, newState, System.nanoTime());
  }

  private static ByteBuffer endpoints(ByteBuffer record, int addresses, int ports) {
    Records.address(record, addresses, "10.1.2.3");
    Records.address(record, addresses + 16, "2001:db8::7");
    return record.putShort(ports, (short) 40_000).putShort(ports + 2, (short) 443);
  }

  /** Its fields by name, but for what JFR itself adds. */
  private static Map<String, Object> fields(RecordedEvent event) {
    Map<String, Object> values = new TreeMap<>();
    for (ValueDescriptor field : event.getFields()) {
      if (!OF_JFR.contains(field.getName())) {
        values.put(field.getName(), event.getValue(field.getName()));
      }
    }
    return values;
  }

  /** The fields of any event of a socket with {@link #endpoints}. */
  private Map<String, Object> expected(int socketId, String thread, long threadId) {
    OpenSocket socket = hooks.sockets.findReported(socketId);
    Map<String, Object> fields = new TreeMap<>();
    fields.put("socketId", (long) socketId);
    fields.put("localAddress", "10.1.2.3");
    fields.put("localPort", 40_000);
    fields.put("address", "2001:db8::7");
    fields.put("port", 443);
    fields.put("listenerId", 0L);
    fields.put("openedBy", socket.site().openedBy());
    fields.put("openThread", thread);
    fields.put("openThreadId", threadId);
    fields.put("openSiteId", (long) socket.site().id());
    return fields;
  }

  private RecordedEvent only(String type) throws Exception {
    List<RecordedEvent> events = recording.events(type);
    assertEquals(1, events.size(), events::toString);
    return events.get(0);
  }

  private List<String> strings(String type, String field) throws Exception {
    List<String> values = new ArrayList<>();
    recording.events(type).forEach(event -> values.add(event.getString(field)));
    return values;
  }

  @Test
  void aTransitionHasTheFieldsOfItsRecordAndItsOpener() throws Exception {
    long thread = hooks.connect(CLIENT, "client");
    Map<String, Object> expected = expected(CLIENT, "client", thread);
    long end = System.nanoTime();
    ByteBuffer record =
        endpoints(
            Records.transition(CLIENT, TcpState.SYN_SENT, TcpState.CLOSE, end),
            TransitionView.Offsets.LOCAL_ADDR,
            TransitionView.Offsets.LOCAL_PORT);
    record.putLong(TransitionView.Offsets.OLD_SINCE_NS, end - 7 * MILLI);
    record.putLong(TransitionView.Offsets.UNCERTAINTY_NS, 12);
    record.putShort(TransitionView.Offsets.ERROR, (short) ECONNREFUSED);
    record.putInt(TransitionView.Offsets.TASK_ID, 4711);
    record.put(TransitionView.Offsets.TASK_NAME, new byte[] {'j', 'a', 'v', 'a', 0, 'x'});
    read(record);
    expected.put("oldState", "SYN_SENT");
    expected.put("newState", "CLOSE");
    expected.put("timeInState", 7 * MILLI);
    expected.put("uncertainty", 12L);
    expected.put("reason", "ECONNREFUSED");
    expected.put("taskId", 4711);
    expected.put("taskName", "java");
    assertEquals(expected, fields(only(StateChange.NAME)));
  }

  @Test
  void anEventIsWhereTheKernelsTimesPutIt() throws Exception {
    Thread.sleep(100); // so that the speeds of both clocks are known
    long end = System.nanoTime();
    ByteBuffer first = Records.transition(CLIENT, TcpState.CLOSE, TcpState.SYN_SENT, end - 50_000);
    ByteBuffer second = Records.transition(CLIENT, TcpState.SYN_SENT, TcpState.ESTABLISHED, end);
    read(first, second.putLong(TransitionView.Offsets.OLD_SINCE_NS, end - 50_000));
    List<RecordedEvent> events = recording.events(StateChange.NAME);
    assertEquals("SYN_SENT", events.get(0).getString("newState"));
    assertNear(50_000, Duration.between(events.get(0).getEndTime(), events.get(1).getEndTime()));
    assertNear(50_000, events.get(1).getDuration());
    assertTrue(events.get(0).getEndTime().isBefore(events.get(1).getStartTime()), "a gap for JMC");
  }

  /** As exact as a tick and the drift of a clock are. */
  private static void assertNear(long nanos, Duration actual) {
    assertTrue(Math.abs(actual.toNanos() - nanos) < 1_000, () -> nanos + " ns, but " + actual);
  }

  @Test
  void aTransitionThatIsShorterThanTheThresholdHasNoEventAndEndsItsSocketAllTheSame()
      throws Exception {
    recording.with(StateChange.NAME, "threshold", "20 ms");
    hooks.connect(CLIENT, "client");
    Thread.sleep(100);
    long now = System.nanoTime();
    read(
        Records.transition(CLIENT, TcpState.SYN_SENT, TcpState.ESTABLISHED, now)
            .putLong(TransitionView.Offsets.OLD_SINCE_NS, now - 30 * MILLI),
        Records.transition(CLIENT, TcpState.ESTABLISHED, TcpState.CLOSE, now)
            .putLong(TransitionView.Offsets.OLD_SINCE_NS, now - 10 * MILLI));
    assertEquals("ESTABLISHED", only(StateChange.NAME).getString("newState"));
    assertFalse(openers.knows(CLIENT));
  }

  @Test
  void aChildIsItsListenersUntilItIsAccepted() throws Exception {
    hooks.listen(LISTENER, "server");
    ByteBuffer before =
        transition(CHILD, TcpState.SYN_RECV, TcpState.ESTABLISHED)
            .putLong(TransitionView.Offsets.LISTENER_ID, LISTENER);
    hooks.accept(CHILD, "acceptor");
    ByteBuffer after =
        transition(CHILD, TcpState.ESTABLISHED, TcpState.CLOSE_WAIT)
            .putLong(TransitionView.Offsets.LISTENER_ID, LISTENER);
    read(before, after);
    assertEquals(List.of("server", "acceptor"), strings(StateChange.NAME, "openThread"));
    assertEquals(LISTENER, recording.events(StateChange.NAME).get(0).getLong("listenerId"));
  }

  /** The hook of accept runs when the kernel has reported the socket already. */
  @Test
  void aRecordBeforeTheHookHasNoOpenerAndTheNextHasIt() throws Exception {
    read(transition(CHILD, TcpState.SYN_RECV, TcpState.ESTABLISHED));
    hooks.accept(CHILD, "acceptor");
    read(transition(CHILD, TcpState.ESTABLISHED, TcpState.CLOSE_WAIT));
    List<RecordedEvent> events = recording.events(StateChange.NAME);
    assertEquals(0, events.get(0).getLong("openSiteId"));
    assertEquals(Opener.UNKNOWN.by(), events.get(0).getString("openedBy"));
    assertEquals("acceptor", events.get(1).getString("openThread"));
  }

  @Test
  void afterItsEndASocketHasNoOpener() throws Exception {
    hooks.connect(CLIENT, "client");
    read(
        transition(CLIENT, TcpState.ESTABLISHED, TcpState.CLOSE),
        transition(CLIENT, TcpState.CLOSE, TcpState.SYN_SENT));
    List<RecordedEvent> events = recording.events(StateChange.NAME);
    assertEquals("client", events.get(0).getString("openThread"));
    assertEquals(Opener.UNKNOWN.by(), events.get(1).getString("openedBy"));
    assertEquals(0, hooks.sockets.size());
  }

  @Test
  void anEndRecordForgetsTheOpener() throws Exception {
    hooks.connect(CLIENT, "client");
    read(Records.end(CLIENT, TcpState.LAST_ACK));
    assertFalse(openers.knows(CLIENT));
  }

  @Test
  void untilAllHooksAreInAnUnknownSocketIsOlderThanTheAgent() throws Exception {
    EventEmitter young = new EventEmitter(hooks.sockets, openers, times, clock);
    ring.submit(transition(CLIENT, TcpState.ESTABLISHED, TcpState.CLOSE_WAIT));
    ring.submit(
        transition(CHILD, TcpState.SYN_RECV, TcpState.ESTABLISHED)
            .putLong(TransitionView.Offsets.LISTENER_ID, LISTENER));
    ring.drain(young);
    assertEquals(
        List.of("opened before the agent", Opener.UNKNOWN.by()),
        strings(StateChange.NAME, "openedBy"));
    assertTrue(openers.knows(CLIENT));
    assertFalse(openers.knows(CHILD), "accept will report it");
  }

  @Test
  void aConnectionHasTheFieldsOfItsRecordAndItsOpener() throws Exception {
    long thread = hooks.connect(CLIENT, "client");
    Map<String, Object> expected = expected(CLIENT, "client", thread);
    Thread.sleep(100);
    long end = System.nanoTime();
    long opened = end - 50 * MILLI;
    ByteBuffer record =
        endpoints(
            Records.connection(CLIENT, TcpState.LAST_ACK, opened, end),
            ConnectionView.Offsets.LOCAL_ADDR,
            ConnectionView.Offsets.LOCAL_PORT);
    record.put(ConnectionView.Offsets.CLOSER, (byte) ConnectionView.REMOTE);
    record.putLong(ConnectionView.Offsets.ESTABLISHED_NS, opened + 2 * MILLI);
    record.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.ESTABLISHED, 11);
    record.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.FIN_WAIT, 12);
    record.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.CLOSE_WAIT, 13);
    record.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.LAST_ACK, 14);
    record.putLong(ConnectionView.Offsets.IDLE_NS, 15);
    record.putLong(ConnectionView.Offsets.BYTES_SENT, 1L << 33);
    record.putLong(ConnectionView.Offsets.BYTES_RECEIVED, 22);
    record.putLong(ConnectionView.Offsets.BYTES_RETRANSMITTED, 23);
    record.putInt(ConnectionView.Offsets.SEGMENTS_SENT, 24);
    record.putInt(ConnectionView.Offsets.SEGMENTS_RECEIVED, 25);
    record.putInt(ConnectionView.Offsets.RETRANSMITS, 26);
    record.putInt(ConnectionView.Offsets.SMOOTHED_RTT, 250);
    record.putInt(ConnectionView.Offsets.MINIMUM_RTT, -1);
    record.putInt(ConnectionView.Offsets.UNREAD, -1);
    read(record);
    expected.put("kind", "CONNECT");
    expected.put("end", "FIN");
    expected.put("closedBy", "REMOTE");
    expected.put("reason", null);
    expected.put("uncertainty", 0L);
    expected.put("established", true);
    expected.put("handshakeTime", 2 * MILLI);
    expected.put("accepted", false);
    expected.put("acceptQueueWait", NOT_AVAILABLE);
    expected.put("timeEstablished", 11L);
    expected.put("timeFinWait", 12L);
    expected.put("timeCloseWait", 13L);
    expected.put("timeLastAck", 14L);
    expected.put("bytesSent", 1L << 33);
    expected.put("bytesReceived", 22L);
    expected.put("bytesRetransmitted", 23L);
    expected.put("bytesUnread", (1L << 32) - 1);
    expected.put("segmentsSent", 24);
    expected.put("segmentsReceived", 25);
    expected.put("retransmits", 26);
    expected.put("smoothedRtt", 250_000L);
    expected.put("minimumRtt", NOT_AVAILABLE);
    expected.put("idleBefore", 15L);
    RecordedEvent event = only(Connection.NAME);
    assertEquals(expected, fields(event));
    long wrong = event.getDuration().toNanos() - 50 * MILLI;
    assertTrue(Math.abs(wrong) < 100_000, "its duration is wrong by " + wrong + " ns");
  }

  @Test
  void aConnectionsThresholdIsOfItsLifetime() throws Exception {
    recording.with(Connection.NAME, "threshold", "20 ms");
    Thread.sleep(100);
    long end = System.nanoTime();
    read(
        Records.connection(CLIENT, TcpState.LAST_ACK, end - 10 * MILLI, end),
        Records.connection(CHILD, TcpState.LAST_ACK, end - 40 * MILLI, end));
    assertEquals(CHILD, only(Connection.NAME).getLong("socketId"));
  }

  @Test
  void aConnectionThatNobodyAskedForHasNoEvent() throws Exception {
    long now = System.nanoTime();
    read(
        Records.connection(CLIENT, TcpState.LAST_ACK, now - MILLI, now)
            .putShort(ConnectionView.Offsets.WANTED, (short) 16));
    assertEquals(List.of(), recording.events(Connection.NAME));
  }

  @Test
  void aConnectionWaitsForAcceptFromItsHandshakeOn() throws Exception {
    hooks.listen(LISTENER, "server");
    long established = System.nanoTime();
    long before = System.nanoTime();
    hooks.accept(CHILD, "acceptor");
    long after = System.nanoTime();
    read(
        Records.connection(CHILD, TcpState.CLOSE_WAIT, established - MILLI, after + MILLI)
            .putLong(ConnectionView.Offsets.LISTENER_ID, LISTENER)
            .putLong(ConnectionView.Offsets.ESTABLISHED_NS, established)
            .putShort(ConnectionView.Offsets.ERROR, (short) ECONNRESET));
    RecordedEvent event = only(Connection.NAME);
    assertEquals("ACCEPT", event.getString("kind"));
    assertTrue(event.getBoolean("accepted"));
    assertEquals("acceptor", event.getString("openThread"));
    assertEquals("RESET_BY_REMOTE", event.getString("end"));
    assertEquals("ECONNRESET", event.getString("reason"));
    assertEquals(null, event.getString("closedBy"));
    long wait = event.getLong("acceptQueueWait");
    assertTrue(wait >= before - established && wait <= after - established, wait + " ns");
  }

  /** It ended first, though accept returned it before its record was read. */
  @Test
  void aConnectionThatEndedInTheQueueWasNotAccepted() throws Exception {
    hooks.listen(LISTENER, "server");
    long end = System.nanoTime();
    hooks.accept(CHILD, "acceptor");
    read(
        Records.connection(CHILD, TcpState.ESTABLISHED, end - 3 * MILLI, end)
            .putLong(ConnectionView.Offsets.LISTENER_ID, LISTENER)
            .putLong(ConnectionView.Offsets.ESTABLISHED_NS, end - 2 * MILLI));
    RecordedEvent event = only(Connection.NAME);
    assertFalse(event.getBoolean("accepted"));
    assertEquals(2 * MILLI, event.getLong("acceptQueueWait"));
    assertEquals("server", event.getString("openThread"));
  }

  @Test
  void anAttemptThatFailsHasNoHandshake() throws Exception {
    long now = System.nanoTime();
    read(
        Records.connection(CLIENT, TcpState.SYN_SENT, now - MILLI, now)
            .putShort(ConnectionView.Offsets.ERROR, (short) ECONNREFUSED));
    RecordedEvent event = only(Connection.NAME);
    assertEquals("REFUSED", event.getString("end"));
    assertFalse(event.getBoolean("established"));
    assertEquals(NOT_AVAILABLE, event.getLong("handshakeTime"));
    assertEquals(NOT_AVAILABLE, event.getLong("acceptQueueWait"));
  }

  @Test
  void whatPollsCannotBoundIsNotAvailable() throws Exception {
    hooks.accept(CHILD, "acceptor");
    hooks.connect(CLIENT, "client");
    emitter.connection(polled(CHILD));
    emitter.connection(polled(CLIENT));
    Map<Long, RecordedEvent> events = new TreeMap<>();
    recording
        .events(Connection.NAME)
        .forEach(event -> events.put(event.getLong("socketId"), event));
    RecordedEvent child = events.get((long) CHILD);
    assertEquals("ACCEPT", child.getString("kind"), "its listener is unknown, its opener is not");
    assertEquals(99, child.getLong("uncertainty"));
    assertEquals("UNKNOWN", child.getString("end"));
    assertTrue(child.getBoolean("established"));
    assertTrue(child.getBoolean("accepted"));
    assertEquals(NOT_AVAILABLE, child.getLong("handshakeTime"));
    assertEquals(NOT_AVAILABLE, child.getLong("acceptQueueWait"));
    RecordedEvent client = events.get((long) CLIENT);
    assertEquals("CONNECT", client.getString("kind"));
    assertFalse(client.getBoolean("accepted"));
    assertEquals(NOT_AVAILABLE, client.getLong("handshakeTime"));
    assertEquals(NOT_AVAILABLE, client.getLong("acceptQueueWait"));
  }

  private static ConnectionView polled(int socketId) {
    long now = System.nanoTime();
    ByteBuffer record =
        ByteBuffer.allocate(SampledConnection.BYTES)
            .order(ByteOrder.nativeOrder())
            .put(0, Records.connection(socketId, TcpState.ESTABLISHED, now - MILLI, now).array());
    record.putShort(Header.SIZE, (short) SampledConnection.BYTES);
    record.putLong(SampledConnection.UNCERTAINTY_NS, 99);
    record.put(SampledConnection.ESTABLISHED, (byte) 1);
    return new ConnectionView(record);
  }

  @Test
  void aRetransmitHasTheFieldsOfItsRecordAndItsOpener() throws Exception {
    long thread = hooks.connect(CLIENT, "client");
    ByteBuffer record =
        endpoints(
            Records.retransmit(CLIENT, TcpState.ESTABLISHED, 3, System.nanoTime()),
            RetransmitView.Offsets.LOCAL_ADDR,
            RetransmitView.Offsets.LOCAL_PORT);
    record.putShort(RetransmitView.Offsets.SEGMENTS, (short) 2);
    record.putInt(RetransmitView.Offsets.BYTES_RETRANSMITTED, -1);
    record.putInt(RetransmitView.Offsets.RETRANSMITS, 9);
    read(record);
    Map<String, Object> expected = expected(CLIENT, "client", thread);
    expected.put("state", "ESTABLISHED");
    expected.put("kind", "DATA");
    expected.put("segments", 2);
    expected.put("bytesRetransmitted", (1L << 32) - 1);
    expected.put("retransmits", 9);
    assertEquals(expected, fields(only(Retransmit.NAME)));
  }

  @Test
  void aResetHasTheFieldsOfItsRecordAndItsOpener() throws Exception {
    long thread = hooks.connect(CLIENT, "client");
    ByteBuffer record =
        endpoints(
            Records.reset(CLIENT, TcpState.ESTABLISHED, ResetView.SENT, System.nanoTime()),
            ResetView.Offsets.LOCAL_ADDR,
            ResetView.Offsets.LOCAL_PORT);
    record.putLong(ResetView.Offsets.IDLE_NS, 16);
    read(record.putShort(ResetView.Offsets.REASON, (short) 7));
    Map<String, Object> expected = expected(CLIENT, "client", thread);
    expected.put("state", "ESTABLISHED");
    expected.put("direction", "SENT");
    expected.put("reason", FakeRing.REASONS.get(7));
    expected.put("idleBefore", 16L);
    assertEquals(expected, fields(only(Reset.NAME)));
  }

  @Test
  void aResetAfterItsSocketsEndHasItsOpener() throws Exception {
    hooks.connect(CLIENT, "client");
    read(true, transition(CLIENT, TcpState.ESTABLISHED, TcpState.CLOSE));
    read(true, Records.reset(CLIENT, TcpState.ESTABLISHED, ResetView.SENT, System.nanoTime()));
    assertEquals("client", only(Reset.NAME).getString("openThread"));
  }

  /** What came was data for nobody, and the reset is the answer. */
  @Test
  void whatSeemedAResetIsNoneIfOneIsSentRightAfterIt() throws Exception {
    long old = begun - TimeUnit.SECONDS.toNanos(1);
    read(
        Records.reset(CLIENT, TcpState.FIN_WAIT2, ResetView.RECEIVED_OR_ABORT, old),
        Records.reset(CLIENT, TcpState.FIN_WAIT2, ResetView.SENT, old + 1));
    assertEquals(List.of("SENT"), strings(Reset.NAME, "direction"));
  }

  @Test
  void whatSeemedAResetIsOneIfNoneIsSentForAWhile() throws Exception {
    long now = System.nanoTime();
    read(
        Records.reset(CLIENT, TcpState.FIN_WAIT2, ResetView.RECEIVED_OR_ABORT, begun - 11 * MILLI),
        Records.reset(
            CHILD, TcpState.FIN_WAIT2, ResetView.RECEIVED_OR_ABORT, now + 60_000 * MILLI));
    emitter.read(System.nanoTime(), null, null);
    RecordedEvent event = only(Reset.NAME);
    assertEquals(CLIENT, event.getLong("socketId"), "the other's answer may still come");
    assertEquals("RECEIVED", event.getString("direction"));
  }

  @Test
  void anOpenSocketHasTheFieldsOfItsRecordAndItsOpener() throws Exception {
    long thread = hooks.connect(CLIENT, "client");
    long since = System.nanoTime() - 5 * MILLI;
    long before = System.nanoTime();
    open(
        snapshot(CLIENT, since)
            .putInt(SnapshotView.Offsets.LAST_SENT, 17)
            .putInt(SnapshotView.Offsets.LAST_RECEIVED, -1)
            .putInt(SnapshotView.Offsets.SEND_QUEUE, 3_000)
            .putInt(SnapshotView.Offsets.RECEIVE_QUEUE, 82));
    long after = System.nanoTime();
    RecordedEvent event = only(SocketState.NAME);
    Map<String, Object> fields = fields(event);
    long timeInState = (long) fields.remove("timeInState");
    Map<String, Object> expected = expected(CLIENT, "client", thread);
    expected.put("state", "ESTABLISHED");
    expected.put("sendQueue", 3_000L);
    expected.put("receiveQueue", 82L);
    expected.put("lastSent", 17 * MILLI);
    expected.put("lastReceived", NOT_AVAILABLE);
    assertEquals(expected, fields);
    assertTrue(timeInState >= before - since && timeInState <= after - since, timeInState + " ns");
  }

  private static ByteBuffer snapshot(int socketId, long since) {
    return endpoints(
        Records.snapshot(socketId, TcpState.ESTABLISHED, since),
        SnapshotView.Offsets.LOCAL_ADDR,
        SnapshotView.Offsets.LOCAL_PORT);
  }

  private void open(ByteBuffer record) {
    Records.forEach(List.of(record), emitter::open);
  }

  @Test
  void anOpenSocketThatIsExcludedOrUnusedHasNoEvent() throws Exception {
    open(
        Records.snapshot(CLIENT, TcpState.ESTABLISHED, 1)
            .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.EXCLUDED));
    open(Records.snapshot(CHILD, TcpState.CLOSE, 1));
    assertEquals(List.of(), recording.events(SocketState.NAME));
  }

  /** Its queues are numbers of connections. */
  @Test
  void aListenerHasNoBytesInItsQueues() throws Exception {
    open(
        Records.snapshot(LISTENER, TcpState.LISTEN, 0)
            .putInt(SnapshotView.Offsets.SEND_QUEUE, 50)
            .putInt(SnapshotView.Offsets.RECEIVE_QUEUE, 3));
    RecordedEvent event = only(SocketState.NAME);
    assertEquals(0, event.getLong("sendQueue"));
    assertEquals(0, event.getLong("receiveQueue"));
  }

  @Test
  void anOpenSocketThatIsAdoptedIsKnownFromThenOn() throws Exception {
    open(
        Records.snapshot(LISTENER, TcpState.LISTEN, 0)
            .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.ADOPTED));
    assertEquals("opened before the agent", only(SocketState.NAME).getString("openedBy"));
    assertTrue(openers.knows(LISTENER));
  }

  @Test
  void aTaskOfAnotherPidNamespaceHasNoName() throws Exception {
    hooks.connect(CLIENT, "client");
    ByteBuffer others = transition(CLIENT, TcpState.CLOSE, TcpState.SYN_SENT);
    ByteBuffer unnamed = transition(CLIENT, TcpState.SYN_SENT, TcpState.ESTABLISHED);
    unnamed.putInt(TransitionView.Offsets.TASK_ID, 7); // it has given itself no name
    read(others, unnamed);
    assertEquals(List.of("other process", ""), strings(StateChange.NAME, "taskName"));
  }
}
