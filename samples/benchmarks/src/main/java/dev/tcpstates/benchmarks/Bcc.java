// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** bcc's tcpstates of Debian's libbpf-tools, writing to a file. */
final class Bcc implements AutoCloseable {
  private static final int LIMIT_SECONDS = 170;
  private static final int START_SECONDS = 20;
  private static final Pattern LOST = Pattern.compile("(?i)lost (\\d+) event");

  private final Process timeout;
  private final Path out;
  private final Path err;

  private Bcc(Process timeout, Path out, Path err) {
    this.timeout = timeout;
    this.out = out;
    this.err = err;
  }

  /** Starts it, and returns when it is attached. */
  static Bcc start(Bench bench) throws Exception {
    Path out = bench.newFile(".txt");
    Path err = bench.newFile(".err");
    // It writes what it still has only on SIGINT, which a shell's background job would ignore.
    Process timeout =
        new ProcessBuilder("timeout", "-s", "INT", LIMIT_SECONDS + "", "tcpstates")
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    Bcc bcc = new Bcc(timeout, out, err);
    try {
      bcc.awaitAttached();
      return bcc;
    } catch (Exception e) {
      bcc.close();
      throw e;
    }
  }

  /** Last of all it opens its buffers, one perf event for each processor. */
  private void awaitAttached() throws Exception {
    int processors = Runtime.getRuntime().availableProcessors();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (perfEvents() < 1 + processors) {
      if (!timeout.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("tcpstates did not start: " + Files.readString(err));
      }
      Thread.sleep(20);
    }
    Thread.sleep(200); // for its last system calls with the last buffer
  }

  private long perfEvents() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
      return open.filter(Bcc::isPerfEvent).count();
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
  long pid() {
    return timeout.children().findFirst().map(ProcessHandle::pid).orElse(0L);
  }

  /** Ends it, once it has read its buffers. */
  void stop() throws Exception {
    Thread.sleep(300); // it reads them every 100 ms
    // timeout forwards the signal.
    new ProcessBuilder("kill", "-INT", Long.toString(timeout.pid())).start().waitFor();
    if (!timeout.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("tcpstates does not end");
    }
  }

  /** Bytes of the rows it wrote, without the heading. */
  long bytes() throws IOException {
    return Files.size(out) - Files.readString(out).indexOf('\n') - 1;
  }

  /** Rows it wrote. */
  long rows() throws IOException {
    try (Stream<String> lines = Files.lines(out)) {
      return lines.count() - 1;
    }
  }

  /** Transitions that it reported as lost. */
  long lost() throws IOException {
    return LOST.matcher(Files.readString(err))
        .results()
        .mapToLong(match -> Long.parseLong(match.group(1)))
        .sum();
  }

  @Override
  public void close() throws IOException {
    timeout.descendants().forEach(ProcessHandle::destroyForcibly);
    timeout.destroyForcibly().onExit().join();
    Files.deleteIfExists(out);
    Files.deleteIfExists(err);
  }
}
