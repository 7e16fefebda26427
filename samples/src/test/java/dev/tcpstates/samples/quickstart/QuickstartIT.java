// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.samples.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The quickstart prints the leak and the line that opened it. */
class QuickstartIT {
  private static final Path SCRIPT = Path.of("quickstart.sh").toAbsolutePath();
  private static final Path SHOP =
      Path.of("src/main/java/dev/tcpstates/samples/quickstart/LeakyShop.java");

  /** The shop asks for five prices, and the service knows two. */
  private static final int SOCKETS = 5;

  private static final int LEAKED = 3;

  private static final int NOT_RECORDED = 2;

  @TempDir Path directory;

  @BeforeAll
  static void aKernelThatTheAgentWorksOn() {
    Command.needKernel();
  }

  static List<Path> jdks() throws IOException {
    return Command.jdks();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void namesTheLineThatLeaks(Path jdk) throws Exception {
    Command.Result result = run(jdk, List.of());
    Command.need(result.exit() != NOT_RECORDED, "what the agent needs: " + result.out());
    assertEquals(0, result.exit(), result::toString);
    assertEquals("", result.err());

    int line = leakingLine();
    List<String[]> rows =
        result
            .out()
            .lines()
            .filter(text -> text.contains(" -> "))
            .skip(1) // the header
            .map(text -> text.split("\\s+"))
            .toList();
    assertEquals(SOCKETS, rows.stream().map(row -> row[0]).distinct().count(), result.out());
    assertEquals(SOCKETS, transitions(rows, "CLOSE", "SYN_SENT"), result.out());
    assertEquals(SOCKETS, transitions(rows, "SYN_SENT", "ESTABLISHED"), result.out());
    assertEquals(
        SOCKETS - LEAKED,
        rows.stream().filter(row -> row[10].equals("CLOSE")).count(),
        result.out());
    for (String[] row : rows) {
      assertTrue(row[12].endsWith(".LeakyShop.price:" + line), result.out());
    }

    String opener =
        "  3 of the 5 sockets opened here:\n\n    at "
            + LeakyShop.class.getName()
            + ".price(LeakyShop.java:"
            + line
            + ")\n    at "
            + LeakyShop.class.getName()
            + ".main(LeakyShop.java:";
    assertTrue(result.out().contains(opener), result.out());
    assertEquals(
        LEAKED,
        result
            .out()
            .lines()
            .filter(text -> text.matches(".* in CLOSE_WAIT for \\d+\\.\\d s .*"))
            .count(),
        result.out());
    assertTrue(result.out().contains("The leak: 3 sockets in CLOSE_WAIT."), result.out());
    for (String[] row : rows) {
      assertFalse(alive(row[1]), "process " + row[1] + " is left over");
    }
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    // Without the bounding set, root would get each capability back with the next exec.
    boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    String capabilities = "-bpf,-perfmon,-sys_admin";
    Command.Result result =
        run(
            Path.of(System.getProperty("java.home")),
            root
                ? List.of("setpriv", "--inh-caps", capabilities, "--bounding-set", capabilities)
                : List.of("setpriv", "--inh-caps", capabilities));
    assertEquals(NOT_RECORDED, result.exit(), result::toString);
    assertTrue(result.out().contains("Nothing was recorded"), result.out());
    assertTrue(
        result.out().replaceAll("\\s+", " ").contains("CAP_BPF and CAP_PERFMON"), result.out());
    assertEquals("", result.err());
  }

  @Test
  void leavesNoProcessBehindWhenStopped() throws Exception {
    Process script = command(Path.of(System.getProperty("java.home")), List.of()).start();
    List<ProcessHandle> started;
    do {
      Thread.sleep(10);
      assertTrue(script.isAlive(), "it ended before it could be stopped");
      started = script.descendants().filter(QuickstartIT::isProgram).toList();
    } while (started.size() < 2);
    script.destroy();
    assertTrue(script.waitFor(20, TimeUnit.SECONDS));
    assertEquals(143, script.exitValue());
    for (ProcessHandle process : started) {
      assertFalse(process.isAlive(), "process " + process.pid() + " is left over");
    }
  }

  private static boolean isProgram(ProcessHandle process) {
    String[] arguments = process.info().arguments().orElse(new String[0]);
    return String.join(" ", arguments).contains(LeakyShop.class.getPackageName());
  }

  private static boolean alive(String pid) {
    // The BPF program reads process ids of the first namespace only.
    return ProcessHandle.of(Long.parseLong(pid)).filter(QuickstartIT::isProgram).isPresent();
  }

  private static long transitions(List<String[]> rows, String from, String to) {
    return rows.stream().filter(row -> row[8].equals(from) && row[10].equals(to)).count();
  }

  private static int leakingLine() throws IOException {
    List<String> lines = Files.readAllLines(SHOP);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("THE LEAK")) {
        return i + 1;
      }
    }
    throw new AssertionError("no line is marked THE LEAK");
  }

  private Command.Result run(Path jdk, List<String> prefix)
      throws IOException, InterruptedException {
    return command(jdk, prefix).run();
  }

  private Command command(Path jdk, List<String> prefix) {
    List<String> words = new ArrayList<>(prefix);
    words.add(SCRIPT.toString());
    return new Command(directory, jdk, words); // it works from any directory
  }
}
