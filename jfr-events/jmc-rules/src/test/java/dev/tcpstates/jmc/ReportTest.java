// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;
import org.openjdk.jmc.flightrecorder.rules.report.JfrRulesReport;
import org.openjdk.jmc.flightrecorder.rules.util.JfrRuleTopics;

/** The rules as JMC finds and reports them. */
class ReportTest {
  @TempDir Path dir;

  @Test
  void jmcFindsTheRules() {
    List<IRule> rules = ApplicabilityTest.rules();
    assertEquals(
        new TreeSet<>(
            Set.of(
                "TcpAcceptQueue",
                "TcpChurn",
                "TcpFailedConnect",
                "TcpGrowth",
                "TcpIncomplete",
                "TcpLeak",
                "TcpReset",
                "TcpRetransmit",
                "TcpSlowHandshake",
                "TcpStuck")),
        rules.stream().map(IRule::getId).collect(Collectors.toCollection(TreeSet::new)));
    // JMC shows them on its page of this topic.
    rules.forEach(rule -> assertEquals(JfrRuleTopics.SOCKET_IO, rule.getTopic()));
  }

  @Test
  void eachPreferenceIsOneOfItsRuleAndReadable() {
    Set<String> ids = new HashSet<>();
    for (IRule rule : ApplicabilityTest.rules()) {
      for (TypedPreference<?> preference : rule.getConfigurationAttributes()) {
        assertTrue(ids.add(preference.getIdentifier()), preference.getIdentifier());
        assertTrue(preference.getIdentifier().matches("tcpstates(\\.[a-z]+){2,4}"));
        assertTrue(preference.getDescription().endsWith("."), preference.getDescription());
      }
      Set<String> results = new HashSet<>();
      for (TypedResult<?> result : rule.getResults()) {
        assertTrue(results.add(result.getIdentifier()), rule.getId() + " " + result);
      }
    }
    assertEquals(25, ids.size());
  }

  @Test
  void jmcsReportHasThem() throws Exception {
    Path file = dir.resolve("report.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      Events.attached();
      Events.state(1, "CLOSE_WAIT", 31_000_000_000L).commit();
      Events.attached();
      recording.stop();
      recording.dump(file);
    }
    String report = report(file);
    assertTrue(report.contains("TCP Sockets Left in CLOSE_WAIT"), report);
    assertTrue(report.contains("1 socket is left in CLOSE_WAIT"), report);
    // The event that counts, with its columns.
    assertTrue(report.contains("<name>Socket Id</name>"), report);
    assertTrue(report.contains("<value>app.Client.&lt;init&gt;:12 &lt; app.Main.main:3</value>"));
  }

  private static String report(Path file) throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      JfrRulesReport.main(new String[] {"-verbose", "-min", "info", file.toString()});
    } finally {
      System.setOut(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
