// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Mishaps;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The commands {@code summary} and {@code check} on the recordings of several JVMs, of a workload
 * whose numbers are known.
 */
class FleetIT {
  /** Where a chunk's header has its start in nanoseconds since 1970, by the format of JFR. */
  private static final int START_NANOS_OFFSET = 32;

  private static final long HOUR_NANOS = 3_600_000_000_000L;
  private static final int ACCEPTED = Mishaps.CONNECTED - Mishaps.REFUSED;
  private static final int CONNECTIONS = Mishaps.CONNECTED + ACCEPTED;

  @TempDir static Path directory;
  private static Path bad;
  private static Path other;
  private static Path idle;
  private static Path without;

  @BeforeAll
  static void record() throws Exception {
    KernelTier.require();
    Jdk jdk = Jdk.all().get(0);
    bad = recording(jdk, "bad", new AgentJvm(jdk, folder("bad")).record(), Mishaps.class);
    other = recording(jdk, "other", new AgentJvm(jdk, folder("other")).record(), Mishaps.class);
    idle = recording(jdk, "idle", new AgentJvm(jdk, folder("idle")).record(), Idle.class);
    without =
        recording(
            jdk,
            "without",
            new AgentJvm(jdk, folder("without")).withoutAgent().record(),
            Idle.class);
  }

  private static Path folder(String name) throws Exception {
    return Files.createDirectory(directory.resolve(name));
  }

  private static Path recording(Jdk jdk, String name, AgentJvm jvm, Class<?> main)
      throws Exception {
    return Files.copy(jvm.run(main).ok().recording(), directory.resolve(name + ".jfr"));
  }

  /** Opens no socket. */
  static final class Idle {
    public static void main(String[] arguments) {}
  }

  private Tool run(String... arguments) throws Exception {
    return Tool.agent(Jdk.all().get(0), arguments);
  }

  private static Path fleet(String name, Path... recordings) throws Exception {
    Path fleet = Files.createDirectories(directory.resolve("fleet-" + name));
    for (Path recording : recordings) {
      Files.copy(recording, fleet.resolve(recording.getFileName()));
    }
    return fleet;
  }

  private static String row(Tool tool, String start) {
    return tool.out()
        .lines()
        .map(line -> line.replaceAll(" +", " "))
        .filter(line -> line.startsWith(start + " "))
        .findFirst()
        .orElseThrow(() -> new AssertionError(start + " in " + tool.out()));
  }

  /** The numbers of a row from CONNS to GROWN. */
  private static String numbers(int connections, int failed, int reset, int stuck) {
    return connections + " " + failed + " " + reset + " 0 " + stuck + " 0 ";
  }

  @Test
  void oneRowPerJvmTheWorstFirst() throws Exception {
    Path fleet = fleet("rows", bad, idle);
    Tool summary = run("summary", "--top", "20", fleet.toString());
    assertEquals(0, summary.exit(), summary.out() + summary.err());
    assertEquals("", summary.err());
    List<String> lines = summary.out().lines().toList();
    assertTrue(lines.get(0).startsWith("RECORDING "), lines.get(0));
    assertTrue(lines.get(1).startsWith("bad.jfr "), summary.out());
    assertTrue(lines.get(2).startsWith("idle.jfr "), summary.out());
    assertTrue(lines.get(3).startsWith("total "), summary.out());
    // Both sides of each connection that was reset are in this JVM.
    String numbers = numbers(CONNECTIONS, Mishaps.REFUSED, 2 * Mishaps.RESET, Mishaps.LEAKED);
    assertTrue(row(summary, "bad.jfr").contains(" " + numbers + "1 "), summary.out());
    assertTrue(row(summary, "bad.jfr").matches(".* 0 .*Mishaps\\.connect:\\d+"), summary.out());
    assertTrue(row(summary, "idle.jfr").contains(" " + numbers(0, 0, 0, 0) + "0 "), summary.out());
    assertTrue(row(summary, "total").contains(" " + numbers + "1 "), summary.out());
    assertTrue(summary.out().contains("\n2 JVMs\n"), summary.out());
    assertTrue(
        row(summary, "NOT_CLOSED").startsWith("NOT_CLOSED 1 " + Mishaps.LEAKED + " bad.jfr "),
        summary.out());
    assertTrue(
        row(summary, "REFUSED").startsWith("REFUSED 1 " + Mishaps.REFUSED + " bad.jfr "),
        summary.out());
  }

