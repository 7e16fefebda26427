// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.FakeSource;
import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.opener.FakeHooks;
import dev.tcpstates.agent.periodic.PeriodicEvents;
import dev.tcpstates.agent.record.RecordTimes;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.StateCount;
import dev.tcpstates.jfr.event.StuckSocket;
import dev.tcpstates.jfr.event.Throughput;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From the source to the recording; Flight Recorder asks for the periodic events as it does. */
@Timeout(60)
@SuppressWarnings("try") // a recording that just has to run
class SourceReaderTest {
  private static final int CLIENT = 5;
  private static final int LISTENER = 6;
  private static final long STUCK_AFTER = TimeUnit.SECONDS.toNanos(1);

  /** Whose events Flight Recorder asks for: a hook stays for the JVM's life. */
  private static volatile SourceReader asked;

  @BeforeAll
  static void register() {
    TestRecording.registerEvents();
    PeriodicEvents.register(
        report -> {
          SourceReader now = asked;
          if (now != null) {
            now.periodic(report);
          }
        });
  }

  private final FakeSource source = new FakeSource();
  private final FakeHooks hooks = new FakeHooks();
  private Map<RecordType, SocketFilter> filters = Map.of();
  private final SourceReader reader =
      new SourceReader(
          source,
          hooks.sockets,
          new SiteDictionary(),
          new RecordTimes(),
          () -> filters,
          new PeriodicEvents.Limits(STUCK_AFTER, 10),
          null,
          0,
          new Backoff(1),
          () -> {},
          failure -> {});

  @BeforeEach
  void answer() {
    asked = reader;
  }

  @AfterEach
  void answerNoMore() {
    asked = null;
  }

  private static ByteBuffer transition(TcpState oldState, TcpState newState) {
    return Records.transition(CLIENT, oldState, newState, System.nanoTime());
  }

  private static ByteBuffer stuck(int socketId) {
    return Records.snapshot(socketId, TcpState.CLOSE_WAIT, System.nanoTime() - 2 * STUCK_AFTER);
  }

  /** Has Flight Recorder ask at chunk ends. */
  private static TestRecording atChunkEnd(String... events) {
    TestRecording recording = TestRecording.of(events);
    for (String event : events) {
      recording.with(event, "period", "endChunk");
    }
    return recording;
  }

  private static List<Long> socketIds(TestRecording recording, String type) throws Exception {
    return recording.events(type).stream().map(event -> event.getLong("socketId")).toList();
  }

  @Test
  void whileNothingIsRecordedNothingIsWanted() {
    reader.poll();
    assertEquals(List.of(), source.calls);
  }

  /** An end that was missed is lost to those who wanted it until then, so before and after. */
  @Test
  void whatIsWantedFollowsTheRecordings() {
    List<String> begin = List.of("reconcile", "recording [TRANSITIONS]", "reconcile");
    try (TestRecording recording = TestRecording.of(StateChange.NAME)) {
      reader.poll();
      reader.poll();
      assertEquals(begin, source.calls);
      source.calls.clear();
      recording.enable(Connection.NAME, Throughput.NAME);
      reader.poll();
      assertTrue(source.calls.contains("recording [TRANSITIONS, CONNECTIONS, TOTALS]"));
      source.calls.clear();
    }
    reader.poll();
    assertEquals(List.of("reconcile", "recording []", "reconcile"), source.calls);
  }

  @Test
  void aFilterIsGivenToTheSourceWhenItChanges() {
    filters = Map.of(RecordType.RESETS, SocketFilter.ALL.with("remotePorts", "443"));
    reader.poll();
    reader.poll();
    assertEquals(
        List.of("reconcile", "filter {RESETS=remotePorts=443}", "recording []", "reconcile"),
        source.calls);
    source.calls.clear();
    filters = Map.of();
    reader.poll();
    assertTrue(source.calls.contains("filter {}"), source.calls::toString);
  }

