// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM with this agent and another, that has run {@link Workload}. */
final class WorkloadJvm implements AutoCloseable {
  private final Process process;

  /**
   * @param directory where its output goes
   * @param others arguments for the other agent
   * @param foreign the port of what the other agent does, which is none of the workload
   */
  WorkloadJvm(Path directory, int foreign, List<String> others) throws Exception {
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(others);
    String ports = "1-" + (foreign - 1) + ";" + (foreign + 1) + "-65535";
    command.addAll(
        List.of(
            "-javaagent:"
                + System.getProperty("it.agent")
                + "=metrics=on,remotePorts="
                + ports
                + ",localPorts="
                + ports,
            "-cp",
            System.getProperty("it.classes", "target/test-classes"),
            Workload.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    process = builder.start();
    try {
      while (!Files.readString(out).startsWith("port ")) {
        assertTrue(process.isAlive(), () -> read(err));
        Thread.sleep(50);
      }
      boolean exact = read(err).contains("recording the TCP transitions");
      if (System.getenv("CI") == null) {
        assumeTrue(exact, "the agent needs CAP_BPF and CAP_PERFMON (run as root)");
      }
      assertTrue(exact, () -> read(err));
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  /** The snapshot of an export before the workload's end is too old after 10 s. */
  void awaitSnapshot() throws InterruptedException {
    Thread.sleep(TimeUnit.SECONDS.toMillis(11));
    assertTrue(process.isAlive());
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** For the OpenTelemetry agent. */
  static List<String> exportingTo(OtlpReceiver receiver) {
    return List.of(
        "-javaagent:" + System.getProperty("it.otel"),
        "-Dotel.exporter.otlp.protocol=http/protobuf",
        "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:" + receiver.port(),
        "-Dotel.metrics.exporter=otlp",
        "-Dotel.traces.exporter=none",
        "-Dotel.logs.exporter=none",
        "-Dotel.metric.export.interval=1000");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
