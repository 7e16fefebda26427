// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the benchmarks measure something, so that they don't rot. What they measure is not told. */
class BenchmarksIT {
  private static final Path FOLDER = Path.of("benchmarks").toAbsolutePath();
  private static final Path JAR = Path.of("../agent/target/tcpstates-agent.jar");
  private static final Path STATS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
  private static final long LIMIT_MINUTES = 10;

  private static final String NONE = "no tracing";
  private static final String ON = "ours, recording on";

  @TempDir Path directory;

  @Test
  void everySectionMeasures() throws Exception {
    require();
    final String stats = Files.readString(STATS);
    Path out = directory.resolve("smoke");
    Result result = run("--smoke", "--out=" + out);
    assertEquals(0, result.exit, result::toString);
    JsonObject json =
        JsonParser.parseString(Files.readString(sibling(out, ".json"))).getAsJsonObject();

    Set<Integer> sections = new TreeSet<>();
    for (JsonElement element : json.getAsJsonArray("measures")) {
      JsonObject measure = element.getAsJsonObject();
      sections.add(measure.get("section").getAsInt());
      sound(measure);
    }
    assertEquals(Set.of(1, 2, 3, 4, 5, 6, 7, 8, 9), sections);
    loadsWereRecorded(json.getAsJsonArray("checks"));
    connections(json);
    kernel(json);
    requests(json);
    startUp(json);
    size(json);
    growth(json);
    positive(json, "reading.cpu", "summary, -Xmx512m");
    positive(json, "reader.cpu", ON);
    assertEquals(0, value(json, "reader.lost", ON));
    for (String row :
        List.of(
            "Decode: transition",
            "Commit: transition",
            "OpenSockets: openAndEnd open=10",
            "OpenSockets: cookie open=10",
            "OpenSockets: join open=10")) {
      positive(json, "jmh", row);
    }

    assertTrue(result.out.contains("Goals"), result.out);
    assertTrue(result.out.contains(Files.readString(sibling(out, ".txt"))), result.out);
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(sibling(out, ".svg").toFile());
    assertEquals(stats, Files.readString(STATS), "kernel.bpf_stats_enabled");
    try (Stream<Path> left = Files.list(FOLDER.resolve("target"))) {
      assertEquals(
          List.of(),
          left.filter(path -> path.getFileName().toString().startsWith("work")).toList());
    }
  }

  /** The load's own numbers, which the recordings have to tell: none may be made up or left out. */
  private static void loadsWereRecorded(JsonArray checks) {
    assertTrue(checks.size() >= 20, checks::toString);
    int connections = 0;
    for (JsonElement element : checks) {
      JsonObject check = element.getAsJsonObject();
      assertEquals(
          check.get("expected").getAsDouble(), check.get("actual").getAsDouble(), check::toString);
      if (check.get("what").getAsString().endsWith(": connections")) {
        assertTrue(check.get("expected").getAsInt() >= 1_000, check::toString);
        connections++;
      }
    }
    // One of each kind of socket, and the recording that is read.
    assertEquals(hasVirtualThreads() ? 4 : 3, connections, checks::toString);
  }

