// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a JUnit report in the form of Surefire's schema, which Jenkins, GitLab and others read: a
 * test suite with one test case per rule.
 *
 * <p>The XML is written by hand, because a run-time image made by jlink may lack the module
 * java.xml.
 */
public final class JUnitReport {
  private static final String NOT_IN_XML =
      "[^\\t\\n\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]";

  private JUnitReport() {}

  /**
   * Writes the report, and creates the folders that it needs.
   *
   * @throws CommandException if the file can't be written
   */
  public static void write(List<Verdict> verdicts, List<Path> recordings, Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.writeString(file, text(verdicts, recordings));
    } catch (IOException e) {
      throw CommandException.cannotWrite(file, e);
    }
  }

  static String text(List<Verdict> verdicts, List<Path> recordings) {
    StringBuilder xml =
        new StringBuilder(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="tcpstates.check" tests="%s" errors="0" skipped="0" failures="%s" time="0">
              <properties>
            """
                .formatted(
                    verdicts.size(),
                    verdicts.stream().filter(verdict -> !verdict.passed()).count()));
    for (Path recording : recordings) {
      xml.append("    <property name=\"recording\" value=\"")
          .append(escape(recording.toString()))
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
