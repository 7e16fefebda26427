// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Mishaps;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that analyse a recording, on one of a workload whose numbers are known. */
class AnalysisIT {
  private static final int CONNECTED = Mishaps.CONNECTED;
  private static final int ACCEPTED = CONNECTED - Mishaps.REFUSED;

  @TempDir static Path recordings;
  private static final Map<Jdk, Path> RECORDINGS = new HashMap<>();

  @BeforeAll
  static void record() throws Exception {
    KernelTier.require();
    for (Jdk jdk : Jdk.all()) {
      Path directory = Files.createDirectory(recordings.resolve("" + jdk.feature()));
      AgentJvm.Result result = new AgentJvm(jdk, directory).record().run(Mishaps.class).ok();
      assertEquals("" + (Mishaps.LEAKED + 2 * Mishaps.POOLED), result.out().strip());
      RECORDINGS.put(jdk, result.recording());
    }
  }

  private static Tool run(Jdk jdk, String arguments) throws Exception {
    return Tool.agent(jdk, (arguments + " " + RECORDINGS.get(jdk)).split(" "));
  }

  private static Tool run(String arguments) throws Exception {
    return run(Jdk.all().get(0), arguments);
  }

  @OnEachJdk
  void summaryHasTheWorkloadsNumbers(Jdk jdk) throws Exception {
    Tool summary = run(jdk, "summary --top 20").ok();
    assertEquals("", summary.err());
    List<String> lines = summary.out().lines().map(line -> line.replaceAll(" +", " ")).toList();
    assertTrue(lines.get(0).startsWith("JVM "), lines.get(0));
    assertTrue(lines.get(0).endsWith(" " + Mishaps.class.getName()), lines.get(0));
    assertTrue(lines.get(2).endsWith(", nothing lost"), lines.get(2));
    int open = Mishaps.LEAKED + 2 * Mishaps.POOLED;
    assertTrue(
        lines.contains(
            CONNECTED
                + " connected ("
                + Mishaps.REFUSED
                + " failed), "
                + ACCEPTED
                + " accepted, 0 older; "
                + (CONNECTED + ACCEPTED - open)
                + " ended, "
                + open
                + " open"),
        summary.out());
    assertLine(lines, "connecting " + ACCEPTED + " ");
    assertLine(lines, "accepting " + ACCEPTED + " ");
    assertLine(lines, "CLOSE_WAIT " + Mishaps.LEAKED + " " + Mishaps.LEAKED + " ");
    assertLine(lines, "ESTABLISHED " + 2 * Mishaps.POOLED + " ");
    assertMatches(lines, "REFUSED " + Mishaps.REFUSED + " ECONNREFUSED [0-9.]+ .s - 127.*");
    // The kernel's reason, from Linux 6.10 on.
    assertMatches(lines, "RESET_BY_LOCAL " + Mishaps.RESET + " (-|TCP_\\w+) - .*127.0.0.1:.*");
    assertMatches(lines, "RESET_BY_REMOTE " + Mishaps.RESET + " ECONNRESET - .*127.0.0.1:.*");
    assertMatches(lines, "NOT_CLOSED CLOSE_WAIT " + Mishaps.LEAKED + " [0-9.]+ m?s .*");
    assertMatches(
        lines,
        "! "
            + Mishaps.LEAKED
            + " CLOSE_WAIT sockets opened by "
            + Mishaps.class.getName()
            + ".connect:\\d+ \\(thread main\\): the remote side, .*");
    assertFalse(summary.out().contains("Nothing found"), summary.out());
    // Opened in a line of its own, called from two: the opener is what calls the JDK.
    assertLine(lines, "CONNECT " + ACCEPTED + " ");
    assertLine(lines, "CONNECT " + Mishaps.REFUSED + " " + Mishaps.REFUSED + " 0 % ");
    assertLine(lines, "ACCEPT " + ACCEPTED + " " + (ACCEPTED - Mishaps.POOLED) + " ");
  }

  private static void assertMatches(List<String> lines, String pattern) {
    assertTrue(lines.stream().anyMatch(line -> line.matches(pattern)), pattern + " in " + lines);
  }

