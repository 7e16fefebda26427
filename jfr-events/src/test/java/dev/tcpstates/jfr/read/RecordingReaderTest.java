// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.Made;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.StateChange;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.DataAmount;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingReaderTest {
  @TempDir Path dir;

  @Test
  void transitionHasEveryFieldOfTheEvent() throws Exception {
    StateChange event = new StateChange();
    Path file =
        record(
            () -> {
              event.begin();
              event.socketId = 0x1001;
              event.localAddress = "192.0.2.1";
              event.localPort = 50000;
              event.address = "198.51.100.2";
              event.port = 443;
              event.oldState = "SYN_SENT";
              event.newState = "CLOSE";
              event.timeInState = 1_234_567_891;
              event.uncertainty = 250;
              event.reason = "ECONNREFUSED";
              event.openedBy = "app.Client.connect:12";
              event.openThread = "worker-1";
              event.openThreadId = 31;
              event.openSiteId = 7;
              event.taskId = 4242;
              event.taskName = "ksoftirqd/0";
              event.listenerId = 0x99;
              sleep(20);
              event.commit();
            });

    TcpRecording recording = RecordingReader.read(file);
    Transition found = recording.timeline(0x1001).orElseThrow().transitions().get(0);
    assertEquals(
        Made.of(Transition.class)
            .with("socketId", 0x1001L)
            .with("startTime", found.startTime())
            .with("endTime", found.endTime())
            .with("localAddress", "192.0.2.1")
            .with("localPort", 50000)
            .with("address", "198.51.100.2")
            .with("port", 443)
            .with("oldState", TcpState.SYN_SENT)
            .with("newState", TcpState.CLOSE)
            .with("timeInState", Duration.ofNanos(1_234_567_891))
            .with("uncertainty", Duration.ofNanos(250))
            .with("reason", "ECONNREFUSED")
            .with("openedBy", "app.Client.connect:12")
            .with("openThread", "worker-1")
            .with("openThreadId", 31L)
            .with("openSiteId", 7L)
            .with("taskId", 4242)
            .with("taskName", "ksoftirqd/0")
            .with("listenerId", 0x99L)
            .make(),
        found);
    Duration lasted = Duration.between(found.startTime(), found.endTime());
    assertTrue(lasted.compareTo(Duration.ofMillis(19)) > 0, lasted.toString());
  }

  @Test
  void timelinesAreInTheOrderOfTheTransitionsEnd() throws Exception {
    Path file =
        record(
            () -> {
              StateChange first = ended(1, "CLOSE", "SYN_SENT");
              StateChange other = ended(2, "CLOSE", "LISTEN");
              StateChange second = ended(1, "SYN_SENT", "ESTABLISHED");
              StateChange third = ended(1, "ESTABLISHED", "CLOSE");
              third.commit();
              second.commit();
              other.commit();
              first.commit();
            });

    TcpRecording recording = RecordingReader.read(file);
    assertEquals(
        List.of(1L, 2L), recording.timelines().stream().map(SocketTimeline::socketId).toList());
    assertEquals(
        List.of(TcpState.SYN_SENT, TcpState.LISTEN, TcpState.ESTABLISHED, TcpState.CLOSE),
        recording.transitions().stream().map(Transition::newState).toList());
    SocketTimeline timeline = recording.timeline(1).orElseThrow();
    assertEquals(
        List.of(TcpState.SYN_SENT, TcpState.ESTABLISHED, TcpState.CLOSE),
        timeline.transitions().stream().map(Transition::newState).toList());
    assertTrue(timeline.complete());
    assertFalse(recording.timeline(2).orElseThrow().complete());
    assertTrue(recording.timeline(3).isEmpty());
  }

  @Test
  void theOtherEvents() throws Exception {
    Path file =
        record(
            () -> {
              commitSite(7, 1);
              commitSite(7, 2);
              commitSite(8, 1);

              SocketOpen open = new SocketOpen();
              open.socketId = 1;
              open.kind = "ACCEPT";
              open.openSiteId = 7;
              open.commit();

              RecordsLost lost = new RecordsLost();
              lost.begin();
              lost.count = 5;
              lost.reason = "RING_FULL";
              sleep(20);
              lost.commit();

              AgentState state = new AgentState();
              state.attached = true;
              state.options = "family=4";
              state.version = "1.2.3";
              state.kernel = "6.1.0";
              state.libbpf = "1.5";
              state.clock = "KERNEL";
              state.openSockets = 11;
              state.openSites = 12;
              state.records = 13;
              state.recordsPerSecond = 131;
              state.lost = 14;
              state.suppressedErrors = 15;
              state.cpuTime = 16_000_000;
              state.ringSize = 8 << 20;
              state.ringFill = 81;
              state.highestRingFill = 82;
              state.missing = "Reset";
              state.hooks = "woven: a; missing: b";
              state.commit();
            });

    TcpRecording recording = RecordingReader.read(file);
    assertEquals(
        Map.of(
            7L,
                new OpenSiteInfo(
                    7, SocketKind.CONNECT, "app.Client:2", List.of("a.B.c:1", "d.E.f:2"), 2, 1),
            8L,
                new OpenSiteInfo(
                    8, SocketKind.CONNECT, "app.Client:1", List.of("a.B.c:1", "d.E.f:2"), 1, 1)),
        recording.openSites());

    assertEquals(Set.of(1L), recording.socketOpens().keySet());
    SocketOpenInfo open = recording.socketOpens().get(1L);
    assertEquals(SocketKind.ACCEPT, open.kind());
    assertEquals(7, open.openSiteId());
    assertEquals(Thread.currentThread().getName(), open.thread());
    assertTrue(
        open.stack().get(0).matches(RecordingReaderTest.class.getName() + "\\.lambda\\$.*:\\d+"),
        open.stack().toString());

    assertEquals(1, recording.losses().size());
    Loss loss = recording.losses().get(0);
    assertEquals(5, loss.count());
    assertEquals("RING_FULL", loss.reason());
    assertTrue(Duration.between(loss.from(), loss.to()).compareTo(Duration.ofMillis(19)) > 0);

    assertEquals(1, recording.agentStates().size());
    AgentInfo state = recording.agentStates().get(0);
    assertEquals(
        new AgentInfo(
            state.time(),
            true,
            "EXACT",
            Duration.ZERO,
            null,
            "family=4",
            "1.2.3",
            "6.1.0",
            "1.5",
            "KERNEL",
            11,
            12,
            13,
            131,
            14,
            15,
            Duration.ofMillis(16),
            8_388_608,
            81,
            82,
            "Reset",
            "woven: a; missing: b"),
        state);
    assertEquals(List.of(), recording.timelines());
    assertEquals(List.of(), recording.transitions());
  }

  @Test
  void whatFlightRecorderLost() throws Exception {
    Path file =
        record(
            () -> {
              Recordings.commit("tst.DataLoss", fields("amount", 70L, "total", 1_070L));
              Recordings.commit("tst.DataLoss", fields("amount", 7L, "total", 1_077L));
            });
    assertEquals(List.of(), RecordingReader.read(file).dataLosses());

    TcpRecording recording =
        RecordingReader.read(Recordings.renamed(file, "tst.DataLoss", "jdk.DataLoss"));
    List<Instant> times =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().equals("jdk.DataLoss"))
            .map(RecordedEvent::getStartTime)
            .sorted()
            .toList();
    assertEquals(
        List.of(new DataLoss(times.get(0), 70, 1_070), new DataLoss(times.get(1), 7, 1_077)),
        recording.dataLosses());
    assertEquals(List.of(), recording.losses());
  }

  /** The JVM that runs these tests has the event, with the fields that are read. */
  @Test
  void theJvmsOwnLossHasTheFieldsThatAreRead() {
    EventType type =
        FlightRecorder.getFlightRecorder().getEventTypes().stream()
            .filter(some -> some.getName().equals(DataLoss.NAME))
            .findAny()
            .orElseThrow();
    assertEquals("long", type.getField("amount").getTypeName());
    assertEquals(DataAmount.BYTES, type.getField("amount").getAnnotation(DataAmount.class).value());
    assertEquals("long", type.getField("total").getTypeName());
  }

  @Test
  void fieldsThatAnotherVersionLacksHaveDefaults() throws Exception {
    Path file =
        record(
            () -> {
              Recordings.commit("tcpstates.StateChange", fields("socketId", 1L, "added", "x"));
              Recordings.commit("tcpstates.SocketOpen", fields("socketId", 2L));
              Recordings.commit("tcpstates.OpenSite", fields("openSiteId", 3L));
              Recordings.commit("tcpstates.RecordsLost", fields("added", "x"));
              Recordings.commit("tcpstates.AgentState", fields("added", "x"));
            });

    TcpRecording recording = RecordingReader.read(file);
    Transition transition = recording.timeline(1).orElseThrow().transitions().get(0);
    assertNotNull(transition.startTime());
    assertNotNull(transition.endTime());
    assertEquals(
        Made.of(Transition.class)
            .with("socketId", 1L)
            .with("startTime", transition.startTime())
            .with("endTime", transition.endTime())
            .make(),
        transition);
    assertFalse(recording.timeline(1).orElseThrow().complete());
    assertNull(recording.socketOpens().get(2L).kind());
    assertEquals(new OpenSiteInfo(3, null, null, List.of(), 0, 0), recording.openSites().get(3L));
    assertEquals(0, recording.losses().get(0).count());
    assertFalse(recording.agentStates().get(0).attached());
  }

  @Test
  void fieldsOfAnotherTypeHaveDefaults() throws Exception {
    Path file =
        record(
            () ->
                Recordings.commit(
                    "tcpstates.StateChange",
                    fields("socketId", 1, "localPort", "https", "oldState", 7, "timeInState", 5L)));

    Transition transition =
        RecordingReader.read(file).timeline(1).orElseThrow().transitions().get(0);
    assertEquals(0, transition.localPort());
    assertNull(transition.oldState());
    assertEquals(Duration.ZERO, transition.timeInState(), "a number without a unit says nothing");
  }

  @Test
  void foreignEventsArePassedOver() throws Exception {
    Path file =
        record(
            () -> {
              Recordings.commit("tcpstates.Future", fields("socketId", 1L));
              Recordings.commit("other.StateChange", fields("socketId", 1L));
              Recordings.commit("StateChange", fields("socketId", 1L));
            });

    TcpRecording recording = RecordingReader.read(file);
    assertEquals(List.of(), recording.timelines());
    assertEquals(Map.of(), recording.openSites());
    assertEquals(Map.of(), recording.socketOpens());
    assertEquals(List.of(), recording.losses());
    assertEquals(List.of(), recording.agentStates());
  }

  @Test
  void recordingsOfSeveralChunksAreReadWhole() throws Exception {
    byte[] one = Files.readAllBytes(record(() -> ended(1, "CLOSE", "SYN_SENT").commit()));
    byte[] two = Files.readAllBytes(record(() -> ended(1, "SYN_SENT", "CLOSE").commit()));
    Path file = Files.write(dir.resolve("two.jfr"), concat(one, two));

    assertTrue(RecordingReader.read(file).timeline(1).orElseThrow().complete());
  }

  @Test
  void fileCutShortIsNamedSo() throws Exception {
    byte[] whole = Files.readAllBytes(record(() -> ended(1, "CLOSE", "SYN_SENT").commit()));
    Path cut = dir.resolve("cut.jfr");
    for (int size : new int[] {3, 40, 68, 69, 1000, whole.length / 2, whole.length - 1}) {
      Files.write(cut, Arrays.copyOf(whole, size));
      String message =
          assertThrows(IOException.class, () -> RecordingReader.read(cut)).getMessage();
      assertTrue(message.startsWith(cut + " is cut short: the chunk at byte 0"), message);
    }

    byte[] other = Files.readAllBytes(record(() -> ended(2, "CLOSE", "SYN_SENT").commit()));
    Files.write(cut, concat(whole, Arrays.copyOf(other, 1000)));
    String message = assertThrows(IOException.class, () -> RecordingReader.read(cut)).getMessage();
    assertTrue(
        message.startsWith(cut + " is cut short: the chunk at byte " + whole.length), message);
  }

  @Test
  void unfinishedChunkIsNamedSo() throws Exception {
    byte[] bytes = Files.readAllBytes(record(() -> {}));
    Arrays.fill(bytes, 8, 16, (byte) 0);
    Path file = Files.write(dir.resolve("unfinished.jfr"), bytes);

    String message = assertThrows(IOException.class, () -> RecordingReader.read(file)).getMessage();
    assertTrue(message.startsWith(file + " is not finished"), message);
  }

  @Test
  void damagedFileIsAnIoException() throws Exception {
    byte[] bytes = Files.readAllBytes(record(() -> ended(1, "CLOSE", "SYN_SENT").commit()));
    // All but the header.
    Arrays.fill(bytes, 68, bytes.length, (byte) 0x7f);
    Path file = Files.write(dir.resolve("damaged.jfr"), bytes);

    String message = assertThrows(IOException.class, () -> RecordingReader.read(file)).getMessage();
    assertTrue(message.startsWith(file + " is damaged"), message);
  }

  @Test
  void otherFilesAreNamedSo() throws Exception {
    Path text = Files.writeString(dir.resolve("text.jfr"), "no recording ".repeat(10));
    String message = assertThrows(IOException.class, () -> RecordingReader.read(text)).getMessage();
    assertTrue(message.startsWith(text + " is not a flight recording"), message);

    Path empty = Files.createFile(dir.resolve("empty.jfr"));
    message = assertThrows(IOException.class, () -> RecordingReader.read(empty)).getMessage();
    assertTrue(message.startsWith(empty + " is empty"), message);

    Path none = dir.resolve("none.jfr");
    assertThrows(NoSuchFileException.class, () -> RecordingReader.read(none));
  }

  @Test
  void resultsCannotBeModified() throws Exception {
    TcpRecording recording =
        RecordingReader.read(record(() -> ended(1, "CLOSE", "SYN_SENT").commit()));
    assertThrows(UnsupportedOperationException.class, () -> recording.timelines().clear());
    assertThrows(UnsupportedOperationException.class, () -> recording.transitions().clear());
    assertThrows(
        UnsupportedOperationException.class,
        () -> recording.timelines().get(0).transitions().clear());
    assertThrows(UnsupportedOperationException.class, () -> recording.openSites().clear());
    assertThrows(UnsupportedOperationException.class, () -> recording.socketOpens().clear());
    assertThrows(UnsupportedOperationException.class, () -> recording.losses().clear());
    assertThrows(UnsupportedOperationException.class, () -> recording.dataLosses().clear());
    assertThrows(UnsupportedOperationException.class, () -> recording.agentStates().clear());
  }

  /** A second loader that defined an event class would make a second event type of its name. */
  @Test
  void readingNeedsNoEventClass() throws Exception {
    Path file = record(() -> ended(1, "CLOSE", "SYN_SENT").commit());
    URL classes = RecordingReader.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader = new WithoutEvents(classes)) {
      Class<?> reader = loader.loadClass(RecordingReader.class.getName());
      assertSame(loader, reader.getClassLoader());
      Object recording = reader.getMethod("read", Path.class).invoke(null, file);
      Object timelines = recording.getClass().getMethod("timelines").invoke(recording);
      assertEquals(1, ((List<?>) timelines).size());
    }
  }

  private static final class WithoutEvents extends URLClassLoader {
    WithoutEvents(URL classes) {
      super(new URL[] {classes}, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("dev.tcpstates.jfr.event.")) {
        throw new AssertionError(name + " was loaded");
      }
      return super.findClass(name);
    }
  }

  private Path record(Runnable work) throws IOException {
    return Recordings.record(Files.createTempFile(dir, "reader", ".jfr"), work);
  }

  private static StateChange ended(long socketId, String oldState, String newState) {
    StateChange event = new StateChange();
    event.socketId = socketId;
    event.oldState = oldState;
    event.newState = newState;
    event.begin();
    sleep(1);
    event.end();
    return event;
  }

  private static void commitSite(long openSiteId, int opened) {
    OpenSite site = new OpenSite();
    site.openSiteId = openSiteId;
    site.kind = "CONNECT";
    site.openedBy = "app.Client:" + opened;
    site.stack = "a.B.c:1\nd.E.f:2";
    site.opened = opened;
    site.open = 1;
    site.commit();
  }

  private static LinkedHashMap<String, Object> fields(Object... namesAndValues) {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  private static byte[] concat(byte[] one, byte[] two) {
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    return both;
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
