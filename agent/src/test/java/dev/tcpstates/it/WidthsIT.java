// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command that prints a table, at terminals of several widths and into a pipe. */
class WidthsIT {
  /** The columns of each table with all of them. */
  private static final Map<String, String> HEADINGS =
      Map.of(
          "print",
          "SOCKET C-PID C-COMM LADDR LPORT RADDR RPORT OLDSTATE -> NEWSTATE MS OPENED BY",
          "life",
          "PID COMM LADDR LPORT RADDR RPORT TX_KB RX_KB MS END OPENED BY",
          "top",
          "PID COMM LADDR RADDR RX TX OPENED BY",
          "retransmits",
          "PID IP LADDR:LPORT T> RADDR:RPORT STATE KIND SEGS OPENED BY",
          "sockets",
          "STATE AGE RECV-Q SEND-Q SENT RECEIVED WHY LOCAL PEER THREAD OPENED BY");

  private static final Pattern ORDER = Pattern.compile("in this order: ([^.]*)\\.");

  @TempDir static Path directory;
  private static Path recording;
  private static int port;

  /** A leak, a refused connection, one that ended and carried 82 bytes, and one that is open. */
  @BeforeAll
  static void record() throws Exception {
    KernelTier.require();
    AgentJvm jvm = new AgentJvm(jdk(), directory).record("+tcpstates.Throughput#period=100ms");
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      port = shell.number("listen L 127.0.0.1 9");
      for (String name : List.of("ended", "leaked", "open")) {
        shell.run("create " + name);
        shell.run("connect " + name + " 127.0.0.1 " + port);
        shell.run("accept accepted-" + name + " L");
      }
      shell.run("send ended 82");
      shell.run("receive accepted-ended 82");
      shell.run("sleep 300");
      shell.run("close ended");
      shell.run("eof accepted-ended");
      shell.run("close accepted-ended");
      shell.run("close accepted-leaked");
      shell.run("eof leaked");
      shell.run("create refused");
      shell.run("connect refused 127.0.0.1 1");
      recording = shell.exit().recording();
    }
  }

  private static Jdk jdk() {
    return Jdk.all().get(0);
  }

  private static String heading(List<String> lines, String command) {
    String last = HEADINGS.get(command).replaceFirst(".* (?=\\S+ BY$)", "");
    return lines.stream()
        .filter(
            line -> line.endsWith(last) || line.startsWith("STATE ") || line.startsWith("RADDR"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no heading: " + lines))
        .replaceAll(" +", " ");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(strings = {"print", "life", "top", "retransmits", "sockets"})
  void aPipeHasAllColumns(String command) throws Exception {
    Tool tool = Tool.agent(jdk(), command, recording.toString()).ok();
    assertEquals(HEADINGS.get(command), heading(tool.out().lines().toList(), command));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "print",
        "print -T",
        "life",
        "top",
        "retransmits",
        "retransmits -c",
        "sockets",
        "summary",
        "check --no-leaks --no-refused --max-handshake 1ns",
        "doctor"
      })
  void noRowIsLongerThanTheTerminal(String command) throws Exception {
    for (int columns : new int[] {60, 80, 200}) {
      List<String> words = new ArrayList<>(List.of(command.split(" ")));
      if (!command.equals("doctor")) {
        words.add(recording.toString());
      }
      List<String> lines = Pty.lines(jdk(), columns, words.toArray(String[]::new));
      assertFalse(lines.isEmpty());
      for (String line : lines) {
        // A stack frame or a path has no place to break.
        boolean frame = line.strip().indexOf(' ') < 0 || line.strip().startsWith("at ");
        assertTrue(frame || line.length() <= columns, columns + ": " + line);
      }
    }
  }

  /** The order that the help states. */
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(strings = {"print", "life", "top", "retransmits", "sockets"})
  void columnsAreDroppedInTheStatedOrder(String command) throws Exception {
    String help = Tool.agent(jdk(), command, "--help").ok().out().replaceAll("\\s+", " ");
    Matcher matcher = ORDER.matcher(help);
    assertTrue(matcher.find(), help);
    List<String> order = List.of(matcher.group(1).split(", "));
    for (int columns : new int[] {60, 80, 100}) {
      String heading = heading(Pty.lines(jdk(), columns, command, recording.toString()), command);
      List<String> shown = List.of(heading.split(" "));
      List<String> all = List.of(HEADINGS.get(command).split(" "));
      List<String> dropped = all.stream().filter(name -> !shown.contains(name)).toList();
      dropped = dropped.stream().filter(name -> !List.of("OPENED", "BY").contains(name)).toList();
      assertEquals(
          order.subList(0, dropped.size()).stream().sorted().toList(),
          dropped.stream().sorted().toList(),
          heading);
      assertTrue(columns > 80 || !dropped.isEmpty(), "nothing is dropped at " + columns);
    }
    String wide = heading(Pty.lines(jdk(), 60, command, "-w", recording.toString()), command);
    assertTrue(
        List.of(wide.split(" ")).containsAll(List.of(HEADINGS.get(command).split(" "))), wide);
  }

  /** What libbpf's tcplife prints of 82 bytes, and what a table without its layout prints. */
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(ints = {82})
  void smallSizesAreNotZero(int bytes) throws Exception {
    String kilobytes = String.format(Locale.ROOT, "%.2f", bytes / 1024.0);
    String life = Tool.agent(jdk(), "life", recording.toString()).ok().out();
    assertEquals(
        2, life.lines().filter(line -> line.contains(" " + kilobytes + " ")).count(), life);
    String top = Tool.agent(jdk(), "top", recording.toString()).ok().out();
    assertTrue(top.contains(" " + bytes + " B "), top);
  }
}
