// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A command that a user types, with a JDK.
 *
 * @param directory where it runs; its output goes to files there
 */
public record Command(Path directory, Path jdk, List<String> words) {
  private static final int MINUTES = 10;

  /** Its exit code and its output. */
  public record Result(int exit, String out, String err) {}

  /** One JDK of each feature release from 17 on. */
  public static List<Path> jdks() throws IOException {
    Map<String, Path> jdks = new TreeMap<>();
    List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> found = Files.list(installed)) {
        found.filter(home -> Files.isExecutable(home.resolve("bin/jcmd"))).forEach(homes::add);
      }
    }
    for (Path home : homes) {
      String release = Files.readString(home.resolve("release"));
      String feature = release.replaceAll("(?s).*JAVA_VERSION=\"(\\d+).*", "$1");
      if (Integer.parseInt(feature) >= 17) {
        jdks.putIfAbsent(feature, home);
      }
    }
    return List.copyOf(jdks.values());
  }

  /** Runs it to its end. */
  public Result run() throws IOException, InterruptedException {
    Process process = start();
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroy();
      throw new AssertionError("no end after " + MINUTES + " minutes; so far: " + output("out"));
    }
    return new Result(process.exitValue(), output("out"), output("err"));
  }

  private String output(String stream) throws IOException {
    return Files.readString(directory.resolve(stream));
  }

  /** Starts it. */
  public Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("JAVA_HOME", jdk.toString());
    // The settings of this build must not reach it.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.endsWith("JAVA_OPTIONS") || name.startsWith("MAVEN_"));
    return builder.start();
  }

  /** Skips the test if something is missing; with CI=true, the test fails. */
  public static void need(boolean there, String what) {
    if (!there) {
      String message = "missing here: " + what;
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(message);
      }
      Assumptions.abort(message);
    }
  }

  /** Skips the test if the kernel has no BTF; with CI=true, the test fails. */
  public static void needKernel() {
    need(Files.exists(Path.of("/sys/kernel/btf/vmlinux")), "kernel BTF (/sys/kernel/btf/vmlinux)");
  }
}
