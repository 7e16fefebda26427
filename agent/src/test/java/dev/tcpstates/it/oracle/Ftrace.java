// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An ftrace instance of our own that records the tracepoint, whoever's sockets it is about. */
public final class Ftrace implements AutoCloseable {
  private static final Path INSTANCES = Path.of("/sys/kernel/tracing/instances");
  private static final String NAME = "tcpstates-oracle-";
  private static final String OPENINGS = "tcpstates-openings-";
  private static final String TCP = "protocol == 6";
  private static final int KILOBYTES_PER_CPU = 32768;

  private final Path instance;
  private final Path event;
  private final List<FtraceRow> rows = new ArrayList<>();

  private Ftrace(Path instance) {
    this.instance = instance;
    this.event = instance.resolve("events/sock/inet_sock_set_state");
  }

  /** Starts to record. */
  public static Ftrace start() throws IOException {
    return start(NAME, TCP, 0);
  }

  /** Starts to record the transitions by which a process's own threads put sockets into use. */
  public static Ftrace startOpenings(long pid) throws IOException {
    return start(OPENINGS, TCP + " && oldstate == 7 && (newstate == 2 || newstate == 10)", pid);
  }

  private static Ftrace start(String name, String filter, long pid) throws IOException {
    removeStale(name);
    Path directory = INSTANCES.resolve(name + ProcessHandle.current().pid());
    Ftrace ftrace = new Ftrace(Files.createDirectory(directory));
    try {
      ftrace.write("buffer_size_kb", Integer.toString(KILOBYTES_PER_CPU));
      ftrace.write("trace_clock", "mono");
      if (pid != 0) {
        ftrace.write("options/event-fork", "1"); // and the threads that they start
        for (String thread : new File("/proc/" + pid + "/task").list()) {
          Files.writeString(
              ftrace.instance.resolve("set_event_pid"), thread + "\n", StandardOpenOption.APPEND);
        }
      }
      Files.writeString(ftrace.event.resolve("filter"), filter + "\n");
      Files.writeString(ftrace.event.resolve("enable"), "1\n");
      return ftrace;
    } catch (IOException | RuntimeException e) {
      ftrace.close();
      throw e;
    }
  }

  /** Those of test runs that were killed. */
  private static void removeStale(String prefix) throws IOException {
    try (Stream<Path> instances = Files.list(INSTANCES)) {
      for (Path old : instances.toList()) {
        String name = old.getFileName().toString();
        if (name.startsWith(prefix)
            && ProcessHandle.of(Long.parseLong(name.substring(prefix.length())))
                .filter(process -> !process.equals(ProcessHandle.current()))
                .isEmpty()) {
          Files.delete(old);
        }
      }
    }
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(instance.resolve(file), text + "\n");
  }

  /**
   * Ends the recording.
   *
   * @throws IllegalStateException if it is not complete
   */
  public void stop() throws IOException {
    write("tracing_on", "0");
    FtraceFormat format = new FtraceFormat(event);
    try (Stream<Path> processors = Files.list(instance.resolve("per_cpu"))) {
      for (Path processor : processors.toList()) {
        read(processor, format);
      }
    }
    rows.sort(Comparator.comparingLong(FtraceRow::time));
  }

  /** All of the recording, by time; to be asked for after {@link #stop}. */
  List<FtraceRow> rows() {
    return rows;
  }

  private void read(Path processor, FtraceFormat format) throws IOException {
    Map<String, Long> stats = stats(processor);
    if (stats.get("overrun") + stats.get("commit overrun") + stats.get("dropped events") != 0) {
      throw new IllegalStateException("ftrace lost records: " + stats);
    }
    long expected = rows.size() + stats.get("entries");
    byte[] page = new byte[65536];
    try (InputStream pages = Files.newInputStream(processor.resolve("trace_pipe_raw"))) {
      // To read on when there is no more would be to wait.
      while (stats(processor).get("entries") > 0) {
        int length = pages.read(page);
        if (length < 0) {
          break;
        }
        FtracePage.read(
            ByteBuffer.wrap(page, 0, length).order(ByteOrder.nativeOrder()), format, rows::add);
      }
    }
    if (rows.size() != expected) {
      throw new IllegalStateException("read " + rows.size() + " records of " + expected);
    }
  }

  private static Map<String, Long> stats(Path processor) throws IOException {
    Map<String, Long> stats = new TreeMap<>();
    for (String line : Files.readAllLines(processor.resolve("stats"))) {
      String[] parts = line.split(": +");
      if (parts[1].matches("\\d+")) {
        stats.put(parts[0], Long.parseLong(parts[1]));
      }
    }
    return stats;
  }

  @Override
  public void close() throws IOException {
    try {
      Files.writeString(event.resolve("enable"), "0\n");
    } finally {
      Files.delete(instance);
    }
  }
}
