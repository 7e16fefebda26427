// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import dev.tcpstates.jmc.pictures.OneLeak;
import dev.tcpstates.jmc.pictures.OpeningLines;
import dev.tcpstates.jmc.pictures.RuleResults;
import dev.tcpstates.jmc.workload.Shop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.flightrecorder.rules.IRule;

/** The pictures of the documentation, drawn from a recording of {@link Shop}. */
class PicturesIT {
  private static final Path PICTURES = Path.of("target/pictures");

  /** Longer than the age at which the rule counts a leak. */
  private static final long KEPT_MILLIS = 11_500;

  @Test
  void draw() throws Exception {
    Files.createDirectories(PICTURES);
    Path file = PICTURES.resolve("shop.jfr");
    ShopRecording.make(Path.of(System.getProperty("java.home")), file, KEPT_MILLIS);
    TcpRecording recording = RecordingReader.read(file);

    int connects = Shop.LEAKED + Shop.REFUSED + Shop.SHORT + Shop.RESET + Shop.QUEUED + Shop.SLOW;
    String lines = write("opening-lines", OpeningLines.draw(recording));
    assertEquals(connects, sum(lines, "<title>(\\d+) [A-Zo]"));
    assertTrue(lines.contains("<title>" + Shop.LEAKED + " open, in CLOSE_WAIT<"), lines);
    assertTrue(lines.contains("<title>" + Shop.REFUSED + " REFUSED<"), lines);

    String leak = write("one-leak", OneLeak.draw(recording));
    assertTrue(leak.contains(ShopRecording.line("Shop", "stock", "leaks") + " &lt; "), leak);
    assertTrue(leak.contains("up to the recording's end"), leak);

    String rules = write("rules", RuleResults.draw(evaluate(file)));
    assertTrue(count(rules, "<title>WARNING<") >= 2, rules);
    assertEquals(10, count(rules, "<title>"), rules);
  }

  private static List<RuleResults.Row> evaluate(Path file) throws Exception {
    IItemCollection items = Evaluation.load(file.toFile());
    List<RuleResults.Row> results = new ArrayList<>();
    for (IRule rule : ApplicabilityTest.rules()) {
      Evaluation evaluation = Evaluation.of(rule, items, Map.of());
      results.add(
          new RuleResults.Row(
              rule.getName(),
              evaluation.severity().name(),
              evaluation.score(),
              evaluation.summary().replace(Shop.class.getPackageName() + ".", "")));
    }
    return results;
  }

  private static String write(String name, String svg) throws Exception {
    Path file = PICTURES.resolve(name + ".svg");
    Files.writeString(file, svg);
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    return svg;
  }

  private static long count(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().count();
  }

  private static int sum(String text, String pattern) {
    int sum = 0;
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      sum += Integer.parseInt(matcher.group(1));
    }
    return sum;
  }
}