  private static void assertLine(List<String> lines, String start) {
    assertTrue(lines.stream().anyMatch(line -> line.startsWith(start)), start + " in " + lines);
  }

  @Test
  void summaryFitsAScreen() throws Exception {
    Tool summary =
        Tool.run(
                "env",
                "COLUMNS=80",
                Jdk.all().get(0).tool("java"),
                "-jar",
                AgentJvm.jar().toString(),
                "summary",
                RECORDINGS.get(Jdk.all().get(0)).toString())
            .ok();
    List<String> lines = summary.out().lines().toList();
    assertTrue(lines.size() <= 48, summary.out());
    lines.forEach(line -> assertTrue(line.length() <= 80, line));
  }

  @Test
  void summaryInJson() throws Exception {
    String json = run("summary --format json").ok().out();
    assertEquals(1, json.lines().count());
    for (String part :
        List.of(
            "\"connections\":{\"connected\":" + CONNECTED + ",\"accepted\":" + ACCEPTED + ",",
            "\"losses\":[]",
            "\"state\":\"CLOSE_WAIT\",\"now\":" + Mishaps.LEAKED + ",\"peak\":" + Mishaps.LEAKED,
            "\"state\":\"CLOSE_WAIT\",\"cause\":\"NOT_CLOSED\",\"count\":" + Mishaps.LEAKED + ",",
            "\"end\":\"REFUSED\",\"reason\":\"ECONNREFUSED\",\"count\":" + Mishaps.REFUSED + ",")) {
      assertTrue(json.contains(part), () -> part + " in " + json);
    }
  }

  @OnEachJdk
  void stacksAddUp(Jdk jdk) throws Exception {
    Map<String, Long> byMethod = new TreeMap<>();
    long all = 0;
    for (String line : run(jdk, "stacks").ok().out().lines().toList()) {
      long weight = Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
      all += weight;
      for (String method : List.of("request", "leak", "pool", "refused", "reset")) {
        if (line.contains(Mishaps.class.getName() + "." + method + ":")) {
          byMethod.merge(line.split(";")[0] + " " + method, weight, Long::sum);
        }
      }
    }
    assertEquals(CONNECTED + ACCEPTED, all);
    Map<String, Long> expected = new TreeMap<>();
    expected.put("CONNECT request", (long) Mishaps.REQUESTS);
    expected.put("ACCEPT request", (long) Mishaps.REQUESTS);
    expected.put("CONNECT leak", (long) Mishaps.LEAKED);
    expected.put("ACCEPT leak", (long) Mishaps.LEAKED);
    expected.put("CONNECT pool", (long) Mishaps.POOLED);
    expected.put("ACCEPT pool", (long) Mishaps.POOLED);
    expected.put("CONNECT refused", (long) Mishaps.REFUSED);
    expected.put("CONNECT reset", (long) Mishaps.RESET);
    expected.put("ACCEPT reset", (long) Mishaps.RESET);
    assertEquals(expected, byMethod);
  }

  @Test
  void stacksByStateAndBytes() throws Exception {
    List<String> closeWait = run("stacks --state CLOSE_WAIT").ok().out().lines().toList();
    assertTrue(closeWait.get(0).contains(".leak:"), closeWait.get(0));
    // 100 bytes a request, counted at both ends.
    long bytes =
        run("stacks --bytes")
            .ok()
            .out()
            .lines()
            .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
            .sum();
    assertEquals(2L * 100 * Mishaps.REQUESTS, bytes);
  }

