// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.Throughput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on recordings of which every event is known, through the real jar. */
class MadeRecordingsIT {
  private static final long SECOND = 1_000_000_000;

  @TempDir Path directory;

  @Name("tst.DataLoss")
  private static final class JfrLoss extends Event {
    long amount;
  }

  private interface Work {
    void run() throws Exception;
  }

  private Path record(Work work) throws Exception {
    Path file = directory.resolve("made.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.JVMInformation");
      recording.start();
      AgentState state = new AgentState();
      state.attached = true;
      state.commit();
      work.run();
      recording.dump(file);
    }
    return file;
  }

  private static Tool run(String... words) throws IOException, InterruptedException {
    return Tool.agent(Jdk.all().get(0), words).ok();
  }

  private static void retransmit(long socketId, int port, String kind, String address) {
    Retransmit event = new Retransmit();
    event.socketId = socketId;
    event.localAddress = address;
    event.localPort = port;
    event.address = address;
    event.port = 443;
    event.state = "ESTABLISHED";
    event.kind = kind;
    event.segments = kind.equals("DATA") ? 2 : 1;
    event.openedBy = "app.Client.ask:" + port;
    event.commit();
  }

  @Test
  void retransmitsAsTcpretransPrintsThem() throws Exception {
    Path file =
        record(
            () -> {
              retransmit(1, 40001, "DATA", "192.0.2.1");
              retransmit(2, 40002, "LOSS_PROBE", "192.0.2.2");
              retransmit(3, 40003, "SYN", "2001:db8::3");
              retransmit(1, 40001, "DATA", "192.0.2.1");
            });
    String pid = Long.toString(ProcessHandle.current().pid());
    Tool all = run("retransmits", "-l", file.toString());
    assertEquals("", all.err());
    assertEquals(
        List.of(
            "PID IP LADDR:LPORT T> RADDR:RPORT STATE KIND SEGS OPENED BY",
            pid + " 4 192.0.2.1:40001 R> 192.0.2.1:443 ESTABLISHED DATA 2 app.Client.ask:40001",
            pid
                + " 4 192.0.2.2:40002 L> 192.0.2.2:443 ESTABLISHED LOSS_PROBE 1"
                + " app.Client.ask:40002",
            pid
                + " 6 [2001:db8::3]:40003 R> [2001:db8::3]:443 ESTABLISHED SYN 1"
                + " app.Client.ask:40003",
            pid + " 4 192.0.2.1:40001 R> 192.0.2.1:443 ESTABLISHED DATA 2 app.Client.ask:40001"),
        rows(all));
    assertEquals(4, rows(run("retransmits", file.toString())).size());
    assertEquals(2, rows(run("retransmits", "-6", file.toString())).size());
    assertEquals(
        List.of(
            "LADDR:LPORT RADDR:RPORT RETRANSMITS OPENED BY",
            "192.0.2.1:40001 192.0.2.1:443 4 app.Client.ask:40001",
            "[2001:db8::3]:40003 [2001:db8::3]:443 1 app.Client.ask:40003"),
        rows(run("retransmits", "-c", file.toString())));
    String json = run("retransmits", "-c", "--format", "json", file.toString()).out();
    assertTrue(json.startsWith("{\"socketId\":1,\"localAddress\":\"192.0.2.1\","), json);
    assertEquals(2, json.lines().count(), json);
  }

  private static void throughput(long socketId, int sockets, long sent, long received) {
    Throughput event = new Throughput();
    event.socketId = socketId;
    event.sockets = sockets;
    event.interval = SECOND / 5;
    if (sockets == 1) {
      event.localAddress = "192.0.2.1";
      event.localPort = 40000 + (int) socketId;
      event.address = "192.0.2.9";
      event.port = 443;
      event.openedBy = "app.Client.ask:" + socketId;
    }
    event.bytesSent = sent;
    event.bytesReceived = received;
    event.commit();
  }

  @Test
  void topHasTheBusiestOfEachInterval() throws Exception {
    Path file =
        record(
            () -> {
              throughput(1, 1, 10 << 10, 5 << 10);
              throughput(2, 1, 1 << 10, 20 << 10);
              throughput(0, 7, 3 << 10, 2 << 10);
              Thread.sleep(400);
              throughput(1, 1, 30 << 10, 0);
            });
    String one = "192.0.2.1:40001 192.0.2.9:443";
    String two = "192.0.2.1:40002 192.0.2.9:443";
    String heading = "LADDR RADDR RX TX OPENED BY";
    assertEquals(
        List.of(
            heading,
            two + " 20.5 kB 1.02 kB app.Client.ask:2",
            one + " 5.12 kB 10.2 kB app.Client.ask:1",
            "- 7 others 2.05 kB 3.07 kB -",
            heading,
            one + " 0 B 30.7 kB app.Client.ask:1"),
        topRows("top", file.toString()));
    assertEquals(
        List.of(heading, one + " 5.12 kB 10.2 kB app.Client.ask:1", "- 7 others 2.05 kB 3.07 kB -"),
        topRows("top", "-S", "sent", "-r", "1", "-n", "1", file.toString()));
    assertEquals(
        List.of(
            heading,
            one + " 5.12 kB 41.0 kB app.Client.ask:1",
            two + " 20.5 kB 1.02 kB app.Client.ask:2",
            "- 7 others 2.05 kB 3.07 kB -"),
        topRows("top", "-i", "60", file.toString()));
    assertEquals(4, run("top", "--format", "json", file.toString()).out().lines().count());
  }

  /** Without the times, and PID and COMM. */
  private static List<String> topRows(String... words) throws Exception {
    return rows(run(words)).stream()
        .filter(line -> line.contains(" "))
        .map(line -> line.replaceFirst("^(PID COMM|\\d+ \\S+) ", ""))
        .toList();
  }

  private static List<String> rows(Tool tool) {
    return tool.out().lines().map(line -> line.replaceAll(" +", " ").strip()).toList();
  }

  private static void change(long socketId, String address, String taskName) {
    StateChange event = new StateChange();
    event.socketId = socketId;
    event.localAddress = address;
    event.localPort = 40000;
    event.address = address;
    event.port = 443;
    event.oldState = "SYN_SENT";
    event.newState = "CLOSE";
    event.timeInState = 1_234_567;
    event.reason = "ECONNREFUSED";
    event.openedBy = "app.Client.ask:1";
    event.taskId = 4711;
    event.taskName = taskName;
    event.commit();
  }

  @Test
  void theJournalGetsBccsFields() throws Exception {
    Path file =
        record(
            () -> {
              change(1, "192.0.2.1", "java");
              change(2, "2001:db8::3", "ksoftirqd/0");
            });
    Path path = directory.resolve("journal");
    try (JournalSocket journal = new JournalSocket(path)) {
      Tool print = run("print", "-Y", "--journal-socket", path.toString(), file.toString());
      assertEquals("", print.out());
      assertEquals("", print.err());
      Map<String, String> one = journal.next();
      assertTrue(one.remove("TCPSTATES_TIME").endsWith("Z"));
      assertEquals(
          "192.0.2.1:40000 > 192.0.2.1:443 SYN_SENT > CLOSE, opened by app.Client.ask:1",
          one.remove("MESSAGE"));
      assertEquals(
          Map.ofEntries(
              Map.entry("SYSLOG_IDENTIFIER", "tcpstates"),
              Map.entry("PRIORITY", "5"),
              Map.entry("OBJECT_PID", "4711"),
              Map.entry("OBJECT_COMM", "java"),
              Map.entry("OBJECT_IPV4_SOURCE_ADDRESS", "192.0.2.1"),
              Map.entry("OBJECT_TCP_SOURCE_PORT", "40000"),
              Map.entry("OBJECT_IPV4_DESTINATION_ADDRESS", "192.0.2.1"),
              Map.entry("OBJECT_TCP_DESTINATION_PORT", "443"),
              Map.entry("OBJECT_TCP_OLD_STATE", "SYN_SENT"),
              Map.entry("OBJECT_TCP_NEW_STATE", "CLOSE"),
              Map.entry("OBJECT_TCP_SPAN_TIME", "1234"),
              Map.entry("TCPSTATES_SOCKET_ID", "1"),
              Map.entry("TCPSTATES_OPENED_BY", "app.Client.ask:1"),
              Map.entry("TCPSTATES_REASON", "ECONNREFUSED")),
          one);
      Map<String, String> two = journal.next();
      assertEquals("2001:db8::3", two.get("OBJECT_IPV6_SOURCE_ADDRESS"));
      assertEquals("ksoftirqd/0", two.get("OBJECT_COMM"));
      assertNull(journal.next());
    }
  }

  @Test
  void withoutAJournalThatIsSaid() throws Exception {
    Path file = record(() -> change(1, "192.0.2.1", "java"));
    Path none = directory.resolve("none");
    Tool print =
        Tool.agent(
            Jdk.all().get(0), "print", "-Y", "--journal-socket", none.toString(), file.toString());
    assertEquals(1, print.exit());
    assertEquals(
        "can't write to the journal's socket " + none + " (ENOENT); is systemd-journald running?\n",
        print.err());
  }

  /** A program may call itself what it likes, but not paint the terminal. */
  @Test
  void controlCharactersStayOut() throws Exception {
    Path file = record(() -> change(1, "192.0.2.1", "\033[31mred\n"));
    Tool print = run("print", file.toString());
    assertEquals(2, print.out().lines().count(), print.out());
    assertTrue(print.out().contains("?[31mred?"), print.out());
  }

  @Test
  void lossesAreReported() throws Exception {
    Path file =
        record(
            () -> {
              RecordsLost lost = new RecordsLost();
              lost.count = 5;
              lost.reason = "RING_FULL";
              lost.commit();
            });
    for (String command : List.of("print", "life", "top", "retransmits")) {
      Tool tool = run(command, file.toString());
      assertEquals("5 events were lost, and are missing here (RING_FULL)\n", tool.err());
    }
  }

  /** Under another name, for later JDKs let nobody else write Flight Recorder's own event. */
  @Test
  void lossesOfFlightRecorderAreReported() throws Exception {
    Path file =
        record(
            () -> {
              JfrLoss lost = new JfrLoss();
              lost.amount = 4711;
              lost.commit();
            });
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(
        file, bytes.replace("tst.DataLoss", "jdk.DataLoss"), StandardCharsets.ISO_8859_1);
    String time =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().equals("jdk.DataLoss"))
            .map(event -> event.getStartTime().truncatedTo(ChronoUnit.SECONDS).toString())
            .findAny()
            .orElseThrow();
    String losses =
        "Flight Recorder lost 4711 bytes of events of unknown types, because its buffers were full,"
            + " at "
            + time;
    for (String command : List.of("print", "life", "top", "retransmits", "stacks")) {
      Tool tool = run(command, file.toString());
      assertTrue(tool.err().startsWith(losses + "; some may be missing here\n"), tool.err());
    }
    String summary = run("summary", file.toString()).out();
    assertTrue(
        summary.lines().anyMatch((losses + ": what follows may be incomplete")::equals), summary);
    assertFalse(summary.contains("nothing lost"), summary);
    String json = run("summary", "--format", "json", file.toString()).out();
    assertTrue(json.contains("\"bytesLost\":{\"bytes\":4711,"), json);
    assertCheck("FAIL  complete: " + losses, "max-resets", file);
  }

  /** A rule holds all too easily where what would break it is not recorded. */
  @Test
  void checkNamesWhatTheKernelDoesNotSupport() throws Exception {
    String missing = "Reset RECEIVED (this kernel has no tracepoint tcp_receive_reset)";
    Path file =
        record(
            () -> {
              AgentState state = new AgentState();
              state.attached = true;
              state.missing = missing;
              state.commit();
            });
    assertCheck(
        "FAIL  complete: max-resets 0 is not proven, because of what is not recorded: " + missing,
        "max-resets",
        file);
    run("check", "--max-retransmits", "0", file.toString());
  }

  /** A rule that is kept, with which the check fails nevertheless. */
  private static void assertCheck(String expected, String rule, Path file) throws Exception {
    Jdk jdk = Jdk.all().get(0);
    Tool check = Tool.agent(jdk, "check", "--" + rule, "0", file.toString());
    assertEquals(1, check.exit(), check.err());
    List<String> lines = check.out().lines().toList();
    assertEquals(expected, lines.get(0));
    assertTrue(lines.get(1).startsWith("pass  " + rule + " 0: "), check.out());
    run("check", "--" + rule, "0", "--allow-lost", file.toString());
  }

  @Test
  void anAgentThatCouldNotRecordSaysWhy() throws Exception {
    Path file =
        record(
            () -> {
              Thread.sleep(10);
              AgentState state = new AgentState();
              state.reason = "no BTF";
              state.commit();
            });
    assertEquals("the agent could not record: no BTF\n", run("print", file.toString()).err());
  }

  private static final String SAMPLED =
      "sampled every 1 s: transitions, resets, retransmits and connections shorter than the"
          + " interval are not recorded (EPERM)";

  private Path sampled() throws Exception {
    return record(
        () -> {
          Thread.sleep(10);
          AgentState state = new AgentState();
          state.attached = true;
          state.mode = "SAMPLED";
          state.pollInterval = SECOND;
          state.reason = "EPERM";
          state.hooks = "all";
          state.commit();
          Connection found = new Connection();
          found.socketId = 1;
          found.kind = "CONNECT";
          found.localAddress = "192.0.2.1";
          found.address = "192.0.2.2";
          found.port = 443;
          found.end = "UNKNOWN";
          found.established = true;
          found.uncertainty = SECOND;
          found.handshakeTime = Long.MIN_VALUE;
          found.openedBy = "app.Client.ask:1";
          found.commit();
        });
  }

  @Test
  void whatPollsDoNotProveIsNotClaimed() throws Exception {
    String file = sampled().toString();
    Tool print = run("print", file);
    assertEquals(SAMPLED + "\n", print.err());
    assertEquals(1, print.out().lines().count(), print.out());
    assertEquals(SAMPLED + "\n", run("retransmits", file).err());
    assertEquals(SAMPLED + "\n", run("stacks", file).err());

    Tool life = run("life", file);
    assertEquals(SAMPLED + "\n", life.err());
    assertTrue(life.out().contains(" ~0."), life.out());
    assertTrue(life.out().contains(" UNKNOWN "), life.out());
    String json = run("life", "--format", "json", file).out();
    assertTrue(json.contains("\"uncertainty\":1000000000,"), json);
    assertTrue(json.contains("\"handshakeTime\":null,"), json);

    List<String> summary = run("summary", file).out().lines().toList();
    assertTrue(summary.contains(SAMPLED), summary::toString);
    assertTrue(
        summary.contains("Whether a connection failed or was reset is not recorded."),
        summary::toString);
    String all = run("summary", "--format", "json", file).out();
    assertTrue(all.contains("\"sampled\":[\"" + SAMPLED + "\"]"), all);

    Tool leaks = run("check", "--no-leaks", file);
    assertEquals("pass  complete: nothing lost; " + SAMPLED, leaks.out().lines().toList().get(0));
    Tool resets = Tool.agent(Jdk.all().get(0), "check", "--max-resets", "0", file);
    assertEquals(1, resets.exit(), resets.err());
    assertTrue(
        resets.out().contains("FAIL  max-resets 0: can't be proven: sampled recording (seen: 0"),
        resets.out());
    run("check", "--max-resets", "0", "--allow-lost", file);
  }

  /** The copy says as much, and as little. */
  @Test
  void aCopyWithStacksIsAsSampled() throws Exception {
    Path copy = directory.resolve("copy.jfr");
    run("enrich", sampled().toString(), copy.toString());
    String json = run("life", "--format", "json", copy.toString()).out();
    assertTrue(json.contains("\"handshakeTime\":null,"), json);
    assertEquals(SAMPLED + "\n", run("print", copy.toString()).err());
  }

  /** A table is as wide as the terminal is said to be. */
  @Test
  void columnsAreTheTerminals() throws Exception {
    Path file = record(() -> change(1, "192.0.2.1", "java"));
    for (int columns : new int[] {110, 160}) {
      Tool print =
          Tool.run(
                  "env",
                  "COLUMNS=" + columns,
                  Jdk.all().get(0).tool("java"),
                  "-jar",
                  AgentJvm.jar().toString(),
                  "print",
                  file.toString())
              .ok();
      Stream<String> lines = print.out().lines();
      assertTrue(lines.allMatch(line -> line.length() <= columns), print.out());
      assertEquals(columns == 160, print.out().contains("C-COMM"), print.out());
    }
  }
}
