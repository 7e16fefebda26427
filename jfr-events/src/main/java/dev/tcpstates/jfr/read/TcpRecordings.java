// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.read.EventType.Read;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jdk.jfr.consumer.EventStream;

/**
 * Reads the events of the agent from flight recordings, in memory that grows with the sockets that
 * are open at a time and with the size of a chunk (12 MB by default), but not with the recordings.
 * Chunks are read in the order of time. A chunk that is in several files, because they are dumps of
 * one recording, is read once.
 *
 * <p>Damaged, truncated and unfinished chunks are partially read. Events of other types are
 * skipped. Immutable and thread-safe.
 *
 * <pre>{@code
 * List<ReadProblem> notRead =
 *     TcpRecordings.of(Path.of("app.jfr"))
 *         .read(
 *             new TcpEventHandler() {
 *               public void transition(Transition transition) {
 *                 System.out.println(transition);
 *               }
 *             });
 * }</pre>
 */
public final class TcpRecordings {
  /** Receives the progress of the reading. */
  @FunctionalInterface
  public interface Progress {
    void bytesRead(long bytes, long ofBytes);
  }

  private final List<Path> files;
  private final Progress progress;

  private TcpRecordings(List<Path> files, Progress progress) {
    this.files = files;
    this.progress = progress;
  }

  /**
   * Returns the recordings to read.
   *
   * @param paths files, and directories, of which all files are read whose names end in {@code
   *     .jfr}
   * @throws NoSuchFileException if a path does not exist, or a directory has no recording
   * @throws IOException if a directory can't be read
   */
  public static TcpRecordings of(Path... paths) throws IOException {
    return of(List.of(paths));
  }

