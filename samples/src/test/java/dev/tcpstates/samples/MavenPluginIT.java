// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The goal {@code tcpstates:prepare-agent} in a real build: it adds the agent, and no more. */
class MavenPluginIT {
  private static final Path JDK = Path.of(System.getProperty("java.home"));
  private static final String OPTIONS = "<options>log=warn</options>";
  private static final String SUREFIRE = "<artifactId>maven-surefire-plugin</artifactId>";
  private static final String AGENT_PLUGIN =
      "      <!-- Starts the JVMs of the tests with the agent. -->";

  /** Where a second Java agent comes from. */
  private static final String JACOCO =
      """
            <plugin>
              <groupId>org.jacoco</groupId>
              <artifactId>jacoco-maven-plugin</artifactId>
              <version>0.8.15</version>
              <executions><execution><goals><goal>prepare-agent</goal></goals></execution></executions>
            </plugin>
      """;

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
    project = CopiedProject.of(Path.of("ci-test"), directory);
  }

  private static void assertRun(String counts, Command.Result result) {
    String end = " in com.example.quotes.QuoteClientTest";
    assertTrue(
        result.out().lines().anyMatch(line -> line.contains(counts) && line.endsWith(end)),
        result::out);
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void otherArgumentsAndJaCoCoStay(Path jdk) throws Exception {
    project.replaceInPom(
        "<excludedGroups>red</excludedGroups>",
        "<excludedGroups>red</excludedGroups><argLine>\"-Dmine=a b\" -Xmx123m</argLine>");
    project.replaceInPom(AGENT_PLUGIN, JACOCO + AGENT_PLUGIN);
    Files.writeString(
        project.file("src/test/java/com/example/quotes/ArgumentsTest.java"),
        """
        package com.example.quotes;
        class ArgumentsTest {
          @org.junit.jupiter.api.Test
          void areAllThere() {
            var arguments = java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments();
            org.junit.jupiter.api.Assertions.assertEquals("a b", System.getProperty("mine"));
            org.junit.jupiter.api.Assertions.assertTrue(arguments.contains("-Xmx123m"));
          }
        }
        """);
    Command.Result result = project.maven(jdk, Map.of("CI", "true"), "test");
    assertEquals(0, result.exit(), result::out);
    // With CI=true, it would fail if the agent did not record.
    assertRun("Tests run: 2, Failures: 0, Errors: 0, Skipped: 0", result);
    assertTrue(result.out().contains("Tests run: 1, Failures: 0, Errors: 0, Skipped: 0"));
    String coverage =
        Files.readString(project.file("target/jacoco.exec"), StandardCharsets.ISO_8859_1);
    assertTrue(coverage.contains("com/example/quotes/QuoteClient"), "no coverage");
    assertFalse(result.out().contains("run without the agent"), result::out);
  }

  /** The tests of the class are skipped, and the console has the reason. */
  @Test
  void skip() throws Exception {
    // Surefire would pass the text @{argLine} to the JVM if nothing replaced it.
    project.replaceInPom(
        SUREFIRE, SUREFIRE + "<configuration><argLine>@{argLine} -ea</argLine></configuration>");
    Command.Result result =
        project.maven(JDK, Map.of("CI", ""), "test", "-Dtcpstates-agent.skip=true");
    assertEquals(0, result.exit(), result::out);
    assertRun("Tests run: 2, Failures: 0, Errors: 0, Skipped: 2", result);
    assertTrue(
        (result.out() + result.err())
            .contains(
                "[tcpstates] com.example.quotes.QuoteClientTest is skipped: The TCP connections of"
                    + " this test can't be recorded: there is no agent in this JVM"),
        result::out);
  }

  @Test
  void optionsAndWarning() throws Exception {
    project.replaceInPom(OPTIONS, "<propertyName>agentLine</propertyName>");
    project.replaceInPom(
        SUREFIRE, SUREFIRE + "<configuration><argLine>-Xmx64m</argLine></configuration>");
    Command.Result result =
        project.maven(
            JDK, Map.of(), "initialize", "-Dtcpstates-agent.options=stuckAfter=5s,log=warn");
    assertEquals(0, result.exit(), result::out);
    assertTrue(
        result
            .out()
            .matches(
                "(?s).*agentLine set to -javaagent:/\\S+/tcpstates-agent-0\\.1\\.0-SNAPSHOT\\.jar"
                    + "=stuckAfter=5s,log=warn\n.*"),
        result::out);
    assertTrue(
        result
            .out()
            .contains(
                "[WARNING] The <argLine> of maven-surefire-plugin does not contain @{agentLine}, so"
                    + " its tests run without the agent. Add it."),
        result::out);
    assertFalse(result.out().contains("of maven-failsafe-plugin"), result::out);
  }
}
