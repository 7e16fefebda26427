// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import dev.tcpstates.jfr.EventType.Read;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jdk.jfr.consumer.EventStream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Reads the events of the agent from flight recordings, one after the other, in memory that grows
 * with the sockets that are open at a time and with the size of a chunk (12 MB, unless the JVM was
 * told otherwise), but not with the recordings. Chunks are read in the order of time, and one that
 * is in several files, for they are dumps of the same recording, is read once.
 *
 * <p>What is damaged, cut short or not finished is read as far as it can be. Events of other types
 * are passed over. Immutable, so any thread may use it.
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
  /** Is told how far the reading has come. */
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
   * Recordings to read.
   *
   * @param paths files; of a directory, all files in it whose names end in {@code .jfr}
   * @throws NoSuchFileException if one is not there, or a directory has no recording
   * @throws IOException if a directory can't be read
   */
  public static TcpRecordings of(Path... paths) throws IOException {
    return of(List.of(paths));
  }

  /**
   * Recordings to read.
   *
   * @param paths files; of a directory, all files in it whose names end in {@code .jfr}
   * @throws NoSuchFileException if one is not there, or a directory has no recording
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

  /** The same recordings; while they are read, {@code newProgress} is told after each chunk. */
  public TcpRecordings progress(Progress newProgress) {
    return new TcpRecordings(files, newProgress);
  }

  /**
   * Reads all that can be read.
   *
   * @param handlers who is told, one after the other of each record
   * @return what could not be read; empty if all was
   * @throws IOException if nothing could be read; its message is a sentence that names the file
   */
  public List<ReadProblem> read(TcpEventHandler... handlers) throws IOException {
    EventOrder order = new EventOrder(List.of(handlers));
    List<ReadProblem> problems =
        forEach(
            (chunk, told) -> {
              List<Read<?>> events = events(chunk, told);
              if (events != null) {
                order.add(chunk.info(), events);
              }
              return events != null;
            });
    order.end();
    return problems;
  }

  private interface ChunkAction {
    /** Whether any of it could be read. */
    boolean read(Chunk chunk, Consumer<ReadProblem> problems) throws IOException;
  }

  private List<ReadProblem> forEach(ChunkAction action) throws IOException {
    List<ReadProblem> problems = new ArrayList<>();
    List<Chunk> chunks = chunks(problems::add);
    long size = chunks.stream().mapToLong(Chunk::size).sum();
    long done = 0;
    int read = 0;
    for (Chunk chunk : chunks) {
      read += action.read(chunk, problems::add) ? 1 : 0;
      done += chunk.size();
      progress.bytesRead(done, size);
    }
    if (read == 0 && !problems.isEmpty()) {
      throw new IOException(problems.get(0).reason());
    }
    return List.copyOf(problems);
  }

  /** Reads a chunk in its own way. */
  @FunctionalInterface
  public interface ChunkReader {
    /**
     * Reads one chunk.
     *
     * @param file holds this chunk only, and not for long
     * @throws IOException if the chunk is damaged
     */
    void read(ChunkInfo chunk, Path file) throws IOException;
  }

  /**
   * Hands over chunk by chunk, for who wants other events too: in the order of time, each once, of
   * those that are not whole what can be read.
   *
   * @return what could not be read; empty if all was
   * @throws IOException if nothing could be read; its message is a sentence that names the file
   */
  public List<ReadProblem> readChunks(ChunkReader reader) throws IOException {
    return forEach(
        (chunk, problems) -> {
          try (ChunkFile file = ChunkFile.open(chunk)) {
            String problem = chunk.problem();
            boolean readable = file != null;
            if (readable) {
              try {
                reader.read(chunk.info(), file.path());
              } catch (IOException e) {
                problem = problem == null ? chunk.file() + " is damaged: " + e : problem;
              }
            }
            if (problem != null) {
              problems.accept(new ReadProblem(chunk.file(), chunk.offset(), readable, problem));
            }
            return readable;
          }
        });
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

  /** What can be read of a chunk; null if that is nothing. */
  private static List<Read<?>> events(Chunk chunk, Consumer<ReadProblem> problems)
      throws IOException {
    List<Read<?>> events = new ArrayList<>();
    String problem = chunk.problem();
    boolean readable = true;
    try (ChunkFile file = ChunkFile.open(chunk)) {
      readable = file != null;
      if (readable) {
        try {
          addEvents(file, events);
        } catch (IOException | RuntimeException e) {
          // The JDK's parser answers a damaged file with whatever exception it stumbles upon.
          readable = !events.isEmpty();
          problem = problem == null ? chunk.file() + " is damaged: " + e : problem;
        }
      }
    }
    if (problem != null) {
      problems.accept(new ReadProblem(chunk.file(), chunk.offset(), readable, problem));
    }
    return readable ? events : null;
  }

  private static void addEvents(ChunkFile file, List<Read<?>> events) throws IOException {
    RecordedFields fields = new RecordedFields();
    try (RecordingFile recording = new RecordingFile(file.path())) {
      file.opened();
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        EventType<?> type = EventType.named(event.getEventType().getName());
        if (type != null) {
          events.add(type.read(fields.of(event)));
        }
      }
    }
  }

  /**
   * Lets handlers receive the events of a stream, such as {@link jdk.jfr.consumer.RecordingStream}
   * of this JVM, or {@link EventStream#openRepository(Path)} of another one. The stream is not
   * started; what a handler throws goes to its {@link EventStream#onError}.
   */
  public static void follow(EventStream stream, TcpEventHandler... handlers) {
    RecordedFields fields = new RecordedFields();
    for (EventType<?> type : EventType.all()) {
      stream.onEvent(
          type.name(),
          event -> {
            Read<?> read = type.read(fields.of(event));
            for (TcpEventHandler handler : handlers) {
              read.handTo(handler);
            }
          });
    }
    stream.onFlush(() -> List.of(handlers).forEach(TcpEventHandler::flushed));
  }
}
