// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.Verdict;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a JUnit report in the form of Surefire's schema, which Jenkins, GitLab and others read: a
 * test suite per JVM with one test case per rule. Each suite is written when it is added.
 *
 * <p>The XML is written by hand, because a run-time image made by jlink may lack the module
 * java.xml.
 */
public final class JUnitReport implements AutoCloseable {
  private static final String NOT_IN_XML =
      "[^\\t\\n\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]";

  private final Path file;
  private final Writer writer;
  private final boolean several;

  private JUnitReport(Path file, boolean several) {
    this.file = file;
    this.several = several;
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      writer = Files.newBufferedWriter(file);
    } catch (IOException e) {
      throw CommandException.cannotWrite(file, e);
    }
    write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + (several ? "<testsuites>\n" : ""));
  }

  /**
   * Starts a report of one test suite, and creates the folders that it needs.
   *
   * @throws CommandException if the file can't be written
   */
  public static JUnitReport ofOneSuite(Path file) {
    return new JUnitReport(file, false);
  }

  /**
   * Starts a report of several test suites, and creates the folders that it needs.
   *
   * @throws CommandException if the file can't be written
   */
  public static JUnitReport ofSuites(Path file) {
    return new JUnitReport(file, true);
  }

  /**
   * Adds a test suite.
   *
   * @throws CommandException if the file can't be written
   */
  public void add(String name, List<Verdict> verdicts, List<String> recordings) {
    write(suite(name, verdicts, recordings));
  }

  /**
   * Ends the report.
   *
   * @throws CommandException if the file can't be written
   */
  @Override
  public void close() {
    try (Writer closed = writer) {
      closed.write(several ? "</testsuites>\n" : "");
    } catch (IOException e) {
      throw CommandException.cannotWrite(file, e);
    }
  }

  private void write(String text) {
    try {
      writer.write(text);
    } catch (IOException e) {
      throw CommandException.cannotWrite(file, e);
    }
  }

  static String suite(String name, List<Verdict> verdicts, List<String> recordings) {
    StringBuilder xml =
        new StringBuilder(
            """
            <testsuite name="%s" tests="%s" errors="0" skipped="0" failures="%s" time="0">
              <properties>
            """
                .formatted(
                    escape(name),
                    verdicts.size(),
                    verdicts.stream().filter(verdict -> !verdict.passed()).count()));
    for (String recording : recordings) {
      xml.append("    <property name=\"recording\" value=\"")
          .append(escape(recording))
          .append("\"/>\n");
    }
    xml.append("  </properties>\n");
    verdicts.forEach(verdict -> xml.append(testCase(verdict)));
    return xml.append("</testsuite>\n").toString();
  }

  private static String testCase(Verdict verdict) {
    String rule = escape(verdict.rule());
    String start = "  <testcase classname=\"tcpstates.check\" name=\"" + rule + "\" time=\"0\"";
    if (verdict.passed()) {
      return start + "/>\n";
    }
    String found = escape(verdict.found());
    String offenders = escape(String.join("\n", CheckView.offenders(verdict)));
    return start
        + ">\n    <failure type=\"tcpstates.check\" message=\""
        + (rule + ": " + found)
        + ("\">" + found + "\n" + offenders)
        + "</failure>\n  </testcase>\n";
  }

  /** Escapes text and attributes. A character that XML can't hold becomes a question mark. */
  static String escape(String text) {
    return text.replaceAll(NOT_IN_XML, "?")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
