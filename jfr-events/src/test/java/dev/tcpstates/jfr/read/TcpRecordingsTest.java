// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.StateChange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TcpRecordingsTest {
  @TempDir Path dir;

  /** Keeps what it receives. */
  private static final class Collected implements TcpEventHandler {
    final List<Long> sockets = new ArrayList<>();
    final List<String> all = new ArrayList<>();

    @Override
    public void chunk(ChunkInfo chunk) {
      all.add("chunk");
    }

    @Override
    public void jvm(JvmInfo jvm) {
      all.add("jvm " + jvm.pid());
    }

    @Override
    public void openSite(OpenSiteInfo site) {
      all.add("site " + site.openSiteId() + " with " + site.opened());
    }

    @Override
    public void transition(Transition transition) {
      sockets.add(transition.socketId());
      all.add("socket " + transition.socketId());
    }

    @Override
    public void flushed() {
      all.add("flushed");
    }
  }

  @Test
  void ofTwoDumpsOfOneRecordingEachChunkIsReadOnce() throws Exception {
    Path first = dir.resolve("1.jfr");
    Path second = dir.resolve("2.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      commit(1);
      recording.dump(first);
      commit(2);
      recording.dump(second);
    }
    assertEquals(List.of(1L, 2L), read(TcpRecordings.of(second)).sockets);
    assertEquals(List.of(1L, 2L), read(TcpRecordings.of(second, first)).sockets);
    assertEquals(List.of(1L, 2L), read(TcpRecordings.of(dir)).sockets);
  }

  @Test
  void recordingsAreReadInTheOrderOfTime() throws Exception {
    Path one = record("z.jfr", () -> commit(1));
    Path two = record("b.jfr", () -> commit(2));
    Path three = record("a.jfr", () -> commit(3));
    Files.writeString(dir.resolve("notes.txt"), "no recording");
    assertEquals(List.of(1L, 2L, 3L), read(TcpRecordings.of(three, one, two)).sockets);
    assertEquals(List.of(1L, 2L, 3L), read(TcpRecordings.of(dir)).sockets);
  }

  @Test
  void whatOthersReferToComesFirstAndEachSiteOnce() throws Exception {
    Path file =
        record(
            "a.jfr",
            () -> {
              commitSite(7, 1);
              commit(1);
              commitSite(7, 2);
            },
            "jdk.JVMInformation");
    assertEquals(
        List.of(
            "chunk",
            "jvm " + ProcessHandle.current().pid(),
            "site 7 with 2",
            "flushed",
            "socket 1",
            "flushed"),
        read(TcpRecordings.of(file)).all);
  }

  /** Each thread has its own buffer, which is written when it is full or the chunk ends. */
  @Test
  void whatSeveralThreadsWroteIsInOrder() throws Exception {
    Path file =
        record(
            "a.jfr",
            () -> {
              List<StateChange> events = new ArrayList<>();
              for (int i = 0; i < 50; i++) {
                StateChange event = new StateChange();
                event.begin();
                event.socketId = i;
                sleep(1);
                event.end();
                events.add(event);
              }
              for (int i = events.size() - 1; i >= 0; i--) {
                Thread thread = new Thread(events.get(i)::commit);
                thread.start();
                join(thread);
              }
            });
    assertEquals(LongStream.range(0, 50).boxed().toList(), read(TcpRecordings.of(file)).sockets);
  }

  @Test
  void truncatedAtEveryPercentGivesWhatIsWhole() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<Integer> ends = new ArrayList<>();
    for (int chunk = 0; chunk < 4; chunk++) {
      int number = chunk;
      bytes.write(Files.readAllBytes(record("chunk" + chunk + ".jfr", () -> commit(number))));
      ends.add(bytes.size());
    }
    byte[] whole = bytes.toByteArray();
    for (int percent = 0; percent <= 100; percent++) {
      int length = (int) ((long) whole.length * percent / 100);
      Path cut = Files.write(dir.resolve("cut"), Arrays.copyOf(whole, length));
      List<Long> expected =
          LongStream.range(0, ends.stream().filter(end -> end <= length).count()).boxed().toList();
      Collected collected = new Collected();
      if (expected.isEmpty()) {
        String message =
            assertThrows(IOException.class, () -> TcpRecordings.of(cut).read(collected))
                .getMessage();
        assertTrue(message.startsWith(cut + " is "), message);
      } else {
        List<ReadProblem> problems = TcpRecordings.of(cut).read(collected);
        assertEquals(ends.contains(length) ? 0 : 1, problems.size(), problems.toString());
        for (ReadProblem problem : problems) {
          assertTrue(problem.reason().startsWith(cut + " is cut short"), problem.reason());
          assertEquals(ends.get(expected.size() - 1).longValue(), problem.offset());
          assertFalse(problem.recovered());
        }
      }
      assertEquals(expected, collected.sockets, percent + " %");
    }
  }

  /** Each second or two, JFR writes the constants that the events up to then need. */
  @Test
  void ofAChunkThatIsCutShortTheSecondsBeforeAreRead() throws Exception {
    Path file =
        record(
            "whole.jfr",
            () -> {
              for (int i = 0; i < 40; i++) {
                commit(i);
                sleep(100);
              }
            });
    byte[] whole = Files.readAllBytes(file);
    List<Long> all = LongStream.range(0, 40).boxed().toList();
    assertEquals(all, read(TcpRecordings.of(file)).sockets);
    Set<Integer> counts = new TreeSet<>();
    for (int length = whole.length - 1; length > whole.length / 2; length -= whole.length / 200) {
      Path cut = Files.write(dir.resolve("cut"), Arrays.copyOf(whole, length));
      Collected collected = new Collected();
      try {
        List<ReadProblem> problems = TcpRecordings.of(cut).read(collected);
        assertEquals(1, problems.size());
        assertTrue(problems.get(0).recovered());
      } catch (IOException e) {
        assertTrue(e.getMessage().startsWith(cut + " is cut short"), e.getMessage());
      }
      assertEquals(all.subList(0, collected.sockets.size()), collected.sockets);
      counts.add(collected.sockets.size());
    }
    assertTrue(counts.contains(0), counts.toString());
    assertTrue(counts.stream().anyMatch(count -> count > 0 && count < 40), counts.toString());
  }

  @Test
  void chunkThatIsNotFinishedIsReadAsFarAsItGoes() throws Exception {
    Path file =
        record(
            "a.jfr",
            () -> {
              commit(1);
              sleep(2500);
            });
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 8, 16, (byte) 0);
    Files.write(file, bytes);
    Collected collected = new Collected();
    List<ReadProblem> problems = TcpRecordings.of(file).read(collected);
    assertEquals(List.of(1L), collected.sockets);
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).reason().startsWith(file + " is not finished"));
  }

  @Test
  void aDamagedChunkDoesNotKeepTheOthersFromBeingRead() throws Exception {
    byte[] one = Files.readAllBytes(record("1", () -> commit(1)));
    byte[] two = Files.readAllBytes(record("2", () -> commit(2)));
    byte[] three = Files.readAllBytes(record("3", () -> commit(3)));
    Arrays.fill(two, Chunk.HEADER_SIZE, two.length, (byte) 0x7f);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(one);
    bytes.write(two);
    bytes.write(three);
    Path file = Files.write(dir.resolve("damaged.jfr"), bytes.toByteArray());
    Collected collected = new Collected();
    List<ReadProblem> problems = TcpRecordings.of(file).read(collected);
    assertEquals(List.of(1L, 3L), collected.sockets);
    assertEquals(1, problems.size());
    assertEquals(one.length, problems.get(0).offset());
    assertTrue(problems.get(0).reason().startsWith(file + " is damaged"));
  }

  @Test
  void anOpeningFollowsTheTransitionsBeforeIt() throws Exception {
    Path file =
        record(
            "1",
            () -> {
              commit(1);
              SocketOpen open = new SocketOpen();
              open.socketId = 1;
              open.commit();
            });
    List<String> order = new ArrayList<>();
    TcpRecordings.of(file)
        .read(
            new TcpEventHandler() {
              @Override
              public void transition(Transition transition) {
                order.add("transition");
              }

              @Override
              public void socketOpen(SocketOpenInfo open) {
                order.add("open");
              }
            });
    assertEquals(List.of("transition", "open"), order);
  }

  /** The JDK's parser would wait for ever until the JVM has written the header. */
  @Test
  void aHeaderThatSeemsToBeWrittenIsDamage() throws Exception {
    byte[] bytes = Files.readAllBytes(record("whole", () -> commit(1)));
    bytes[Chunk.STATE_OFFSET] = -1;
    Path file = Files.write(dir.resolve("damaged.jfr"), bytes);
    IOException damage =
        assertTimeoutPreemptively(
            Duration.ofSeconds(30),
            () ->
                assertThrows(
                    IOException.class, () -> TcpRecordings.of(file).read(new Collected())));
    assertEquals(
        file + " is damaged: the chunk at byte 0 has an unfinished header", damage.getMessage());
  }

  /** So would it follow constants in a circle. */
  @Test
  void constantsInACircleAreFound() {
    ByteBuffer chunk = ByteBuffer.allocate(200);
    putConstants(chunk, 80, 0);
    putConstants(chunk, 120, -40);
    assertTrue(FlushPoint.reachesFirst(chunk, 120));
    putConstants(chunk, 80, 40);
    assertFalse(FlushPoint.reachesFirst(chunk, 120));
    assertFalse(FlushPoint.reachesFirst(chunk, 80));
    // The parser itself fails where there are no constants.
    putConstants(chunk, 80, -80);
    assertTrue(FlushPoint.reachesFirst(chunk, 120));
  }

  private static void putConstants(ByteBuffer chunk, int position, long distance) {
    chunk.position(position).put(new byte[] {20, 1, 0, 0});
    for (int i = 0; i < 8; i++) {
      chunk.put((byte) (distance >> 7 * i | 0x80));
    }
    chunk.put((byte) (distance >> 56)).position(0);
  }

  @Test
  void aBadFileDoesNotKeepTheOthersFromBeingRead() throws Exception {
    record("good.jfr", () -> commit(1));
    Path text = Files.writeString(dir.resolve("text.jfr"), "no recording ".repeat(10));
    Collected collected = new Collected();
    List<ReadProblem> problems = TcpRecordings.of(dir).read(collected);
    assertEquals(List.of(1L), collected.sockets);
    assertEquals(1, problems.size());
    assertTrue(problems.get(0).reason().startsWith(text + " is not a flight recording"));
  }

  @Test
  void nothingToReadIsSaid() throws Exception {
    assertThrows(NoSuchFileException.class, () -> TcpRecordings.of(dir.resolve("none.jfr")));
    String message =
        assertThrows(NoSuchFileException.class, () -> TcpRecordings.of(dir)).getMessage();
    assertTrue(message.contains("no recording"), message);
    Path empty = Files.createFile(dir.resolve("empty.jfr"));
    message =
        assertThrows(IOException.class, () -> TcpRecordings.of(empty).read(new Collected()))
            .getMessage();
    assertTrue(message.startsWith(empty + " is empty"), message);
  }

  @Test
  void whatTheHandlerThrowsReachesTheCaller() throws Exception {
    Path file = record("a.jfr", () -> commit(1));
    RuntimeException own = new IllegalStateException("enough");
    assertSame(
        own,
        assertThrows(
            IllegalStateException.class,
            () ->
                TcpRecordings.of(file)
                    .read(
                        new TcpEventHandler() {
                          @Override
                          public void transition(Transition transition) {
                            throw own;
                          }
                        })));
  }

  @Test
  void severalHandlersReceiveTheSame() throws Exception {
    Path file = record("a.jfr", () -> commit(1));
    Collected one = new Collected();
    Collected other = new Collected();
    TcpRecordings.of(file).read(one, other);
    assertEquals(List.of(1L), one.sockets);
    assertEquals(one.all, other.all);
  }

  @Test
  void progressEndsAtTheWhole() throws Exception {
    Path one = record("1.jfr", () -> commit(1));
    Path two = record("2.jfr", () -> commit(2));
    List<Long> done = new ArrayList<>();
    TcpRecordings.of(one, two)
        .progress(
            (bytes, ofBytes) -> {
              done.add(bytes);
              done.add(ofBytes);
            })
        .read(new Collected());
    long all = Files.size(one) + Files.size(two);
    assertEquals(List.of(Files.size(one), all, all, all), done);
  }

  @Test
  void noCopiesAreLeftBehind() throws Exception {
    Path file = record("a.jfr", () -> commit(1));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, concat(bytes, Files.readAllBytes(record("b.jfr", () -> commit(2)))));
    Set<Path> before = copies();
    assertEquals(List.of(1L, 2L), read(TcpRecordings.of(file)).sockets);
    Set<Path> left = new HashSet<>(copies());
    left.removeAll(before); // which another process may have deleted
    assertEquals(Set.of(), left);
  }

  @Test
  void aStreamDeliversTheSame() throws Exception {
    List<Long> collected = new ArrayList<>();
    CountDownLatch flushed = new CountDownLatch(1);
    try (RecordingStream stream = new RecordingStream()) {
      TcpRecordings.follow(
          stream,
          new TcpEventHandler() {
            @Override
            public void transition(Transition transition) {
              collected.add(transition.socketId());
            }

            @Override
            public void flushed() {
              if (!collected.isEmpty()) {
                flushed.countDown();
              }
            }
          });
      stream.startAsync();
      commit(1);
      commit(2);
      assertTrue(flushed.await(30, TimeUnit.SECONDS));
    }
    assertEquals(List.of(1L, 2L), collected);
  }

  private static Set<Path> copies() throws IOException {
    try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return new TreeSet<>(
          files
              .filter(file -> file.getFileName().toString().matches("tcpstates.*\\.jfr"))
              .toList());
    }
  }

  @Test
  void recordingsOfEachJvm() throws IOException {
    Path one = record("1.jfr", () -> commit(1), "jdk.JVMInformation");
    Path two = record("2.jfr", () -> commit(2), "jdk.JVMInformation");
    // The same process id and start on a machine that was started an hour later.
    byte[] bytes = Files.readAllBytes(one);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putLong(32, header.getLong(32) + 3_600_000_000_000L);
    Path other = Files.write(dir.resolve("3.jfr"), bytes);
    Path text = Files.writeString(dir.resolve("4.jfr"), "no recording");
    List<TcpRecordings.OfJvm> jvms = TcpRecordings.of(dir).perJvm();
    assertEquals(
        List.of(List.of(one, two), List.of(other), List.of(text)),
        jvms.stream().map(jvm -> jvm.recordings().files()).toList());
    assertEquals(
        List.of(true, true, false), jvms.stream().map(TcpRecordings.OfJvm::readable).toList());
    assertEquals(List.of(1L, 2L), read(jvms.get(0).recordings()).sockets);
    assertEquals(List.of(1L), read(jvms.get(1).recordings()).sockets);
  }

  /** Without the event that names the JVM, all of a machine count as one, as far as is known. */
  @Test
  void recordingsOfUnknownJvms() throws IOException {
    Path one = record("1.jfr", () -> commit(1));
    Path two = record("2.jfr", () -> commit(2));
    assertEquals(
        List.of(List.of(one, two)),
        TcpRecordings.of(dir).perJvm().stream().map(jvm -> jvm.recordings().files()).toList());
  }

  private static Collected read(TcpRecordings recordings) throws IOException {
    Collected collected = new Collected();
    assertEquals(List.of(), recordings.read(collected));
    return collected;
  }

  private Path record(String name, Runnable work, String... events) throws IOException {
    Path file = dir.resolve(name);
    try (Recording recording = new Recording()) {
      for (String event : events) {
        recording.enable(event);
      }
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return file;
  }

  private static void commit(long socketId) {
    StateChange event = new StateChange();
    event.socketId = socketId;
    event.commit();
  }

  private static void commitSite(long openSiteId, int opened) {
    OpenSite site = new OpenSite();
    site.openSiteId = openSiteId;
    site.opened = opened;
    site.commit();
  }

  private static byte[] concat(byte[] one, byte[] two) {
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    return both;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
