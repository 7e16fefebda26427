// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** bcc's tcpstates of Debian's libbpf-tools, from when it sees every socket to {@link #stop}. */
public final class BccTcpstates implements AutoCloseable {
  private static final int LIMIT_SECONDS = 170;
  private static final int START_SECONDS = 20;

  private final Process timeout;
  private final Path out;
  private final Path err;

  private BccTcpstates(Process timeout, Path out, Path err) {
    this.timeout = timeout;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts it, and returns when it is attached.
   *
   * @param directory where its output goes
   */
  public static BccTcpstates start(Path directory) throws IOException, InterruptedException {
    Path out = directory.resolve("tcpstates.txt");
    Path err = directory.resolve("tcpstates.err");
    // Only on SIGINT does it write what it still has. Its small buffers overflow when it has to
    // wait
    // for a processor, so it comes before the others.
    Process timeout =
        new ProcessBuilder(
                "timeout", "-s", "INT", LIMIT_SECONDS + "", "nice", "-n", "-15", "tcpstates", "-w")
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    BccTcpstates bcc = new BccTcpstates(timeout, out, err);
    try {
      bcc.awaitAttached();
      return bcc;
    } catch (IOException | InterruptedException | RuntimeException e) {
      bcc.close();
      throw e;
    }
  }

  /** The last things that it opens are its buffers, one perf event for each processor. */
  private void awaitAttached() throws IOException, InterruptedException {
    int processors = Runtime.getRuntime().availableProcessors();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (perfEvents() < 1 + processors) {
      if (!timeout.isAlive() || System.nanoTime() > deadline) {
        throw new IllegalStateException("tcpstates did not start: " + Files.readString(err));
      }
      Thread.sleep(50);
    }
    Thread.sleep(200); // for the system calls that remain to be done with the last one
  }

  private long perfEvents() throws IOException {
    Path descriptors = Path.of("/proc/" + pid() + "/fd");
    try (Stream<Path> open = Files.list(descriptors)) {
      return open.filter(BccTcpstates::isPerfEvent).count();
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private static boolean isPerfEvent(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals("anon_inode:[perf_event]");
    } catch (IOException e) {
      return false; // closed by now
    }
  }

  /** Its process, below that of {@code timeout}; 0 if there is none yet. */
  private long pid() {
    return timeout.children().findFirst().map(ProcessHandle::pid).orElse(0L);
  }

  /** What its program was kept from seeing since it was loaded, of anybody's transitions. */
  public long recursionMisses() throws IOException {
    return ProgramMisses.of(pid()).get(0);
  }

  /** Ends it, once it has read its buffers. */
  public void stop() throws IOException, InterruptedException {
    Thread.sleep(500); // it looks into them every 100 ms
    interrupt();
    if (!timeout.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("tcpstates does not end");
    }
  }

  private void interrupt() throws IOException, InterruptedException {
    // timeout passes it on.
    new ProcessBuilder("kill", "-INT", Long.toString(timeout.pid())).start().waitFor();
  }

  /** What it wrote, in its order, which is not always that of time. */
  List<BccRow> rows() throws IOException {
    List<String> lines = Files.readAllLines(out);
    List<BccRow> rows = lines.stream().map(BccRow::parse).filter(row -> row != null).toList();
    if (lines.isEmpty() || rows.size() != lines.size() - 1) { // all but the heading
      throw new IllegalStateException(
          "not understood: "
              + lines.stream().skip(1).filter(line -> BccRow.parse(line) == null).findFirst());
    }
    return rows;
  }

  /** What it complained of, such as lost events. */
  public String complaints() throws IOException {
    return Files.readString(err).strip();
  }

  @Override
  public void close() {
    try {
      if (timeout.isAlive()) {
        interrupt();
        if (!timeout.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
          timeout.descendants().forEach(ProcessHandle::destroyForcibly);
          timeout.destroyForcibly();
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