  /**
   * Returns the recordings to read.
   *
   * @param paths files, and directories, of which all files are read whose names end in {@code
   *     .jfr}
   * @throws NoSuchFileException if a path does not exist, or a directory has no recording
   * @throws IOException if a directory can't be read
   */
  public static TcpRecordings of(Collection<Path> paths) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        files.addAll(recordingsIn(path));
      } else if (Files.exists(path)) {
        files.add(path);
      } else {
        throw new NoSuchFileException(path.toString(), null, "there is no such file");
      }
    }
    return new TcpRecordings(List.copyOf(files), (bytes, ofBytes) -> {});
  }

  private static List<Path> recordingsIn(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> files =
          entries
              .filter(file -> file.getFileName().toString().endsWith(".jfr"))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new NoSuchFileException(
            directory.toString(), null, "there is no recording (*.jfr) in this directory");
      }
      return files;
    }
  }

  /** Returns the same recordings; {@code newProgress} is called after each chunk that is read. */
  public TcpRecordings progress(Progress newProgress) {
    return new TcpRecordings(files, newProgress);
  }

  /** Returns the files that are read. */
  public List<Path> files() {
    return files;
  }

  /**
   * Returns the recordings of each JVM by themselves, in the order of the files: all dumps of one
   * JVM together. To find the JVM of a file, this reads the start of the file's first readable
   * chunk. A file without a readable chunk is returned by itself.
   *
   * <p>JVMs of two machines may have the same process id, main class and start time, for instance
   * in containers. Then the start times of the machines distinguish them. In recordings without
   * {@code jdk.JVMInformation}, all JVMs of a machine count as one.
   *
   * @return one element per JVM; its recordings report no progress
   */
  public List<OfJvm> perJvm() {
    List<JvmOfFile> jvms = new ArrayList<>();
    List<List<Path>> filesOfJvms = new ArrayList<>();
    for (Path file : files) {
      JvmOfFile jvm = JvmOfFile.read(file);
      int known = 0;
      while (known < jvms.size() && !JvmOfFile.isSame(jvm, jvms.get(known))) {
        known++;
      }
      if (known == jvms.size()) {
        jvms.add(jvm);
        filesOfJvms.add(new ArrayList<>());
      }
      filesOfJvms.get(known).add(file);
    }
    List<OfJvm> result = new ArrayList<>();
    for (int i = 0; i < jvms.size(); i++) {
      TcpRecordings ofJvm =
          new TcpRecordings(List.copyOf(filesOfJvms.get(i)), (bytes, ofBytes) -> {});
      result.add(new OfJvm(jvms.get(i) != null, ofJvm));
    }
    return List.copyOf(result);
  }

  /**
   * The recordings of one JVM.
   *
   * @param readable whether they have a readable chunk
   * @param recordings its recordings; one file if they are not readable
   */
  public record OfJvm(boolean readable, TcpRecordings recordings) {}

  /**
   * Returns when the first chunk starts. It is later than the start of the recording if Flight
   * Recorder has deleted the oldest chunks, because of {@code maxsize} or {@code maxage}.
   *
   * @return empty if no chunk has a header
   * @throws IOException if a file can't be read
   */
  public Optional<Instant> start() throws IOException {
    return chunks(problem -> {}).stream()
        .findFirst()
        .map(chunk -> Instant.ofEpochSecond(0, chunk.startNanos()));
  }

  /**
   * Reads all that can be read.
   *
   * @param handlers are called for each event, one after the other
   * @return what could not be read; empty if all was
   * @throws IOException if nothing could be read; its message is a sentence that names the file
   */
  public List<ReadProblem> read(TcpEventHandler... handlers) throws IOException {
    EventOrder order = new EventOrder(List.of(handlers));
    List<ReadProblem> problems =
        forEach(
            (chunk, file) -> {
              List<Read<?>> events = new ArrayList<>();
              Throwable damage = readEvents(file, events);
              if (damage == null || !events.isEmpty()) {
                order.add(chunk, events);
              }
              return new Outcome(damage, !events.isEmpty());
            });
    order.end();
    return problems;
  }

  /** Reads a chunk in its own way. */
  @FunctionalInterface
  public interface ChunkReader {
    /**
     * Reads one chunk.
     *
     * @param file holds this chunk only, and is deleted afterwards
     * @throws IOException if the chunk is damaged
     */
    void read(ChunkInfo chunk, Path file) throws IOException;
  }

  /**
   * Calls the reader for each chunk, so that it can read events of other types too: in the order of
   * time, each chunk once, and the readable part of incomplete ones.
   *
   * @return what could not be read; empty if all was
   * @throws IOException if nothing could be read; its message is a sentence that names the file
   */
  public List<ReadProblem> readChunks(ChunkReader reader) throws IOException {
    return forEach(
        (chunk, file) -> {
          try {
            reader.read(chunk, file.path());
            return new Outcome(null, true);
          } catch (IOException e) {
            return new Outcome(e, true);
          }
        });
  }

  /**
   * How the reading of a chunk ended.
   *
   * @param damage what ended it early; null if nothing did
   * @param partial whether some of the chunk was read in spite of the damage
   */
  private record Outcome(Throwable damage, boolean partial) {}

  private interface ChunkAction {
    Outcome read(ChunkInfo chunk, ChunkFile file);
  }

  private List<ReadProblem> forEach(ChunkAction action) throws IOException {
    List<ReadProblem> problems = new ArrayList<>();
    List<Chunk> chunks = chunks(problems::add);
    long size = chunks.stream().mapToLong(Chunk::size).sum();
    long done = 0;
    int read = 0;
    for (Chunk chunk : chunks) {
      String problem = chunk.problem();
      boolean readable = false;
      try (ChunkFile file = ChunkFile.open(chunk)) {
        if (file != null) {
          Outcome outcome = action.read(chunk.info(), file);
          readable = outcome.damage == null || outcome.partial;
          if (problem == null && outcome.damage != null) {
            problem = chunk.file() + " is damaged: " + outcome.damage;
          }
        }
      }
      if (problem != null) {
        problems.add(new ReadProblem(chunk.file(), chunk.offset(), readable, problem));
      }
      read += readable ? 1 : 0;
      done += chunk.size();
      progress.bytesRead(done, size);
    }
    if (read == 0 && !problems.isEmpty()) {
      throw new IOException(problems.get(0).reason());
    }
    return List.copyOf(problems);
  }

  /** In the order of time, each once. */
  private List<Chunk> chunks(Consumer<ReadProblem> problems) throws IOException {
    List<Chunk> all = new ArrayList<>();
    for (Path file : files) {
      Chunk.addAll(file, all, problems);
    }
    Map<Chunk.Identity, Chunk> best = new HashMap<>();
    all.forEach(chunk -> best.merge(chunk.identity(), chunk, TcpRecordings::better));
    return best.values().stream()
        .sorted(Comparator.comparing(Chunk::startNanos).thenComparing(Chunk::file))
        .toList();
  }

  private static Chunk better(Chunk one, Chunk other) {
    if ((one.problem() == null) != (other.problem() == null)) {
      return one.problem() == null ? one : other;
    }
    return other.size() > one.size() ? other : one;
  }

  /** Adds the events of a chunk; returns what ended the reading early, null if nothing did. */
  private static Throwable readEvents(ChunkFile file, List<Read<?>> events) {
    RecordedFields fields = new RecordedFields();
    List<Read<?>> read = Collections.synchronizedList(new ArrayList<>());
    Throwable damage = null;
    try {
      RecordingEvents.forEach(
          file.path(),
          file::opened,
          event -> {
            EventType<?> type = EventType.named(event.getEventType().getName());
            if (type != null) {
              read.add(type.read(fields.of(event)));
            }
            return true;
          });
    } catch (IOException | RuntimeException | VirtualMachineError e) {
      damage = e;
    }
    events.addAll(read);
    return damage;
  }

  /**
   * Calls handlers for the events of a stream, such as a {@link jdk.jfr.consumer.RecordingStream}
   * of this JVM, or {@link EventStream#openRepository(Path)} of another one. This does not start
   * the stream. Exceptions of a handler go to the stream's {@link EventStream#onError}.
   */
  public static void follow(EventStream stream, TcpEventHandler... handlers) {
    RecordedFields fields = new RecordedFields();
    for (EventType<?> type : EventType.all()) {
      stream.onEvent(
          type.name(),
          event -> {
            Read<?> read = type.read(fields.of(event));
            for (TcpEventHandler handler : handlers) {
              read.deliver(handler);
            }
          });
    }
    stream.onFlush(() -> List.of(handlers).forEach(TcpEventHandler::flushed));
  }
}