  /** The statistics are those of the values. */
  private static void sound(JsonObject measure) {
    for (JsonElement element : measure.getAsJsonArray("rows")) {
      JsonObject row = element.getAsJsonObject();
      double[] values =
          StreamSupport.stream(row.getAsJsonArray("values").spliterator(), false)
              .mapToDouble(JsonElement::getAsDouble)
              .sorted()
              .toArray();
      assertTrue(values.length > 0, row::toString);
      double median = (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
      JsonObject summary = row.getAsJsonObject("summary");
      assertEquals(median, summary.get("median").getAsDouble(), Math.abs(median) * 1e-9);
      assertEquals(values[0], summary.get("min").getAsDouble());
      assertEquals(values[values.length - 1], summary.get("max").getAsDouble());
    }
  }

  private static void connections(JsonObject json) {
    List<String> kinds = new ArrayList<>(List.of("blocking", "selector"));
    if (hasVirtualThreads()) {
      kinds.add("virtual");
    }
    for (String kind : kinds) {
      for (String variant : List.of(NONE, ON)) {
        // A connection takes some ten system calls: more than a microsecond.
        assertTrue(value(json, "churn." + kind + ".cpu", variant) > 1);
        assertTrue(value(json, "churn." + kind + ".wall", variant) > 1);
      }
    }
  }

  private static void kernel(JsonObject json) {
    List<String> ours =
        List.of("ours, owned socket", "ours, owned socket, recording off", "ours, foreign socket");
    for (String row : ours) {
      positive(json, "kernel.time", row);
      // Each transition of the load runs each program.
      assertTrue(value(json, "kernel.hits", row) >= 0.99, row);
    }
    positive(json, "kernel.time", "bcc tcpstates");
    assertTrue(value(json, "kernel.hits", "bcc tcpstates") >= 0.9);
    assertTrue(
        value(json, "kernel.time", "ours, foreign socket")
            < value(json, "kernel.time", "ours, owned socket"));
  }

  private static void requests(JsonObject json) {
    for (String mode : List.of("keepalive", "close")) {
      for (String variant : List.of(NONE, ON)) {
        String id = "http." + mode + ".";
        positive(json, id + "rate", variant);
        positive(json, id + "p50", variant);
        assertTrue(value(json, id + "p50", variant) <= value(json, id + "p99", variant));
        assertTrue(value(json, id + "p99", variant) <= value(json, id + "p999", variant));
      }
    }
  }

  private static void startUp(JsonObject json) {
    for (String program : List.of("empty", "socket")) {
      String cpu = find(json, "\\.jdk\\d+\\." + program + "\\.cpu");
      double none = value(json, cpu, NONE);
      assertTrue(none > 1, "a JVM starts in " + none + " ms");
      for (String variant :
          List.of("JFR alone", "ours, recording off", ON, "OpenTelemetry, SDK off")) {
        assertTrue(value(json, cpu, variant) > none, variant);
      }
      positive(json, find(json, "\\.jdk\\d+\\." + program + "\\.wall"), "empty agent");
    }
  }

  private static void size(JsonObject json) throws IOException {
    // Eight fields that no two transitions share, and the three bytes of an event's frame.
    double alone = value(json, "size.file", "StateChange alone");
    assertTrue(alone > 11 && alone < 1_000, alone + " bytes");
    assertTrue(value(json, "size.file", "StateChange, Connection and SocketOpen") > alone);
    double text = value(json, "size.file", "bcc tcpstates, text");
    assertTrue(text > 40 && text < 300, text + " bytes");
    assertEquals(Files.size(JAR) / 1e6, value(json, "size.jar", "tcpstates-agent.jar"), 1e-9);
    assertTrue(value(json, "size.idle.rss", ON) > value(json, "size.idle.rss", NONE));
    assertTrue(value(json, "size.idle.heap", ON) > value(json, "size.idle.heap", NONE));
    double more =
        value(json, "size.socket", "ours, recording off") - value(json, "size.socket", NONE);
    assertTrue(more > 10 && more < 10_000, more + " bytes of heap for a socket");
  }

  private static void growth(JsonObject json) {
    for (String row : List.of("open sockets: 10", "open sockets: 700")) {
      positive(json, "growth.open.ours", row);
      assertEquals(
          value(json, "growth.open.kernel", row) + value(json, "growth.open.reader", row),
          value(json, "growth.open.ours", row),
          1e-6);
    }
    positive(json, "growth.sites.ours", "open sites: 50");
    positive(json, "growth.threads.ours", "client threads: 8");
  }

  private static String find(JsonObject json, String pattern) {
    return ids(json).filter(id -> id.matches(".*" + pattern)).findFirst().orElseThrow();
  }

  private static Stream<String> ids(JsonObject json) {
    return StreamSupport.stream(json.getAsJsonArray("measures").spliterator(), false)
        .map(measure -> measure.getAsJsonObject().get("id").getAsString());
  }

  private static void positive(JsonObject json, String id, String variant) {
    assertTrue(value(json, id, variant) > 0, id + ", " + variant);
  }

  /** The median of a variant. */
  private static double value(JsonObject json, String id, String variant) {
    for (JsonElement element : json.getAsJsonArray("measures")) {
      JsonObject measure = element.getAsJsonObject();
      if (measure.get("id").getAsString().equals(id)) {
        for (JsonElement row : measure.getAsJsonArray("rows")) {
          if (row.getAsJsonObject().get("variant").getAsString().equals(variant)) {
            return row.getAsJsonObject().getAsJsonObject("summary").get("median").getAsDouble();
          }
        }
      }
    }
    throw new AssertionError("there is no " + variant + " in " + id);
  }

  @Test
  void saysWhatItTakes() throws Exception {
    require();
    Result result = run("--fast");
    assertEquals(1, result.exit, result::toString);
    assertTrue(result.err.startsWith("unknown argument --fast\n"), result.err);
    assertTrue(result.err.contains("--quick   few rounds"), result.err);
    assertEquals("", result.out);
    assertFalse(run("--only=nothing").err.isEmpty());
  }

  private static boolean hasVirtualThreads() {
    try (Stream<Path> installed = Files.list(Path.of("/usr/lib/jvm"))) {
      return Runtime.version().feature() >= 21
          || installed
              .filter(home -> Files.isExecutable(home.resolve("bin/javac")))
              .anyMatch(BenchmarksIT::isNew);
    } catch (IOException e) {
      return Runtime.version().feature() >= 21;
    }
  }

  private static boolean isNew(Path home) {
    try {
      String release = Files.readString(home.resolve("release"));
      return Integer.parseInt(release.replaceAll("(?s).*JAVA_VERSION=\"(\\d+).*", "$1")) >= 21;
    } catch (IOException e) {
      return false;
    }
  }

  private record Result(int exit, String out, String err) {}

  private Result run(String... arguments) throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    List<String> command = new ArrayList<>(List.of(FOLDER.resolve("run.sh").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile()) // it works from any
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    Process process = builder.start();
    if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
      process.destroy();
      throw new AssertionError("no end; so far: " + Files.readString(err));
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static Path sibling(Path out, String suffix) {
    return out.resolveSibling(out.getFileName() + suffix);
  }

  /** Skips the test where something is missing; in CI that is a failure. */
  private static void require() throws IOException {
    List<String> missing = new ArrayList<>();
    if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
      missing.add("root");
    }
    if (!Files.exists(Path.of("/sys/kernel/btf/vmlinux"))) {
      missing.add("kernel BTF (/sys/kernel/btf/vmlinux)");
    }
    for (String tool : List.of("unshare", "nsenter", "ip", "tcpstates", "bpftool", "wrk")) {
      if (Stream.of("/usr/sbin", "/usr/bin", "/sbin", "/bin")
          .noneMatch(folder -> Files.isExecutable(Path.of(folder, tool)))) {
        missing.add("the program " + tool);
      }
    }
    if (!missing.isEmpty()) {
      String message = "missing here: " + String.join(", ", missing);
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(message);
      }
      Assumptions.abort(message);
    }
  }
}
