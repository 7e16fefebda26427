// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jmc.workload.Shop;
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

/** Runs {@link Shop} under the agent and Flight Recorder. */
final class ShopRecording {
  private static final Path AGENT = Path.of("../../agent/target/tcpstates-agent.jar");
  private static final Path SOURCES = Path.of("src/test/java/dev/tcpstates/jmc/workload");

  private ShopRecording() {}

  /** One of each feature version from 17 on that is installed. */
  static List<Path> jdks() throws IOException {
    Map<String, Path> jdks = new TreeMap<>();
    List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
    Path installed = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(installed)) {
      try (Stream<Path> found = Files.list(installed)) {
        found.filter(home -> Files.isExecutable(home.resolve("bin/java"))).forEach(homes::add);
      }
    }
    for (Path home : homes) {
      String feature =
          Files.readString(home.resolve("release"))
              .replaceAll("(?s).*JAVA_VERSION=\"(\\d+).*", "$1");
      if (Integer.parseInt(feature) >= 17) {
        jdks.putIfAbsent(feature, home);
      }
    }
    return List.copyOf(jdks.values());
  }

  /** Writes the recording; if the agent can't work, skips the test, or fails it in CI. */
  static void make(Path jdk, Path recording, long keptMillis) throws Exception {
    need(Files.exists(Path.of("/sys/kernel/btf/vmlinux")), "kernel BTF (/sys/kernel/btf/vmlinux)");
    assertTrue(Files.exists(AGENT), () -> "not built: " + AGENT.toAbsolutePath());
    Path output = Files.createTempFile("shop", ".txt");
    try {
      Process process =
          new ProcessBuilder(
                  jdk.resolve("bin/java").toString(),
                  "-javaagent:" + AGENT,
                  "-XX:StartFlightRecording:filename=" + recording,
                  "-Xlog:jfr+startup=error",
                  "-cp",
                  "target/test-classes",
                  Shop.class.getName(),
                  Long.toString(keptMillis))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(2, TimeUnit.MINUTES);
      process.destroyForcibly();
      String text = Files.readString(output);
      assertTrue(ended, text);
      assertEquals(0, process.exitValue(), text);
      need(text.contains("recording the TCP transitions"), "what the agent needs: " + text);
      assertTrue(text.contains("sockets kept: " + Shop.LEAKED), text);
    } finally {
      Files.delete(output);
    }
  }

  /** The line that has this comment, as in {@code openedBy}. */
  static String line(String source, String method, String comment) throws IOException {
    List<String> lines = Files.readAllLines(SOURCES.resolve(source + ".java"));
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("// " + comment)) {
        return Shop.class.getPackageName() + "." + source + "." + method + ":" + (i + 1);
      }
    }
    throw new AssertionError("no line is marked " + comment);
  }

  private static void need(boolean there, String what) {
    if (!there) {
      String message = "missing here: " + what;
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(message);
      }
      Assumptions.abort(message);
    }
  }
}
