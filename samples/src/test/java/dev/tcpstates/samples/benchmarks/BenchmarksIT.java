// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tcpstates.samples.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks measure something. How much it is depends on the machine. */
class BenchmarksIT {
  private static final Path FOLDER = Path.of("benchmarks").toAbsolutePath();
  private static final Path JAR = Path.of("../agent/target/tcpstates-agent.jar");
  private static final Path STATS = Path.of("/proc/sys/kernel/bpf_stats_enabled");

  private static final String NONE = "no tracing";
  private static final String ON = "ours, recording on";

  @TempDir Path directory;

  @Test
  void everySectionMeasures() throws Exception {
    need();
    final String stats = Files.readString(STATS);
    Path out = directory.resolve("smoke");
    Command.Result result = run("--smoke", "--out=" + out);
    assertEquals(0, result.exit(), result::toString);
    JsonObject json =
        JsonParser.parseString(Files.readString(sibling(out, ".json"))).getAsJsonObject();

    String table = Files.readString(sibling(out, ".txt"));
    for (String id : measures(json).keySet()) {
      tabled(table, id, rows(json, id));
    }
    assertEquals(
        Set.of(
            "connections",
            "kernel",
            "reader",
            "requests",
            "startup",
            "size",
            "growth",
            "chunks",
            "sampled",
            "jvms",
            "reading",
            "jmh"),
        measures(json).keySet().stream()
            .map(id -> id.replaceFirst("\\..*", ""))
            .collect(Collectors.toSet()));
    loadsWereRecorded(json.getAsJsonArray("checks"));
    connections(json);
    kernel(json);
    requests(json);
    startUp(json);
    size(json);
    growth(json);
    chunks(json);
    sampled(json);
    jvms(json);
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

    assertTrue(result.out().contains("Goals"), result.out());
    assertTrue(result.out().contains(table), result.out());
    assertEquals(stats, Files.readString(STATS), "kernel.bpf_stats_enabled");
    try (Stream<Path> left = Files.list(FOLDER.resolve("target"))) {
      assertEquals(
          List.of(),
          left.filter(path -> path.getFileName().toString().startsWith("work")).toList());
    }
  }

  /** The load determines these numbers: no recording has more or fewer. */
  private static void loadsWereRecorded(JsonArray checks) throws IOException {
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
    assertEquals(virtualThreads() ? 4 : 3, connections, checks::toString);
  }

  /** A foreign transition runs each JVM's own programs, but the node program's only once. */
  private static void jvms(JsonObject json) {
    double own = value(json, "jvms.foreign", "own programs, 3");
    double node = value(json, "jvms.foreign", "node program, 3");
    assertTrue(node < own, node + " ns with the node program, " + own + " ns without");
    for (String mode : List.of("own programs", "node program")) {
      positive(json, "jvms.owned", mode + ", 1");
      positive(json, "jvms.start", mode);
      // Each JVM has a ring of 64 KB at least.
      assertTrue(value(json, "jvms.memory", mode + ", 3") > 64, mode);
    }
    positive(json, "jvms.start", "no agent");
    positive(json, "jvms.register", "node program");
  }

  /** The table has the median, the least and the greatest of the values, and how many there are. */
  private static void tabled(String table, String id, JsonObject rows) {
    String block =
        Stream.of(table.split("\n\n"))
            .filter(text -> text.startsWith(id + ": "))
            .findFirst()
            .orElseThrow(() -> new AssertionError(id + " is not in " + table));
    for (String row : rows.keySet()) {
      double[] values = sorted(rows, row);
      double median = median(values);
      String line =
          block
              .lines()
              .filter(text -> text.startsWith("   " + row + " "))
              .findFirst()
              .orElseThrow(() -> new AssertionError(row + " is not in " + block))
              .substring(3 + row.length());
      Matcher numbers =
          Pattern.compile("[ █]*([\\d.,-]+) +([\\d.,-]+) \\.\\. ([\\d.,-]+) \\((\\d+)\\).*")
              .matcher(line);
      assertTrue(numbers.matches(), line);
      close(median, numbers.group(1));
      close(values[0], numbers.group(2));
      close(values[values.length - 1], numbers.group(3));
      assertEquals(values.length, Integer.parseInt(numbers.group(4)), line);
    }
  }

  /** The table's numbers have three digits. */
  private static void close(double value, String text) {
    double rounded = Double.parseDouble(text.replace(",", ""));
    assertEquals(value, rounded, Math.max(0.0005, Math.abs(value) * 0.0051));
  }

