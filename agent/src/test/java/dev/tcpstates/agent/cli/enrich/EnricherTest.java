// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.enrich;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.Timespan;
import jdk.jfr.Timestamp;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedObject;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmc.common.IMCFrame;
import org.openjdk.jmc.common.IMCStackTrace;
import org.openjdk.jmc.common.IMCThread;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.ItemToolkit;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrAttributes;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/** Written by {@link Enricher}, read by JDK Mission Control's parser and by Java's own. */
class EnricherTest {
  private static final List<String> STACK =
      List.of(
          "sun.nio.ch.Net.connect0:native", "java.net.Socket.<init>:454", "app.Client$1.ask:12");

  @TempDir static Path dir;

  private static Path original;
  private static Path copy;
  private static List<RecordedEvent> before;
  private static List<RecordedEvent> after;

  @BeforeAll
  static void recordAndCopy() throws Exception {
    original = dir.resolve("original.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ThreadStart");
      recording.enable("jdk.JVMInformation");
      recording.enable("jdk.CPULoad").with("period", "beginChunk");
      recording.start();
      Thread opener = new Thread(EnricherTest::open, "opener");
      opener.start();
      opener.join();
      commit(1, 7, "main-no-more", 4711);
      commit(2, 7, "opener", opener.getId());
      commit(3, 8, null, 0);
      new InTicks().commit();
      site(7, String.join("\n", STACK));
      recording.stop();
      recording.dump(original);
    }
    copy = dir.resolve("copy.jfr");
    assertEquals(List.of(), copy(original, copy, false));
    before = RecordingFile.readAllEvents(original);
    after = RecordingFile.readAllEvents(copy);
  }

  private static void open() {
    SocketOpen open = new SocketOpen();
    open.socketId = 2;
    open.openSiteId = 7;
    open.commit();
  }

  private static void commit(long socketId, long site, String thread, long threadId) {
    StateChange change = new StateChange();
    change.begin();
    change.socketId = socketId;
    change.oldState = "SYN_SENT";
    change.newState = "CLOSE";
    change.timeInState = 17;
    change.reason = "";
    change.openSiteId = site;
    change.openThread = thread;
    change.openThreadId = threadId;
    change.commit();
    Connection connection = new Connection();
    connection.socketId = socketId;
    connection.openSiteId = site;
    connection.openThread = thread;
    connection.openThreadId = threadId;
    connection.commit();
  }

  @Name("test.InTicks")
  private static final class InTicks extends Event {
    @Timespan(Timespan.TICKS)
    private long span = 1_000;

    @Timespan(Timespan.TICKS)
    private long noSpan = Long.MIN_VALUE;

    @Timestamp(Timestamp.TICKS)
    private long noTime = Long.MIN_VALUE;
  }

  private static void site(long id, String stack) {
    OpenSite site = new OpenSite();
    site.openSiteId = id;
    site.stack = stack;
    site.commit();
  }

  private static List<ReadProblem> copy(Path from, Path to, boolean ownOnly) throws Exception {
    try (OutputStream out = Files.newOutputStream(to)) {
      return new Enricher(ownOnly).copy(TcpRecordings.of(from), out);
    }
  }

  @Test
  void timesInTicksThatHaveNoValueStayWithout() {
    RecordedEvent was = only(before, "test.InTicks");
    RecordedEvent is = only(after, "test.InTicks");
    assertEquals(was.getDuration("span"), is.getDuration("span"));
    assertEquals(was.getDuration("noSpan"), is.getDuration("noSpan"));
    assertEquals(was.getInstant("noTime"), is.getInstant("noTime"));
  }

  private static RecordedEvent only(List<RecordedEvent> events, String type) {
    List<RecordedEvent> found =
        events.stream().filter(event -> event.getEventType().getName().equals(type)).toList();
    assertEquals(1, found.size());
    return found.get(0);
  }

  /** By socket. */
  private static Map<Long, IItem> inJmc(String type) throws Exception {
    return inJmc(copy, type);
  }

  private static Map<Long, IItem> inJmc(Path file, String type) throws Exception {
    Map<Long, IItem> items = new TreeMap<>();
    for (IItemIterable iterable : JfrLoaderToolkit.loadEvents(file.toFile())) {
      if (iterable.getType().getIdentifier().equals(type)) {
        for (IItem item : iterable) {
          Number socketId =
              (Number)
                  ItemToolkit.getItemType(item)
                      .getAccessor(
                          iterable.getType().getAccessorKeys().keySet().stream()
                              .filter(key -> key.getIdentifier().equals("socketId"))
                              .findFirst()
                              .orElseThrow())
                      .getMember(item);
          items.put(socketId.longValue(), item);
        }
      }
    }
    return items;
  }

  private static List<String> frames(IItem item) {
    IMCStackTrace stack =
        JfrAttributes.EVENT_STACKTRACE.getAccessor(ItemToolkit.getItemType(item)).getMember(item);
    if (stack == null) {
      return null;
    }
    List<String> frames = new ArrayList<>();
    for (IMCFrame frame : stack.getFrames()) {
      String line =
          frame.getType() == IMCFrame.Type.NATIVE ? ":native" : ":" + frame.getFrameLineNumber();
      frames.add(
          frame.getMethod().getType().getFullName()
              + "."
              + frame.getMethod().getMethodName()
              + line);
    }
    return frames;
  }

  private static IMCThread thread(IItem item) {
    return JfrAttributes.EVENT_THREAD.getAccessor(ItemToolkit.getItemType(item)).getMember(item);
  }

  @Test
  void stacksInMissionControl() throws Exception {
    for (String type : List.of("tcpstates.StateChange", "tcpstates.Connection")) {
      Map<Long, IItem> items = inJmc(type);
      assertEquals(3, items.size());
      assertEquals(STACK, frames(items.get(1L)));
      assertEquals(STACK, frames(items.get(2L)));
      assertNull(frames(items.get(3L)), "the recording lacks that site");
    }
  }

  @Test
  void threadsInMissionControl() throws Exception {
    Map<Long, IItem> items = inJmc("tcpstates.StateChange");
    assertEquals("main-no-more", thread(items.get(1L)).getThreadName());
    assertEquals(4711, thread(items.get(1L)).getThreadId());
    assertEquals("opener", thread(items.get(2L)).getThreadName());
    // The same lane as the thread's other events.
    assertEquals(thread(inJmc("tcpstates.SocketOpen").get(2L)), thread(items.get(2L)));
  }

  @Test
  void timesInMissionControl() throws Exception {
    Map<Long, IItem> items = inJmc("tcpstates.StateChange");
    for (RecordedEvent event : before) {
      if (event.getEventType().getName().equals("tcpstates.StateChange")) {
        IItem item = items.get(event.getLong("socketId"));
        assertEquals(
            event.getStartTime(),
            time(
                JfrAttributes.START_TIME
                    .getAccessor(ItemToolkit.getItemType(item))
                    .getMember(item)));
        assertEquals(
            event.getEndTime(),
            time(
                JfrAttributes.END_TIME.getAccessor(ItemToolkit.getItemType(item)).getMember(item)));
      }
    }
  }

  private static Instant time(IQuantity quantity) {
    return Instant.ofEpochSecond(0, quantity.clampedLongValueIn(UnitLookup.EPOCH_NS));
  }

  /** By Java's own reader: all events of all types, with all their fields. */
  @Test
  void nothingElseChanges() {
    assertTrue(
        before.stream().anyMatch(event -> event.getEventType().getName().startsWith("jdk.")));
    assertEquals(texts(before), texts(after));
  }

  private static List<String> texts(List<RecordedEvent> events) {
    return events.stream().map(EnricherTest::text).sorted().toList();
  }

  private static String text(RecordedEvent event) {
    String fields =
        event.getFields().stream()
            .filter(field -> !isGiven(event, field.getName()))
            .map(field -> field.getName() + "=" + value(event, field.getName()))
            .collect(Collectors.joining(" "));
    return event.getEventType().getName()
        + event.getEventType().getAnnotationElements().stream()
            .map(a -> a.getTypeName() + a.getValues())
            .toList()
            .toString()
            .replaceAll("@[0-9a-f]+", "")
        + event.getEventType().getLabel()
        + event.getEventType().getCategoryNames()
        + event.getStartTime()
        + event.getEndTime()
        + fields;
  }

  private static boolean isGiven(RecordedEvent event, String field) {
    return field.equals("startTime")
        || field.equals("duration")
        || event.hasField("openThread") && field.matches("eventThread|stackTrace");
  }

  private static String value(RecordedObject object, String field) {
    Object value = object.getValue(field);
    if (value instanceof RecordedStackTrace trace) {
      return trace.getFrames().toString().replaceAll("\\s+", " ");
    }
    return String.valueOf(value).replaceAll("@[0-9a-f]+", "");
  }

  @Test
  void ownEventsOnly() throws Exception {
    Path own = dir.resolve("own.jfr");
    assertEquals(List.of(), copy(original, own, true));
    List<RecordedEvent> events = RecordingFile.readAllEvents(own);
    assertFalse(
        events.stream().anyMatch(event -> event.getEventType().getName().startsWith("jdk.")));
    assertEquals(
        before.stream()
            .filter(event -> event.getEventType().getName().startsWith("tcpstates."))
            .count(),
        events.size());
  }

  /** Each chunk is a chunk of the copy, and can be read alone. */
  @Test
  void severalChunks() throws Exception {
    Path twice = dir.resolve("twice.jfr");
    Path other = dir.resolve("other.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      commit(5, 7, "x", 1);
      site(7, "a.B.c:1");
      recording.stop();
      recording.dump(other);
    }
    try (OutputStream out = Files.newOutputStream(twice)) {
      new Enricher(false).copy(TcpRecordings.of(original, other), out);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(twice);
    assertEquals(before.size() + RecordingFile.readAllEvents(other).size(), events.size());
    // The same number is another place in another chunk.
    assertEquals(
        List.of("ask", "ask", "c"),
        events.stream()
            .filter(event -> event.getEventType().getName().equals("tcpstates.StateChange"))
            .filter(event -> event.getStackTrace() != null)
            .map(event -> event.getStackTrace().getFrames())
            .map(frames -> frames.get(frames.size() - 1).getMethod().getName())
            .toList());
    Map<Long, IItem> inJmc = inJmc(twice, "tcpstates.StateChange");
    assertEquals(STACK, frames(inJmc.get(1L)));
    assertEquals(List.of("a.B.c:1"), frames(inJmc.get(5L)));
  }

  /** The readable part is copied, and the missing part is reported. */
  @Test
  void cutShort() throws Exception {
    byte[] bytes = Files.readAllBytes(original);
    Path cut = dir.resolve("cut.jfr");
    try (OutputStream out = Files.newOutputStream(cut)) {
      out.write(bytes);
      out.write(bytes, 0, 50);
    }
    Path mended = dir.resolve("mended.jfr");
    List<ReadProblem> problems = copy(cut, mended, false);
    assertEquals(1, problems.size());
    assertEquals(before.size(), RecordingFile.readAllEvents(mended).size());
  }

  /** Damages a recording at many places: it is copied as far as it can be read. */
  @Test
  void ofADamagedRecordingTheReadablePartIsCopied() throws Exception {
    byte[] whole = Files.readAllBytes(original);
    int partial = 0;
    for (int start = 0; start < whole.length; start += Math.max(1, whole.length / 150)) {
      byte[] bytes = whole.clone();
      Arrays.fill(bytes, start, Math.min(bytes.length, start + 512), (byte) 0);
      Path damaged = Files.write(dir.resolve("damaged.jfr"), bytes);
      Path part = dir.resolve("part.jfr");
      List<ReadProblem> problems;
      try {
        problems = copy(damaged, part, false);
      } catch (IOException e) {
        assertTrue(e.getMessage().contains(damaged.toString()), e::toString);
        continue;
      }
      partial += problems.isEmpty() ? 0 : 1;
      if (Files.size(part) > 0) {
        RecordingFile.readAllEvents(part);
      }
    }
    assertTrue(partial > 0, "no damage was found");
  }
}
