// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code -prof tcpstates} on real benchmarks: the numbers are those that the operations make. */
class JmhProfilerIT {
  private static final Path JDK = Path.of(System.getProperty("java.home"));
  private static final String LINE = "dev.tcpstates.jmh.Connecting.connect:";

  @TempDir private Path directory;

  private record Run(int exit, String out) {}

  @BeforeAll
  static void tier() {
    boolean btf = Files.exists(Path.of("/sys/kernel/btf/vmlinux"));
    assertTrue(btf || !"true".equals(System.getenv("CI")), "missing here: kernel BTF");
    Assumptions.assumeTrue(btf, "missing here: kernel BTF");
  }

  /** One JDK of each feature release from 17 on. */
  static List<Path> jdks() throws IOException {
    Map<String, Path> jdks = new TreeMap<>();
    List<Path> homes = new ArrayList<>(List.of(JDK));
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

  private Run jmh(Path jdk, List<String> jvmArguments, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/java").toString());
    command.addAll(jvmArguments);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.openjdk.jmh.Main");
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();
    int exit = process.waitFor();
    return new Run(exit, Files.readString(directory.resolve("out")));
  }

  /** With the profiler; the values go to a file. */
  private Run profiled(Path jdk, List<String> jvmArguments, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-foe", "true", "-prof", "tcpstates", "-rf", "json"));
    all.addAll(List.of("-rff", directory.resolve("json").toString()));
    return jmh(jdk, jvmArguments, all.toArray(String[]::new));
  }

  /** The values of all iterations, by benchmark and metric. */
  private Map<String, List<Double>> values() throws IOException {
    Map<String, List<Double>> values = new TreeMap<>();
    String json = Files.readString(directory.resolve("json"));
    for (JsonElement element : JsonParser.parseString(json).getAsJsonArray()) {
      JsonObject result = element.getAsJsonObject();
      String name = result.get("benchmark").getAsString().replaceAll(".*\\.", "");
      for (Map.Entry<String, JsonElement> metric :
          result.getAsJsonObject("secondaryMetrics").entrySet()) {
        List<Double> all = new ArrayList<>();
        for (JsonElement fork : metric.getValue().getAsJsonObject().getAsJsonArray("rawData")) {
          fork.getAsJsonArray().forEach(value -> all.add(value.getAsDouble()));
        }
        values.put(name + " " + metric.getKey(), all);
      }
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void countsWhatTheOperationsDo(Path jdk) throws Exception {
    Run run = profiled(jdk, List.of(), "Connecting");
    assertEquals(0, run.exit, run.out);
    Map<String, List<Double>> values = values();
    assertAll(2, values, "three", 3, 3, 3, 0, 0, 0);
    // JMH's operation is the batch of 10.
    assertAll(2, values, "leak", 10, 10, 10, 0, 0, 10);
    // Both ends of the connection that is reset are in this JVM.
    assertAll(2, values, "refusedAndReset", 20, 10, 10, 10, 20, 0);
    assertAll(1, values, "none", 0, 0, 0, 0, 0, 0);
    double micros = values.get("three tcp.handshake.time").get(0);
    assertTrue(micros > 1 && micros < 1e6, "" + micros);
    assertFalse(values.containsKey("none tcp.handshake.time"));
    assertTrue(
        run.out.matches("(?s).*\n +3\\.000 +- +- +(-|0\\.0\\d+) +- +- +\\Q" + LINE + "\\E\\d+\n.*"),
        run.out);
    assertTrue(
        run.out.matches(
            "(?s).*\n +10\\.000 +- +- +(-|0\\.0\\d+) +- +10\\.000 +\\Q" + LINE + "\\E\\d+\n.*"),
        run.out);
    assertTrue(run.out.contains("\n  none was opened\n"), run.out);
  }

  private static void assertAll(
      int iterations,
      Map<String, List<Double>> values,
      String benchmark,
      double connects,
      double accepts,
      double handshakes,
      double failed,
      double resets,
      double stuck) {
    Map<String, Double> expected =
        Map.of(
            "connects", connects,
            "accepts", accepts,
            "handshakes", handshakes,
            "failed", failed,
            "resets", resets,
            "stuck", stuck);
    expected.forEach(
        (metric, value) ->
            assertEquals(
                Collections.nCopies(iterations, value),
                values.get(benchmark + " tcp." + metric),
                benchmark + " " + metric));
    // Also on loopback, where nothing is lost, the kernel retransmits if the machine is busy.
    List<Double> retransmits = values.get(benchmark + " tcp.retransmits");
    assertEquals(iterations, retransmits.size());
    assertTrue(retransmits.stream().allMatch(n -> n >= 0 && n < 0.1), retransmits::toString);
  }

  /** Without forks, the JVM needs the agent from its start. */
  @Test
  void withoutForks() throws Exception {
    Run without = profiled(JDK, List.of(), "Connecting.leak", "-f", "0");
    assertNotEquals(0, without.exit, without.out);
    assertTrue(
        without.out.contains("Without forks (-f 0), start it with -javaagent:tcpstates-agent.jar"),
        without.out);
    String agent =
        Path.of("target/classes/dev/tcpstates/jmh/tcpstates-agent.jar").toAbsolutePath()
            + "=log=warn";
    Run with = profiled(JDK, List.of("-javaagent:" + agent), "Connecting.leak", "-f", "0");
    assertEquals(0, with.exit, with.out);
    assertAll(2, values(), "leak", 10, 10, 10, 0, 0, 10);
  }

  @Test
  void isListed() throws Exception {
    Run run = jmh(JDK, List.of(), "-lprof");
    assertTrue(
        run.out.contains(
            "tcpstates: TCP connections per operation, and the lines of code that open them"
                + " (discovered)"),
        run.out);
  }

  @Test
  void aWrongOptionIsNamed() throws Exception {
    Run run = jmh(JDK, List.of(), "Connecting.none", "-prof", "tcpstates:line=3");
    assertNotEquals(0, run.exit);
    assertTrue(
        run.out.contains("unknown option 'line'; the options, separated by ';', are"), run.out);
  }
}
