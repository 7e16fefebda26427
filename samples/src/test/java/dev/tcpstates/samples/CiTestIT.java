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
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The project in {@code ci-test}, copied elsewhere and built with Maven, as a user would. */
class CiTestIT {
  private static final Path PROJECT = Path.of("ci-test");
  private static final String VERSION = "0.1.0-SNAPSHOT";

  /** Five requests, with a client each. */
  private static final int RED_CONNECTS = 5;

  /** Not in the temporary folder, because JUnit warns of each link in it. */
  private static final Path REPOSITORY = Path.of("target/ci-test-repository").toAbsolutePath();

  @TempDir private Path directory;

  @BeforeAll
  static void tier() {
    Command.needKernel();
  }

  static List<Path> jdks() throws IOException {
    return Command.jdks();
  }

  @BeforeEach
  void copyProject() throws IOException {
    try (Stream<Path> files = Files.walk(PROJECT)) {
      for (Path file : files.filter(file -> !file.startsWith(PROJECT.resolve("target"))).toList()) {
        Path copy = directory.resolve("project").resolve(PROJECT.relativize(file));
        Files.createDirectories(copy.getParent());
        if (Files.isRegularFile(file)) {
          Files.copy(file, copy);
        }
      }
    }
    makeRepository();
  }

  /**
   * A local repository with the artifacts of this build, and with links to all others in the usual
   * one. So the usual one stays as it is, and no other build finds these artifacts.
   */
  private void makeRepository() throws IOException {
    Path usual = Path.of(System.getProperty("localRepository"));
    link(usual, REPOSITORY, "dev");
    link(usual.resolve("dev"), REPOSITORY.resolve("dev"), "tcpstates");
    install("parent", Path.of("../pom.xml"), null);
    install(
        "jfr-events",
        Path.of("../jfr-events/pom.xml"),
        Path.of("../jfr-events/target/tcpstates-jfr-events-" + VERSION + ".jar"));
    install("agent", Path.of("../agent/pom.xml"), Path.of("../agent/target/tcpstates-agent.jar"));
  }

  private static void link(Path from, Path to, String butNot) throws IOException {
    Files.createDirectories(to);
    if (Files.isDirectory(from)) {
      try (Stream<Path> entries = Files.list(from)) {
        for (Path entry : entries.toList()) {
          Path link = to.resolve(entry.getFileName());
          if (!link.endsWith(butNot) && !Files.exists(link)) {
            Files.createSymbolicLink(link, entry);
          }
        }
      }
    }
  }

  private void install(String module, Path pom, Path jar) throws IOException {
    String artifact = "tcpstates-" + module;
    Path folder = REPOSITORY.resolve("dev/tcpstates").resolve(artifact).resolve(VERSION);
    Files.createDirectories(folder);
    Path file = folder.resolve(artifact + "-" + VERSION + ".pom");
    Files.copy(pom, file, StandardCopyOption.REPLACE_EXISTING);
    if (jar != null) {
      file = folder.resolve(artifact + "-" + VERSION + ".jar");
      Files.copy(jar, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Command.Result maven(Path jdk, String... arguments) throws Exception {
    List<String> words = new ArrayList<>();
    // So that a skipped test would be a failure.
    words.addAll(List.of("env", "CI=true"));
    words.add(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString());
    words.addAll(List.of("-B", "-Dstyle.color=never", "-f", "project"));
    words.add("-Dmaven.repo.local=" + REPOSITORY);
    if (System.getProperty("maven.settings").equals("offline=true")) {
      words.add("-o");
    }
    words.addAll(List.of(arguments));
    return new Command(directory, jdk, words).run();
  }

  private List<Path> kept(String reports) throws IOException {
    Path folder = directory.resolve("project/target").resolve(reports);
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
