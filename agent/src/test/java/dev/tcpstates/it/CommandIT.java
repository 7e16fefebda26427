// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.EveryPercent;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that read recordings, through the real jar in a process of their own. */
class CommandIT {
  /** Every command that reads a recording, so that it could be run on any. */
  private static final String[] READING = {
    "print",
    "print --format json",
    "print -s -T -t -w",
    "life",
    "life --format csv",
    "top",
    "retransmits",
    "retransmits -c",
    "summary",
    "summary --format json",
    "sockets",
    "sockets --format json",
    "stacks",
    "stacks --state ESTABLISHED",
    "check --max-open 9 --no-refused"
  };

  @TempDir static Path recordings;
  private static Path recording;
  private static int port;
  private static int clientPort;

  /** Two connections some seconds apart, one of them to another listener, and one refused. */
  @BeforeAll
  static void record() throws Exception {
    KernelTier.require();
    Path directory = Files.createDirectory(recordings.resolve("jvm"));
    try (Shell shell = Shell.start(new AgentJvm(jdk(), directory).record())) {
      port = shell.number("listen server");
      int other = shell.number("listen other");
      clientPort = shell.number("connect client " + port);
      shell.run("accept accepted server");
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");
      Thread.sleep(3000); // for JFR to write what came before
      shell.number("connect client2 " + other);
      shell.run("accept accepted2 other");
      shell.run("close client2");
      shell.run("eof accepted2");
      shell.run("close accepted2");
      shell.run("close server");
      recording = shell.end().recording();
    }
  }