  @Test
  void sumsOverJvms() throws Exception {
    Path fleet = fleet("sums", bad, other, idle);
    Tool csv = run("summary", "--format", "csv", fleet.toString()).ok();
    assertEquals(4, csv.out().lines().count(), csv.out());
    Tool json = run("summary", "--format", "json", fleet.toString()).ok();
    assertEquals(1, json.out().lines().count());
    String total = json.out().substring(json.out().indexOf("\"total\":"));
    for (String part :
        List.of(
            "\"connections\":" + 2 * CONNECTIONS + ",",
            "\"failed\":" + 2 * Mishaps.REFUSED + ",",
            "\"reset\":" + 4 * Mishaps.RESET + ",",
            "\"stuck\":" + 2 * Mishaps.LEAKED + ",",
            "\"lines\":1,",
            "{\"fault\":\"NOT_CLOSED\",\"jvms\":2,\"count\":" + 2 * Mishaps.LEAKED + ",")) {
      assertTrue(total.contains(part), () -> part + " in " + total);
    }
    // As one, all sockets are in one summary, as of one JVM.
    Tool together = run("summary", "--together", fleet.toString()).ok();
    assertTrue(together.out().startsWith("3 JVMs, summed up\n"), together.out());
    assertTrue(together.out().contains("\n" + 2 * Mishaps.CONNECTED + " connected ("));
  }

  @Test
  void aDumpOfTheSameJvmIsNoOtherJvm() throws Exception {
    Path fleet = fleet("dumps", bad, idle);
    Files.copy(bad, fleet.resolve("copy.jfr"));
    Tool summary = run("summary", fleet.toString()).ok();
    assertTrue(summary.out().contains("\n2 JVMs\n"), summary.out());
    assertTrue(
        row(summary, "bad.jfr +1").contains(" " + CONNECTIONS + " " + Mishaps.REFUSED + " "),
        summary.out());
  }

  @Test
  void damagedRecordingsAndThoseWithoutTheAgentHaveANote() throws Exception {
    Path fleet = fleet("notes", bad, idle, without);
    byte[] bytes = Files.readAllBytes(other);
    // Less than the header of a chunk.
    Files.write(fleet.resolve("cut.jfr"), Arrays.copyOf(bytes, 60));
    Files.write(fleet.resolve("empty.jfr"), new byte[0]);
    Files.writeString(fleet.resolve("text.jfr"), "no recording");
    Tool summary = run("summary", fleet.toString());
    assertEquals(3, summary.exit(), summary.out() + summary.err());
    assertTrue(
        summary.out().contains("\n2 JVMs; rows without an event of the agent: 4\n"), summary.out());
    assertTrue(row(summary, "without.jfr").endsWith(" no event of the agent"), summary.out());
    assertTrue(row(summary, "cut.jfr").contains(" is cut short: "), summary.out());
    assertTrue(row(summary, "empty.jfr").contains(" is empty: "), summary.out());
    assertTrue(row(summary, "text.jfr").contains(" is not a flight recording: "), summary.out());
    assertTrue(row(summary, "bad.jfr").contains(" " + CONNECTIONS + " "), summary.out());

    Tool check = run("check", "--no-leaks", fleet("intact", idle, bad).toString());
    assertEquals(1, check.exit(), check.out());
    Path broken = fleet("broken", idle);
    Files.copy(fleet.resolve("empty.jfr"), broken.resolve("empty.jfr"));
    shifted(idle, broken.resolve("other.jfr"), HOUR_NANOS);
    check = run("check", "--no-leaks", broken.toString());
    assertEquals(3, check.exit(), check.out() + check.err());
    assertTrue(row(check, "FAIL empty.jfr").contains(" complete: "), check.out());
  }