  @Test
  void aRecordIsJoinedWithItsOpener() throws Exception {
    try (TestRecording recording = TestRecording.of(StateChange.NAME, OpenSite.NAME)) {
      reader.hooked();
      hooks.connect(CLIENT, "client");
      source.submit(transition(TcpState.CLOSE, TcpState.SYN_SENT));
      reader.poll();
      RecordedEvent event = recording.events(StateChange.NAME).get(0);
      assertEquals("client", event.getString("openThread"));
      RecordedEvent site = recording.events(OpenSite.NAME).get(0);
      assertEquals(site.getLong("openSiteId"), event.getLong("openSiteId"));
      assertEquals("CONNECT", site.getString("kind"));
    }
  }

  /** Openers would pile up. */
  @Test
  void endsAreReadWhileNothingIsRecorded() throws Exception {
    hooks.connect(CLIENT, "client");
    source.submit(Records.end(CLIENT, TcpState.LAST_ACK));
    reader.poll();
    assertEquals(0, hooks.sockets.size());
  }

  @Test
  void lostRecordsAreReportedOnce() throws Exception {
    try (TestRecording recording = TestRecording.of(RecordsLost.NAME)) {
      source.losses = new Losses(3, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      reader.poll();
      reader.poll();
      List<RecordedEvent> events = recording.events(RecordsLost.NAME);
      assertEquals(1, events.size());
      assertEquals(3, events.get(0).getInt("count"));
      assertEquals("RING_FULL", events.get(0).getString("reason"));
    }
    try (TestRecording recording = TestRecording.of(RecordsLost.NAME)) {
      reader.chunkEdge();
      assertEquals(List.of(), recording.events(RecordsLost.NAME));
    }
  }

  @Test
  void whatIsInTheRingIsInTheChunkThatEnds() throws Exception {
    try (TestRecording recording = TestRecording.of(StateChange.NAME)) {
      reader.poll();
      source.submit(transition(TcpState.CLOSE, TcpState.SYN_SENT));
      reader.chunkEdge();
      assertEquals(List.of((long) CLIENT), socketIds(recording, StateChange.NAME));
    }
  }

  @Test
  void atAChunksEndAMissedEndIsSearchedFor() throws Exception {
    hooks.connect(CLIENT, "client");
    hooks.sockets.findReported(CLIENT); // its end would make a record
    hooks.closed.add(CLIENT);
    reader.chunkEdge();
    assertEquals(1, hooks.sockets.size());
    source.endMissed = true;
    long before = System.nanoTime();
    while (source.count("reconcile") < 2) { // not right after the one before
      reader.chunkEdge();
    }
    long elapsed = System.nanoTime() - before;
    assertTrue(elapsed < TimeUnit.SECONDS.toNanos(5), "found by the search that is made anyway");
    assertEquals(0, hooks.sockets.size());
  }

  /** When Flight Recorder asks for an event, what happened before is in the ring. */
  @Test
  void aPeriodicEventComesAfterTheRecordsUpToThen() throws Exception {
    try (TestRecording recording = atChunkEnd(StuckSocket.NAME)) {
      hooks.connect(CLIENT, "client");
      hooks.connect(CLIENT + 1, "client");
      source.sockets.add(stuck(CLIENT));
      source.atListing = () -> source.submit(Records.end(CLIENT + 1, TcpState.LAST_ACK));
      RecordedEvent event = recording.events(StuckSocket.NAME).get(0);
      assertEquals(CLIENT, event.getLong("socketId"));
      assertEquals("client", event.getString("openThread"));
      assertEquals(1, hooks.sockets.size(), "what ended during the snapshot has ended after it");
    }
  }

  /** They ask for it right after each other. */
  @Test
  void eventsOfTheSameMomentShareASnapshot() throws Exception {
    List<Long> times = new ArrayList<>();
    try (TestRecording recording = atChunkEnd(StuckSocket.NAME, ListenQueue.NAME)) {
      source.sockets.add(stuck(CLIENT));
      source.sockets.add(Records.snapshot(LISTENER, TcpState.LISTEN, 0));
      reader.hooked();
      Thread.sleep(30);
      source.atListing = () -> times.add(System.nanoTime());
      assertEquals(List.of((long) CLIENT), socketIds(recording, StuckSocket.NAME));
      assertEquals(List.of((long) LISTENER), socketIds(recording, ListenQueue.NAME));
    }
    assertFalse(times.isEmpty());
    for (int i = 1; i < times.size(); i++) {
      long apart = times.get(i) - times.get(i - 1);
      assertTrue(apart > TimeUnit.MILLISECONDS.toNanos(20), "two within " + apart + " ns");
    }
  }

  @Test
  void aRefusedSnapshotCostsOnlyItsOwnEvents() throws Exception {
    source.refused.add("ownSockets");
    source.sockets.add(stuck(CLIENT));
    String[] all = {StuckSocket.NAME, StateCount.NAME, ListenQueue.NAME, Throughput.NAME};
    try (TestRecording recording = atChunkEnd(all)) {
      recording.enable(StateChange.NAME);
      reader.hooked();
      source.submit(transition(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT));
      assertEquals(List.of((long) CLIENT), socketIds(recording, StateChange.NAME));
      assertEquals(1, recording.events(StateCount.NAME).get(0).getInt("inCloseWait"));
      assertEquals(List.of(), recording.events(StuckSocket.NAME));
    }
    source.refused.clear();
    try (TestRecording recording = atChunkEnd(StuckSocket.NAME)) {
      assertEquals(List.of((long) CLIENT), socketIds(recording, StuckSocket.NAME));
    }
  }

  @Test
  void bytesUpToAChunksEndAreInTheChunk() throws Exception {
    try (TestRecording recording = TestRecording.of(Throughput.NAME)) {
      recording.with(Throughput.NAME, "period", "1 h");
      source.sockets.add(established(100));
      reader.hooked();
      Thread.sleep(101); // a shorter interval is none
      source.sockets.set(0, established(130));
      long before;
      long listings;
      do {
        before = System.nanoTime();
        reader.chunkEdge();
        listings = source.count("ownSockets");
        reader.chunkEdge(); // of the chunk that begins, too soon for an interval
      } while (System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(100));
      assertEquals(listings, source.count("ownSockets"));
      source.submit(
          Records.connection(CLIENT, TcpState.LAST_ACK, 1, System.nanoTime())
              .putLong(ConnectionView.Offsets.BYTES_SENT, 150));
      source.sockets.clear();
      Thread.sleep(101);
      reader.chunkEdge();
      assertEquals(
          List.of(30L, 20L),
          recording.events(Throughput.NAME).stream()
              .map(event -> event.getLong("bytesSent"))
              .toList());
    }
  }

  /** Its record is read after the snapshot, which has it too. */
  @Test
  void bytesOfASocketThatEndsDuringASnapshotCountOnce() throws Exception {
    try (TestRecording recording = TestRecording.of(Throughput.NAME)) {
      recording.with(Throughput.NAME, "period", "1 h");
      reader.hooked();
      Thread.sleep(101);
      source.sockets.add(established(5));
      long opened = System.nanoTime();
      source.atListing =
          () ->
              source.submit(
                  Records.connection(CLIENT, TcpState.LAST_ACK, opened, opened + 1)
                      .putLong(ConnectionView.Offsets.BYTES_SENT, 7));
      reader.chunkEdge();
      List<RecordedEvent> events = recording.events(Throughput.NAME);
      assertEquals(List.of(7L), events.stream().map(event -> event.getLong("bytesSent")).toList());
    }
  }

  private static ByteBuffer established(long sent) {
    return Records.snapshot(CLIENT, TcpState.ESTABLISHED, 1)
        .putLong(SnapshotView.Offsets.BYTES_SENT, sent);
  }

  @Test
  void openSocketsAreAdoptedAndAListenerIsNoticed() {
    byte adopted = SnapshotView.ADOPTED;
    source.sockets.add(
        Records.snapshot(CLIENT, TcpState.ESTABLISHED, 0).put(SnapshotView.Offsets.FLAGS, adopted));
    source.sockets.add(Records.snapshot(LISTENER, TcpState.LISTEN, 0));
    assertFalse(reader.adoptOpenSockets(), "the listener is no adopted one");
    assertTrue(hooks.sockets.isKnown(CLIENT));
    source.sockets.add(
        Records.snapshot(LISTENER + 1, TcpState.LISTEN, 0)
            .put(SnapshotView.Offsets.FLAGS, adopted));
    assertTrue(reader.adoptOpenSockets());
    assertEquals(3, hooks.sockets.size());
  }

  @Test
  void ifOpenSocketsCannotBeListedNoneIsAdopted() {
    source.refused.add("openSockets");
    source.sockets.add(Records.snapshot(CLIENT, TcpState.ESTABLISHED, 0));
    assertFalse(reader.adoptOpenSockets());
    assertEquals(0, hooks.sockets.size());
  }

  @Test
  void openSocketsAreInTheRecordingFromItsBegin() throws Exception {
    try (TestRecording recording = TestRecording.of(SocketState.NAME)) {
      source.sockets.add(Records.snapshot(CLIENT, TcpState.ESTABLISHED, 1));
      reader.listOpenSockets();
      assertEquals(List.of((long) CLIENT), socketIds(recording, SocketState.NAME));
    }
  }

  private Thread started() {
    Thread thread = new Thread(reader, "test reader");
    thread.start();
    return thread;
  }

  private void await(String call) throws InterruptedException {
    while (source.count(call) == 0) {
      Thread.sleep(1);
    }
  }

  @Test
  void aRecordingThatBeginsWakesTheReader() throws Exception {
    source.sleepy = true;
    Thread thread = started();
    await("await");
    try (TestRecording recording = TestRecording.of(StateChange.NAME)) {
      reader.recordingChanged();
      assertTrue(source.calls.contains("recording [TRANSITIONS]"), source.calls::toString);
      while (source.count("await") < 2) {
        Thread.sleep(1);
      }
    }
    reader.stop();
    thread.join();
  }

  /** Whose priority is higher than that of the thread that ends the chunk. */
  @Test
  void theReaderDoesTheWorkOfAChunksEnd() throws Exception {
    source.sleepy = true;
    Set<Thread> drained = ConcurrentHashMap.newKeySet();
    source.atDrain = () -> drained.add(Thread.currentThread());
    Thread thread = started();
    await("await");
    reader.chunkEdge();
    assertEquals(Set.of(thread), drained);
    reader.stop();
    thread.join();
  }

  @Test
  void stopEndsAReaderThatWaits() throws Exception {
    source.sleepy = true;
    Thread thread = started();
    await("await");
    reader.stop();
    thread.join();
  }

  @Test
  void afterStopThereIsNoOtherPoll() throws Exception {
    CountDownLatch polling = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger polls = new AtomicInteger();
    source.atDrain =
        () -> {
          polls.incrementAndGet();
          polling.countDown();
          awaitUninterruptibly(go);
        };
    source.wake();
    Thread thread = started();
    polling.await();
    reader.stop();
    go.countDown();
    thread.join();
    assertEquals(1, polls.get());
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The JVM's end waits for threads in native code. */
  @Test
  void whileTheJvmEndsItReadsWithoutWaitingInTheSource() throws Exception {
    source.sleepy = true;
    CountDownLatch polls = new CountDownLatch(3);
    Thread thread = started();
    await("await");
    source.atDrain = polls::countDown;
    reader.ending();
    polls.await();
    assertEquals(1, source.count("await"));
    assertEquals(1, source.count("ending"));
    reader.stop();
    thread.join();
  }
}
