// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A JUnit report, in the form of Surefire's schema, which Jenkins, GitLab and others read: a test
 * suite with a test case for each rule.
 *
 * <p>Written by hand, for a run-time image need not have the module java.xml.
 */
public final class JUnitReport {
  private JUnitReport() {}

  /**
   * @throws CommandException if the file can't be written
   */
  public static void write(List<Verdict> verdicts, List<Path> recordings, Path file) {
    try {
      if (file.toAbsolutePath().getParent() != null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
      try (OutputStream out = Files.newOutputStream(file)) {
        out.write(text(verdicts, recordings).getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new CommandException(Exit.FAILED, "can't write " + file + ": " + e);
    }
  }

  static String text(List<Verdict> verdicts, List<Path> recordings) {
    long failures = verdicts.stream().filter(verdict -> !verdict.passed()).count();
    StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append("<testsuite name=\"tcpstates.check\" tests=\"")
        .append(verdicts.size())
        .append("\" errors=\"0\" skipped=\"0\" failures=\"")
        .append(failures)
        .append("\" time=\"0\">\n  <properties>\n");
    for (Path recording : recordings) {
      xml.append("    <property name=\"recording\" value=\"")
          .append(escape(recording.toString()))
          .append("\"/>\n");
    }
    xml.append("  </properties>\n");
    verdicts.forEach(verdict -> testCase(verdict, xml));
    return xml.append("</testsuite>\n").toString();
  }

  private static void testCase(Verdict verdict, StringBuilder xml) {
    xml.append("  <testcase classname=\"tcpstates.check\" name=\"")
        .append(escape(verdict.rule()))
        .append("\" time=\"0\"");
    if (verdict.passed()) {
      xml.append("/>\n");
      return;
    }
    xml.append(">\n    <failure type=\"tcpstates.check\" message=\"")
        .append(escape(verdict.rule() + ": " + verdict.found()))
        .append("\">")
        .append(
            escape(
                verdict.found()
                    + "\n"
                    + CheckView.offenders(verdict).stream().collect(Collectors.joining("\n"))))
        .append("</failure>\n  </testcase>\n");
  }

  /** For text and for attributes in quotes. What XML can't hold becomes a question mark. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                default -> {
                  boolean allowed =
                      c >= ' ' && c < 0xd800
                          || c == '\n'
                          || c == '\t'
                          || c >= 0xe000 && c < 0xfffe
                          || c >= 0x1_0000;
                  escaped.appendCodePoint(allowed ? c : '?');
                }
              }
            });
    return escaped.toString();
  }
}