  @Test
  void eachJvmIsChecked() throws Exception {
    Path fleet = fleet("check", bad, other, idle);
    Path report = directory.resolve("report.xml");
    Tool check =
        run(
            "check",
            "--no-leaks",
            "--max-connections",
            "" + Mishaps.CONNECTED,
            "--junit",
            report.toString(),
            fleet.toString());
    assertEquals(1, check.exit(), check.out() + check.err());
    String found = "no-leaks: " + Mishaps.LEAKED + " leaked or stuck sockets";
    assertTrue(row(check, "FAIL bad.jfr").endsWith(found), check.out());
    assertTrue(row(check, "FAIL other.jfr").endsWith(found), check.out());
    assertTrue(row(check, "pass idle.jfr").endsWith(" -"), check.out());
    assertTrue(check.out().contains("\nFAIL  no-leaks: in 2 JVMs\n"), check.out());
    assertTrue(
        check.out().contains("\n      " + 2 * Mishaps.LEAKED + " sockets in 2 JVMs, most in "));
    assertTrue(check.out().contains(" at dev.tcpstates.it.workload.Mishaps.leak("), check.out());
    assertTrue(check.out().endsWith("\n2 of 3 JVMs failed.\n"), check.out());
    // The limit is that of one JVM, unless all count together.
    assertFalse(check.out().contains("FAIL  max-connections"), check.out());
    Tool together =
        run("check", "--together", "--max-connections", "" + Mishaps.CONNECTED, fleet.toString());
    assertEquals(1, together.exit(), together.out());

    Element suites =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new ByteArrayInputStream(Files.readString(report).getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();
    assertEquals("testsuites", suites.getTagName());
    NodeList list = suites.getElementsByTagName("testsuite");
    assertEquals(3, list.getLength());
    int failed = 0;
    for (int i = 0; i < list.getLength(); i++) {
      Element suite = (Element) list.item(i);
      assertEquals("3", suite.getAttribute("tests"));
      failed += Integer.parseInt(suite.getAttribute("failures"));
    }
    assertEquals(2, failed);
  }

  /**
   * The same process id, start and main class on another machine, as containers have them: the
   * machine has been up for longer.
   */
  private static void shifted(Path recording, Path file, long nanos) throws Exception {
    byte[] bytes = Files.readAllBytes(recording);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putLong(START_NANOS_OFFSET, header.getLong(START_NANOS_OFFSET) + nanos);
    Files.write(file, bytes);
  }

  /** All recordings together have two hundred times the events of one. */
  @Test
  void memoryIsThatOfOneRecording() throws Exception {
    Path fleet = fleet("large");
    int jvms = 200;
    for (int i = 0; i < jvms; i++) {
      shifted(bad, fleet.resolve("app-%03d.jfr".formatted(i)), i * HOUR_NANOS);
    }
    Tool summary =
        Tool.run(
                Jdk.all().get(0).tool("java"),
                "-Xmx32m",
                "-jar",
                AgentJvm.jar().toString(),
                "summary",
                fleet.toString())
            .ok();
    assertEquals("", summary.err());
    assertTrue(summary.out().contains("\n" + jvms + " JVMs\n"), summary.out());
    assertTrue(
        row(summary, "NOT_CLOSED").startsWith("NOT_CLOSED 200 " + jvms * Mishaps.LEAKED + " "),
        summary.out());
  }

  /** A progress bar is for people who watch, and leaves nothing behind. */
  @Test
  void progressIsShownAtATerminal() throws Exception {
    Path fleet = fleet("watched");
    for (int i = 0; i < 100; i++) {
      shifted(bad, fleet.resolve("app-%03d.jfr".formatted(i)), i * HOUR_NANOS);
    }
    String command =
        "'%s' -jar '%s' summary '%s' >/dev/null"
            .formatted(Jdk.all().get(0).tool("java"), AgentJvm.jar(), fleet);
    String shown = Tool.run("script", "-qec", command, "/dev/null").ok().out();
    assertTrue(shown.matches("(?s).*\\[#*-*] \\d+% of \\d+ MB.*"), shown);
    assertTrue(shown.endsWith("\r\033[K"), shown);
  }
}
