// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A command that runs until a signal ends it. */
final class Live implements AutoCloseable {
  static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  final Process process;
  private final Path out;
  final Path err;

  Live(Jdk jdk, Path directory, String... words) throws Exception {
    out = directory.resolve("live.out");
    err = directory.resolve("live.err");
    // Whoever runs the tests in the background has them ignore it, and all that they start.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(List.of(jdk.tool("java"), "-jar", AgentJvm.jar().toString()));
    command.addAll(List.of(words));
    process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    await(err, text -> text.contains("following process"));
  }

  List<String> awaitLines(Predicate<List<String>> enough) throws Exception {
    await(out, text -> enough.test(text.lines().toList()));
    return Files.readString(out).lines().toList();
  }

  private void await(Path file, Predicate<String> enough) throws Exception {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!enough.test(Files.readString(file))) {
      assertTrue(
          process.isAlive() && System.nanoTime() < deadline,
          Files.readString(out) + Files.readString(err));
      Thread.sleep(50);
    }
  }

  /** As Ctrl-C does. */
  int interrupt() throws Exception {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    return exit();
  }

  int exit() throws Exception {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
