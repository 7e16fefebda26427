// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM with a workload, whose agent serves metrics. */
final class MeasuredJvm {
  static final Path AGENT = Path.of("../agent/target/tcpstates-agent.jar").toAbsolutePath();
  private static final Pattern SERVED =
      Pattern.compile("metrics are served at http://(127\\.0\\.0\\.1:\\d+)/metrics");
  private static final Pattern PORT = Pattern.compile("port (\\d+)");
  private static final long MINUTES = 2;

  private final Process process;
  private final Path out;
  private final Path err;
  private final String target;

  /**
   * Starts it, and waits until its metrics are served.
   *
   * @param options further options of the agent
   */
  MeasuredJvm(Path directory, String fault, String... options)
      throws IOException, InterruptedException {
    out = directory.resolve(fault + ".out");
    err = directory.resolve(fault + ".err");
    List<String> all = new ArrayList<>(List.of("metrics=127.0.0.1:0", "stuckAfter=1s"));
    all.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-javaagent:" + AGENT + "=" + String.join(",", all),
                "-cp",
                Path.of("target/test-classes").toAbsolutePath().toString(),
                Workload.class.getName(),
                fault)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    process = builder.start();
    target = await(err, SERVED);
  }

  private String await(Path file, Pattern pattern) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
    while (true) {
      Matcher matcher = pattern.matcher(Files.readString(file));
      if (matcher.find()) {
        return matcher.group(1);
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new AssertionError("no " + pattern + " in " + Files.readString(file));
      }
      Thread.sleep(50);
    }
  }

  /** Where its metrics are, such as {@code 127.0.0.1:4711}. */
  String target() {
    return target;
  }

  long pid() {
    return process.pid();
  }

  /** Starts its work. */
  void go() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  /** Where its HTTP service is, once it works. */
  String service() throws IOException, InterruptedException {
    return "127.0.0.1:" + await(out, PORT);
  }

  /** Ends it. */
  void end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