  @OnEachJdk
  void checkRedAndGreen(Jdk jdk) throws Exception {
    Tool green =
        run(
            jdk,
            "check --max-close-wait 3 --max-open 7 --max-resets 10 --max-failures 4"
                + " --max-connections 26 --max-connections-per-site 12 --min-connections 48"
                + " --max-handshake 1h --max-accept-wait 1h --no-connections-from com.example");
    assertEquals(0, green.exit(), green.out() + green.err());
    assertEquals("", green.err());
    assertEquals(11, green.out().lines().filter(line -> line.startsWith("pass  ")).count());

    for (String rule :
        List.of(
            "--max-close-wait 2",
            "--no-leaks",
            "--max-open 6",
            "--max-resets 9",
            "--no-refused",
            "--max-failures 3",
            "--max-connections 25",
            "--max-connections-per-site 11",
            "--min-connections 49",
            "--max-handshake 1ns",
            "--max-handshake-p99 1ns",
            "--no-connections-from dev.tcpstates.it")) {
      Tool red = run(jdk, "check " + rule);
      assertEquals(1, red.exit(), rule + red.out() + red.err());
      List<String> lines = red.out().lines().toList();
      assertEquals("pass  complete: nothing lost", lines.get(0));
      assertTrue(lines.get(1).startsWith("FAIL  " + rule.substring(2)), lines.get(1));
      assertEquals("1 of 2 failed.", lines.get(lines.size() - 1));
      if (!rule.startsWith("--min")) {
        assertTrue(red.out().contains("at dev.tcpstates.it.workload.Mishaps."), red.out());
        assertTrue(red.out().contains("opened by thread \"main\""), red.out());
      }
    }
  }

  @Test
  void checkNamesTheLine() throws Exception {
    List<String> lines = run("check --no-leaks").out().lines().map(String::strip).toList();
    assertEquals("FAIL  no-leaks: 3 leaked or stuck sockets", lines.get(1));
    assertTrue(lines.get(2).startsWith("3 sockets, such as 127.0.0.1:"), lines.get(2));
    assertTrue(
        lines.stream()
            .anyMatch(line -> line.matches("at .*Mishaps\\.leak\\(Mishaps\\.java:\\d+\\)")),
        lines::toString);
  }

  @Test
  void checkWritesAReport() throws Exception {
    Path report = recordings.resolve("reports/TEST-tcpstates.xml");
    assertEquals(1, run("check --no-leaks --max-open 7 --junit " + report).exit());
    String xml = Files.readString(report);
    assertTrue(xml.contains("tests=\"3\" errors=\"0\" skipped=\"0\" failures=\"1\""), xml);
    assertTrue(xml.contains("<testcase classname=\"tcpstates.check\" name=\"no-leaks\""), xml);
  }

  /** A recording proves nothing where the agent was not, or events were switched off. */
  @Test
  void checkWantsACompleteRecording() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    Path directory = Files.createDirectory(recordings.resolve("without"));
    Path without =
        new AgentJvm(jdk, directory).withoutAgent().record().run(Mishaps.class).ok().recording();
    Tool none = Tool.agent(jdk, "check", "--no-leaks", "--allow-lost", without.toString());
    assertEquals(1, none.exit(), none.out());
    assertTrue(none.out().startsWith("FAIL  complete: no agent"), none.out());

    directory = Files.createDirectory(recordings.resolve("disabled"));
    Path disabled =
        new AgentJvm(jdk, directory)
            .record("+tcpstates.Connection#enabled=false")
            .run(Mishaps.class)
            .ok()
            .recording();
    Tool half = Tool.agent(jdk, "check", "--max-resets", "0", disabled.toString());
    assertEquals(1, half.exit(), half.out());
    assertTrue(half.out().contains("without a tcpstates.Connection event"), half.out());

