// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.read.RecordingReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The project in {@code ci-test}, copied elsewhere and built with Maven, as a user would. */
class CiTestIT {
  private static final Path PROJECT = Path.of("ci-test");

  /** Five requests, with a client each. */
  private static final int RED_CONNECTS = 5;

  @TempDir private Path directory;
  private CopiedProject project;

  @BeforeAll
  static void tier() {
    Command.needKernel();
  }

  static List<Path> jdks() throws IOException {
    return Command.jdks();
  }

  @BeforeEach
  void copyProject() throws IOException {
    project = CopiedProject.of(PROJECT, directory);
  }

  /** With CI=true, so that a skipped test would be a failure. */
  private Command.Result maven(Path jdk, String... arguments) throws Exception {
    return project.maven(jdk, Map.of("CI", "true"), arguments);
  }

  private List<Path> kept(String reports) throws IOException {
    Path folder = project.file("target").resolve(reports);
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jfr")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void green(Path jdk) throws Exception {
    Command.Result result = maven(jdk, "verify");
    assertEquals(0, result.exit(), result::out);
    assertRun("Tests run: 2, Failures: 0, Errors: 0, Skipped: 0", "QuoteClientTest", result.out());
    assertRun("Tests run: 1, Failures: 0, Errors: 0, Skipped: 0", "QuoteClientIT", result.out());
    assertEquals(List.of(), kept("surefire-reports"));
    assertEquals(List.of(), kept("failsafe-reports"));
  }

  private static void assertRun(String counts, String test, String output) {
    assertTrue(
        output
            .lines()
            .anyMatch(
                line -> line.contains(counts) && line.endsWith(" in com.example.quotes." + test)),
        output);
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void red(Path jdk) throws Exception {
    Command.Result result = maven(jdk, "test", "-Dred");
    assertNotEquals(0, result.exit());
    String out = result.out();
    assertTrue(out.contains("Tests run: 1, Failures: 1, Errors: 0, Skipped: 0"), out);
    assertTrue(out.contains(RED_CONNECTS + " connects where 1 should be"), out);
    assertTrue(out.contains("\n" + RED_CONNECTS + " opened here:\n"), out);
    String line =
        "at com.example.quotes.HastyQuoteClient.quote(HastyQuoteClient.java:" + newClient();
    assertTrue(out.contains(line + ")\n"), out);
    assertTrue(Files.readString(Path.of("README.md")).contains(line + ")\n"), "README.md: " + line);

    List<Path> kept = kept("surefire-reports");
    assertEquals(1, kept.size());
    assertTrue(out.contains("The recording, if it is kept: " + kept.get(0)), out);
    assertEquals(
        RED_CONNECTS,
        RecordingReader.read(kept.get(0)).timelines().stream()
            .filter(socket -> socket.transitions().get(0).newState() == TcpState.SYN_SENT)
            .count());
  }

  /** The line that creates a client and uses it at once. */
  private static int newClient() throws IOException {
    List<String> lines =
        Files.readAllLines(
            PROJECT.resolve("src/main/java/com/example/quotes/HastyQuoteClient.java"));
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("newHttpClient")) {
        return i + 1;
      }
    }
    throw new AssertionError("no client is made");
  }
}