  private static void connections(JsonObject json) throws IOException {
    List<String> kinds = new ArrayList<>(List.of("blocking", "selector"));
    if (virtualThreads()) {
      kinds.add("virtual");
    }
    for (String kind : kinds) {
      for (String variant : List.of(NONE, ON)) {
        // A connection takes some ten system calls: more than a microsecond.
        assertTrue(value(json, "connections." + kind + ".cpu", variant) > 1);
        assertTrue(value(json, "connections." + kind + ".wall", variant) > 1);
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
        String id = "requests." + mode + ".";
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

  private static void chunks(JsonObject json) {
    for (String sockets : List.of("few", "open", "timeWait")) {
      positive(json, "chunks." + sockets + ".connection", ON);
      positive(json, "chunks." + sockets + ".end", ON);
    }
  }

  private static void sampled(JsonObject json) {
    assertTrue(value(json, "sampled.700.cpu", NONE) > 1);
    assertTrue(value(json, "sampled.700.wall", NONE) > 1);
    // At least as long as the option says; with many sockets or on a busy machine, longer.
    assertTrue(value(json, "sampled.700.interval", "polls every 100ms") >= 100);
    assertTrue(value(json, "sampled.700.interval", "polls every 1s") >= 1_000);
    for (String row : List.of("polls every 100ms", "polls every 1s")) {
      for (String id : List.of("cpu", "wall", "poll", "share")) {
        positive(json, "sampled.700." + id, row);
      }
      assertTrue(value(json, "sampled.700.share", row) < 100, row);
    }
    // Half a second is longer than one interval and shorter than the other.
    String life = ", each open for 500 ms";
    double often = value(json, "sampled.missed", "polls every 100ms" + life);
    double rarely = value(json, "sampled.missed", "polls every 1s" + life);
    assertTrue(often < rarely, often + " % and " + rarely + " %");
    assertTrue(value(json, "sampled.missed", "polls every 1s, full churn") > 50);
  }

  private static String find(JsonObject json, String pattern) {
    return measures(json).keySet().stream()
        .filter(id -> id.matches(".*" + pattern))
        .findFirst()
        .orElseThrow();
  }

  private static JsonObject measures(JsonObject json) {
    return json.getAsJsonObject("measures");
  }

  /** The values of a measure, by row. */
  private static JsonObject rows(JsonObject json, String id) {
    assertTrue(measures(json).has(id), () -> "no " + id + " in " + measures(json).keySet());
    return measures(json).getAsJsonObject(id).getAsJsonObject("values");
  }

  private static double[] sorted(JsonObject rows, String row) {
    assertTrue(rows.has(row), () -> "no " + row + " in " + rows.keySet());
    return rows.getAsJsonArray(row).asList().stream()
        .mapToDouble(JsonElement::getAsDouble)
        .sorted()
        .toArray();
  }

  private static void positive(JsonObject json, String id, String variant) {
    assertTrue(value(json, id, variant) > 0, id + ", " + variant);
  }

  /** The median of a row. */
  private static double value(JsonObject json, String id, String row) {
    return median(sorted(rows(json, id), row));
  }

  private static double median(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  @Test
  void saysWhatItTakes() throws Exception {
    need();
    Command.Result result = run("--fast");
    assertEquals(1, result.exit(), result::toString);
    assertTrue(result.err().startsWith("unknown argument --fast\n"), result.err());
    assertTrue(result.err().contains("--quick   few rounds"), result.err());
    assertEquals("", result.out());
    assertFalse(run("--only=nothing").err().isEmpty());
  }

  /** Whether the newest JDK has them, with which the benchmarks run. */
  private static boolean virtualThreads() throws IOException {
    for (Path home : Command.jdks()) {
      String release = Files.readString(home.resolve("release"));
      if (Integer.parseInt(release.replaceAll("(?s).*JAVA_VERSION=\"(\\d+).*", "$1")) >= 21) {
        return true;
      }
    }
    return false;
  }

  private Command.Result run(String... arguments) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(FOLDER.resolve("run.sh").toString()));
    words.addAll(List.of(arguments));
    // Its directory is a temporary one: run.sh works from any.
    return new Command(directory, Path.of(System.getProperty("java.home")), words).run();
  }

  private static Path sibling(Path out, String suffix) {
    return out.resolveSibling(out.getFileName() + suffix);
  }

  private static void need() throws IOException {
    Command.need((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "root");
    Command.needKernel();
    for (String tool :
        List.of("unshare", "nsenter", "setpriv", "ip", "tcpstates", "bpftool", "wrk")) {
      Command.need(
          Stream.of("/usr/sbin", "/usr/bin", "/sbin", "/bin")
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool))),
          "the program " + tool);
    }
  }
}