    byte[] bytes = Files.readAllBytes(RECORDINGS.get(jdk));
    Path cut = recordings.resolve("cut.jfr");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length * 9 / 10));
    Tool part = Tool.agent(jdk, "check", "--max-open", "1000", cut.toString());
    assertEquals(3, part.exit(), part.out() + part.err());
  }

  /** The same as in the agent's own dictionary, below as few of the agent's frames as there are. */
  @OnEachJdk
  void openedSocketsHaveTheirStack(Jdk jdk) throws Exception {
    Map<Long, OpenSiteInfo> sites = RecordingReader.read(RECORDINGS.get(jdk)).openSites();
    int opened = 0;
    for (RecordedEvent event : Events.of(RECORDINGS.get(jdk), "SocketOpen")) {
      List<String> frames =
          event.getStackTrace().getFrames().stream().map(AnalysisIT::text).toList();
      List<String> below =
          frames.stream().dropWhile(frame -> frame.startsWith("dev.tcpstates.agent.")).toList();
      assertTrue(frames.size() - below.size() <= 3, frames::toString);
      assertEquals(sites.get(event.getLong("openSiteId")).stack(), below);
      opened++;
    }
    assertTrue(opened > 0);
  }

  @OnEachJdk
  void enrichedEventsHaveTheirOpenersStack(Jdk jdk) throws Exception {
    Path copy = recordings.resolve(jdk.feature() + "-enriched.jfr");
    Tool enrich = Tool.agent(jdk, "enrich", RECORDINGS.get(jdk).toString(), copy.toString()).ok();
    assertEquals("", enrich.out());
    TcpRecording original = RecordingReader.read(RECORDINGS.get(jdk));
    assertEquals(original.transitions(), RecordingReader.read(copy).transitions());
    assertEquals(original.connections(), RecordingReader.read(copy).connections());

    int withStack = 0;
    for (RecordedEvent event : RecordingFile.readAllEvents(copy)) {
      if (event.getEventType().getName().matches("tcpstates\\.(StateChange|Connection)")) {
        OpenSiteInfo site = original.openSites().get(event.getLong("openSiteId"));
        assertEquals(
            site.stack(),
            event.getStackTrace().getFrames().stream()
                .map(AnalysisIT::text)
                .collect(Collectors.toList()));
        assertEquals(event.getString("openThread"), event.getThread().getJavaName());
        assertEquals(event.getLong("openThreadId"), event.getThread().getJavaThreadId());
        withStack++;
      }
    }
    assertEquals(original.transitions().size() + original.connections().size(), withStack);
    assertEquals(types(RECORDINGS.get(jdk)), types(copy));
    // The JDK's own tool reads it, too.
    assertTrue(
        Tool.run(jdk.tool("jfr"), "print", "--events", "tcpstates.StateChange", copy.toString())
            .ok()
            .out()
            .contains(Mishaps.class.getName() + ".request"));
  }

  private static String text(RecordedFrame frame) {
    String line =
        frame.getType().equals("Native")
            ? ":native"
            : frame.getLineNumber() > 0 ? ":" + frame.getLineNumber() : "";
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName() + line;
  }

  private static Map<String, Long> types(Path file) throws Exception {
    try (Stream<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()) {
      return events.collect(
          Collectors.groupingBy(
              e -> e.getEventType().getName(), TreeMap::new, Collectors.counting()));
    }
  }

  @Test
  void enrichWhatCannotBe() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    String recording = RECORDINGS.get(jdk).toString();
    Tool same = Tool.agent(jdk, "enrich", recording, recording);
    assertEquals(2, same.exit(), same.err());
    Tool nowhere = Tool.agent(jdk, "enrich", recording, "/proc/none/x.jfr");
    assertEquals(1, nowhere.exit(), nowhere.err());
    assertEquals(1, nowhere.err().lines().count(), nowhere.err());
    Path copy = recordings.resolve("copy.jfr");
    Tool none =
        Tool.agent(jdk, "enrich", recordings.resolve("none.jfr").toString(), copy.toString());
    assertEquals(3, none.exit(), none.err());
    assertFalse(Files.exists(copy));

    byte[] bytes = Files.readAllBytes(RECORDINGS.get(jdk));
    Path cut = recordings.resolve("part.jfr");
    List<Integer> exits = new ArrayList<>();
    for (int percent = 0; percent < 100; percent += 10) {
      Files.write(cut, Arrays.copyOf(bytes, bytes.length * percent / 100));
      Tool part = Tool.agent(jdk, "enrich", cut.toString(), copy.toString());
      assertFalse(part.err().contains("\tat ") || part.err().contains("unexpected"), part.err());
      exits.add(part.exit());
      if (Files.exists(copy)) {
        RecordingFile.readAllEvents(copy);
        Files.delete(copy);
      }
    }
    assertEquals(java.util.Collections.nCopies(10, 3), exits);
  }
}