  private static Jdk jdk() {
    return Jdk.all().get(0);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "print",
        "life",
        "top",
        "retransmits",
        "summary",
        "report",
        "stacks",
        "check",
        "sockets",
        "enrich",
        "attach",
        "detach",
        "completion",
        "man",
        "doctor"
      })
  void helpHasExamples(String command) throws Exception {
    Tool help = Tool.agent(jdk(), command, "--help").ok();
    assertEquals("", help.err());
    assertTrue(help.out().startsWith("usage: java -jar tcpstates-agent.jar " + command));
    assertTrue(
        help.out()
            .lines()
            .anyMatch(l -> l.startsWith("  java -jar tcpstates-agent.jar " + command)),
        help.out());
    assertFalse(help.out().contains("\033"), "colours in a file");
    Tool all = Tool.agent(jdk(), "--help").ok();
    assertTrue(all.out().lines().anyMatch(l -> l.startsWith("  " + command + " ")), all.out());
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "prnt x.jfr",
        "print",
        "print --unknown x.jfr",
        "life -L http x.jfr",
        "print --format xml x.jfr",
        "top -i x x.jfr",
        "summary --format csv Shop",
        "summary --top 0 x.jfr",
        "stacks --state SYNSENT x.jfr",
        "stacks --bytes --state LISTEN x.jfr",
        "check x.jfr",
        "check --no-leaks",
        "check --max-resets -1 x.jfr",
        "check --max-handshake 5 x.jfr",
        "enrich x.jfr",
        "doctor no.such.Main",
        "doctor 1 2"
      })
  void aWrongCommandLineIsAnsweredWithTheRightOne(String line) throws Exception {
    Tool result = Tool.agent(jdk(), line.isEmpty() ? new String[0] : line.split(" "));
    assertEquals(2, result.exit(), result.err());
    assertEquals("", result.out());
    assertTrue(result.err().startsWith("usage: java -jar tcpstates-agent.jar"), result.err());
    assertTrue(result.err().contains("--help"), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
  }

  @Test
  void aMisspeltCommandIsAnsweredWithTheLikelyOne() throws Exception {
    Tool result = Tool.agent(jdk(), "prnt", "x.jfr");
    assertTrue(result.err().contains("did you mean print"), result.err());
    result = Tool.agent(jdk(), "check", "--no-leak", "x.jfr");
    assertTrue(result.err().contains("did you mean --no-leaks"), result.err());
  }

  @OnEachJdk
  void theFindingsOfDoctorAreRecordsToo(Jdk jdk) throws Exception {
    Tool doctor = Tool.agent(jdk, "doctor", "--format", "json");
    assertTrue(doctor.exit() <= 1, doctor.err());
    assertTrue(doctor.out().startsWith("{\"subject\":\"system\",\"verdict\":"), doctor.out());
  }

  @OnEachJdk
  void versions(Jdk jdk) throws Exception {
    List<String> lines = Tool.agent(jdk, "--version").ok().out().lines().toList();
    assertEquals(4, lines.size(), lines::toString);
    assertTrue(lines.get(0).matches("tcpstates-agent \\d.*"), lines.get(0));
    assertTrue(lines.get(1).matches("libbpf v\\d+\\.\\d+ \\((system|bundled)\\)"), lines.get(1));
    String kernel = Tool.run("uname", "-r").ok().out().strip();
    assertTrue(lines.get(2).startsWith("Linux " + kernel + " "), lines.get(2));
    assertTrue(lines.get(3).startsWith("Java " + jdk.feature()), lines.get(3));
  }

  @OnEachJdk
  void printHasEveryTransitionInOrder(Jdk jdk) throws Exception {
    List<Transition> transitions = RecordingReader.read(recording).transitions();
    List<String> expected =
        transitions.stream()
            .map(
                t ->
                    String.join(
                        " ",
                        Long.toHexString(t.socketId()),
                        t.localAddress(),
                        "" + t.localPort(),
                        t.address(),
                        "" + t.port(),
                        t.oldState().name(),
                        "->",
                        t.newState().name()))
            .toList();
    Tool print = Tool.agent(jdk, "print", recording.toString()).ok();
    assertEquals("", print.err());
    List<String> lines = print.out().lines().toList();
    assertEquals(
        List.of(
            "SOCKET",
            "C-PID",
            "C-COMM",
            "LADDR",
            "LPORT",
            "RADDR",
            "RPORT",
            "OLDSTATE",
            "->",
            "NEWSTATE",
            "MS",
            "OPENED",
            "BY"),
        List.of(lines.get(0).split(" +")));
    // C-COMM may hold blanks, so by the other columns.
    assertEquals(
        expected,
        lines.stream()
            .skip(1)
            .map(line -> line.replaceFirst("^(\\S+) +\\d+ +.{15} ", "$1 "))
            .map(line -> line.replaceFirst("(-> \\S+) .*", "$1").replaceAll(" +", " "))
            .toList());
    for (String line : lines.subList(1, lines.size())) {
      assertTrue(line.contains("SocketShell."), line);
    }
  }

  /** The first transition of a socket that connects has no local port yet. */
  @Test
  void aLocalPortSelectsWholeSockets() throws Exception {
    Tool print =
        Tool.agent(jdk(), "print", "-s", "-L", clientPort + ",1", recording.toString()).ok();
    List<String> states =
        print
            .out()
            .lines()
            .skip(1)
            .map(line -> line.split(","))
            .map(c -> c[8] + ">" + c[9])
            .toList();
    assertEquals(
        List.of(
            "CLOSE>SYN_SENT",
            "SYN_SENT>ESTABLISHED",
            "ESTABLISHED>FIN_WAIT1",
            "FIN_WAIT1>FIN_WAIT2",
            "FIN_WAIT2>CLOSE"),
        states);
    Tool remote = Tool.agent(jdk(), "print", "-s", "-D", "" + port, recording.toString()).ok();
    assertEquals(print.out(), remote.out());
  }

  @Test
  void familyIsThatOfTheAddress() throws Exception {
    Tool all = Tool.agent(jdk(), "print", "-s", recording.toString()).ok();
    Tool four = Tool.agent(jdk(), "print", "-s", "-4", recording.toString()).ok();
    Tool six = Tool.agent(jdk(), "print", "-s", "-6", recording.toString()).ok();
    assertEquals(all.out(), four.out());
    assertEquals(1, six.out().lines().count(), six.out());
  }

  @Test
  void timesAreThoseOfTheEvents() throws Exception {
    List<Transition> transitions = RecordingReader.read(recording).transitions();
    Tool print = Tool.agent(jdk(), "print", "-s", "-t", recording.toString()).ok();
    List<String> lines = print.out().lines().toList();
    for (int i = 0; i < transitions.size(); i++) {
      double expected =
          java.time.Duration.between(transitions.get(0).endTime(), transitions.get(i).endTime())
                  .toNanos()
              / 1e9;
      assertEquals(expected, Double.parseDouble(lines.get(i + 1).split(",")[0]), 1e-6);
    }
  }

  @Test
  void jsonHasEveryFieldByTheEventsNames() throws Exception {
    TcpRecording read = RecordingReader.read(recording);
    Tool json = Tool.agent(jdk(), "life", "--format", "json", recording.toString()).ok();
    List<String> lines = json.out().lines().toList();
    assertEquals(read.connections().size(), lines.size());
    ConnectionInfo first = read.connections().get(0);
    for (String field :
        List.of(
            "\"socketId\":" + first.socketId(),
            "\"localPort\":" + first.localPort(),
            "\"end\":\"" + first.end() + "\"",
            "\"handshakeTime\":" + first.handshakeTime().toNanos(),
            "\"startTime\":\"" + first.startTime() + "\"",
            "\"established\":true",
            "\"reason\":null")) {
      assertTrue(lines.get(0).contains(field), () -> field + " in " + lines.get(0));
    }
    Tool csv = Tool.agent(jdk(), "life", "--format", "csv", recording.toString()).ok();
    List<String> fields =
        Stream.of(ConnectionInfo.class.getRecordComponents()).map(c -> c.getName()).toList();
    assertEquals(String.join(",", fields), csv.out().lines().findFirst().orElseThrow());
    assertEquals(1 + lines.size(), csv.out().lines().count());
  }

  @Test
  void lifeHasEachConnection() throws Exception {
    TcpRecording read = RecordingReader.read(recording);
    assertEquals(4, read.connections().size());
    Tool life = Tool.agent(jdk(), "life", recording.toString()).ok();
    List<String> lines = life.out().lines().skip(1).toList();
    assertEquals(4, lines.size(), life.out());
    for (int i = 0; i < lines.size(); i++) {
      ConnectionInfo connection = read.connections().get(i);
      String[] columns = lines.get(i).split(" +");
      assertEquals("SocketShell", columns[1]);
      assertEquals(connection.localPort(), Integer.parseInt(columns[3]));
      assertEquals(connection.port(), Integer.parseInt(columns[5]));
      assertEquals("FIN", columns[9]);
      assertTrue(columns[10].contains("SocketShell."), lines.get(i));
    }
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void whatCannotBeReadIsOneLine() throws Exception {
    Path empty = Files.createFile(recordings.resolve("empty.jfr"));
    Path text = Files.writeString(recordings.resolve("text.jfr"), "no recording ".repeat(20));
    Path none = recordings.resolve("none.jfr");
    Path folder = Files.createDirectory(recordings.resolve("folder"));
    for (String command :
        List.of("print", "life", "top", "retransmits", "summary", "stacks", "check --no-leaks")) {
      for (Path bad : List.of(empty, text, none, folder)) {
        Tool result = Tool.agent(jdk(), (command + " " + bad).split(" "));
        assertEquals(3, result.exit(), command + " " + bad);
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains(bad.toString()), result.err());
      }
    }
  }

  @Test
  void aRecordingWithoutTheAgentIsNamedSo() throws Exception {
    Path directory = Files.createDirectory(recordings.resolve("without"));
    try (Shell shell = Shell.start(new AgentJvm(jdk(), directory).withoutAgent().record())) {
      Path file = shell.end().recording();
      Tool result = Tool.agent(jdk(), "print", file.toString()).ok();
      assertEquals(1, result.out().lines().count(), result.out());
      assertTrue(result.err().contains("the JVM ran without it"), result.err());
      Tool summary = Tool.agent(jdk(), "summary", file.toString());
      assertEquals(3, summary.exit());
      assertTrue(summary.out().contains("NO AGENT"), summary.out());
      assertFalse(summary.out().contains("No "), "it claims something: " + summary.out());
    }
  }

  /** As in a run-time image without them. */
  @OnEachJdk
  void whateverModuleIsMissingTheAnswerIsOneLine(Jdk jdk, @TempDir Path directory)
      throws Exception {
    long pid = ProcessHandle.current().pid();
    List<String> reading = new ArrayList<>(List.of("enrich " + recording + " " + directory + "/c"));
    for (String command : READING) {
      reading.add(command + " " + recording);
    }
    for (String command : reading) {
      assertLacks("jdk.jfr, jdk.attach", tool(jdk, "java.base", command));
      assertLacks("jdk.jfr", tool(jdk, "java.base,jdk.attach", command));
      Tool enough = tool(jdk, "java.base,jdk.jfr", command).ok();
      assertFalse(enough.err().contains("lacks"), enough.err());
    }
    for (String command : List.of("print", "attach", "detach")) {
      for (String modules : List.of("java.base", "java.base,jdk.jfr")) {
        assertLacks("jdk.attach", tool(jdk, modules, command + " " + pid));
      }
    }
    for (String command : List.of("doctor", "doctor " + pid)) {
      Tool doctor = tool(jdk, "java.base", command);
      assertEquals(1, doctor.exit(), doctor.err());
      assertTrue(doctor.out().contains("without jdk.jfr, jdk.attach"), doctor.out());
      assertEquals("", doctor.err());
    }
    assertTrue(tool(jdk, "java.base", "--help").ok().out().contains("Commands:"));
  }

  private static Tool tool(Jdk jdk, String modules, String command) throws Exception {
    List<String> words = new ArrayList<>(List.of(jdk.tool("java"), "--limit-modules", modules));
    words.addAll(List.of("-jar", AgentJvm.jar().toString()));
    words.addAll(List.of(command.split(" ")));
    return Tool.run(words.toArray(String[]::new));
  }

  private static void assertLacks(String modules, Tool tool) {
    assertEquals(1, tool.exit(), tool.err());
    assertEquals(1, tool.err().lines().count(), tool.err());
    assertTrue(tool.err().contains("this Java lacks"), tool.err());
    assertTrue(tool.err().contains(modules), tool.err());
  }

  @Test
  void outputThatCannotBeWrittenIsAnError() throws Exception {
    String command = jdk().tool("java") + " -jar " + AgentJvm.jar() + " print " + recording;
    Tool result = Tool.run("bash", "-c", command + " >/dev/full");
    assertEquals(1, result.exit());
    assertTrue(result.err().startsWith("can't write the output: "), result.err());
  }

  @OnEachJdk
  void truncatedAtEveryPercentNoCommandThrows(Jdk jdk, @TempDir Path directory) throws Exception {
    Path copy = Files.copy(recording, directory.resolve("whole.jfr"));
    Path results = directory.resolve("results.txt");
    List<String> arguments =
        new ArrayList<>(List.of(results.toString(), AgentJvm.jar().toString(), copy.toString()));
    arguments.addAll(Arrays.asList(READING));
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .withoutAgent()
            .classPath(Path.of("target/test-classes").toAbsolutePath(), AgentJvm.jar());
    AgentJvm.Result result =
        jvm.start(EveryPercent.class, arguments.toArray(String[]::new)).await(240).ok();

    assertFalse(result.err().contains("\tat "), result.err());
    assertFalse(result.err().contains("unexpected"), result.err());
    List<String> lines = Files.readAllLines(results);
    assertEquals(101 * READING.length, lines.size());
    Map<String, TreeSet<Integer>> exits = new TreeMap<>();
    for (String line : lines) {
      String[] words = line.split(" ");
      if (words[2].equals("check") && words[1].equals("1")) {
        continue; // what was open where the recording is cut is open for good
      }
      exits
          .computeIfAbsent(words[0].equals("100") ? "whole" : "cut", key -> new TreeSet<>())
          .add(Integer.valueOf(words[1]));
    }
    assertEquals(
        Map.of("whole", new TreeSet<>(List.of(0)), "cut", new TreeSet<>(List.of(3))), exits);
    // JFR had written the first connection before the recording was cut at its end.
    assertTrue(result.out().contains("," + clientPort + ","), "nothing of a file that is cut");
  }

  /** {@code print | head}. */
  @Test
  void aClosedPipeIsNoError() throws Exception {
    Tool result =
        Tool.run(
            "bash",
            "-c",
            "set -o pipefail; "
                + jdk().tool("java")
                + " -jar "
                + AgentJvm.jar()
                + " print "
                + recording
                + " | true");
    assertEquals("", result.err());
    assertEquals(0, result.exit());
  }

  @OnEachJdk
  void theAgentLoadsNothingOfTheCommand(Jdk jdk, @TempDir Path directory) throws Exception {
    Path classes = directory.resolve("classes.txt");
    AgentJvm jvm = new AgentJvm(jdk, directory).jvm("-Xlog:class+load:file=" + classes);
    try (Shell shell = Shell.start(jvm)) {
      shell.number("listen server");
      shell.end();
    }
    List<String> loaded = Files.readAllLines(classes);
    assertTrue(loaded.stream().anyMatch(line -> line.contains("dev.tcpstates.agent.Agent ")));
    assertEquals(
        List.of(),
        loaded.stream()
            .filter(
                line ->
                    line.matches(
                        ".*(picocli|openjdk\\.jmc|dev\\.tcpstates\\.agent\\.cli|jfr\\.analysis).*"))
            .toList());
  }
}
