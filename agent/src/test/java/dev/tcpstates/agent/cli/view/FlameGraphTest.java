// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.Opener;
import dev.tcpstates.jfr.analysis.StackWeights.Weighed;
import dev.tcpstates.jfr.analysis.StackWeights.Weight;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FlameGraphTest {
  private static final List<Weighed> STACKS =
      List.of(
          new Weighed(
              new Opener(
                  SocketKind.CONNECT, "a.A.x:1", List.of("j.S.c:9", "a.A.x:1", "a.M.main:2")),
              5),
          new Weighed(
              new Opener(
                  SocketKind.CONNECT, "a.A.y:3", List.of("j.S.c:9", "a.A.y:3", "a.M.main:2")),
              2),
          new Weighed(new Opener(SocketKind.ACCEPT, "s.S.a:4", List.of()), 1),
          new Weighed(new Opener(null, "unknown", List.of()), 1));

  @Test
  void folded() {
    assertEquals(
        List.of(
            "CONNECT;a.M.main:2;a.A.x:1;j.S.c:9 5",
            "CONNECT;a.M.main:2;a.A.y:3;j.S.c:9 2",
            "ACCEPT;s.S.a:4 1",
            "unknown;unknown 1"),
        STACKS.stream().map(FoldedStacks::line).toList());
    assertEquals(
        "CONNECT;a:b_c?d 1",
        FoldedStacks.line(
            new Weighed(new Opener(SocketKind.CONNECT, "x", List.of("a;b c\nd")), 1)));
  }

  private static String data(String html) {
    Matcher matcher =
        Pattern.compile(
                "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(html);
    assertTrue(matcher.find());
    String data = matcher.group(1);
    assertFalse(matcher.find());
    return data;
  }

  @Test
  void data() {
    String html = new FlameGraph(new Weight.Connections(), List.of("x.jfr"), STACKS).html(false);
    assertEquals(
        "{\"title\":\"Connections\",\"recording\":\"x.jfr\",\"unit\":\"connections\","
            + "\"incomplete\":false,"
            + "\"frames\":[\"all\",\"CONNECT\",\"a.M.main:2\",\"a.A.x:1\",\"j.S.c:9\",\"a.A.y:3\","
            + "\"ACCEPT\",\"s.S.a:4\",\"unknown\"],"
            + "\"tree\":[0,9,[[1,7,[[2,7,[[3,5,[[4,5,[]]]],[5,2,[[4,2,[]]]]]]]],"
            + "[6,1,[[7,1,[]]]],[8,1,[[8,1,[]]]]]]}",
        data(html));
  }

  /** Everything is in the page, and nothing that a recording says becomes a part of it. */
  @Test
  void needsNothingAndBelievesNothing() {
    String evil = "</script><script>alert(1)</script><!--\"\\$1\u2028";
    String html =
        new FlameGraph(
                new Weight.TimeIn(TcpState.CLOSE_WAIT),
                List.of("<b>"),
                List.of(new Weighed(new Opener(null, evil, List.of(evil)), 1)))
            .html(true);
    assertEquals(3, html.split("<script", -1).length - 1); // the data, and the page's own two
    assertFalse(html.contains("alert(1)</"), "not escaped");
    assertTrue(data(html).contains("\\u003c/script>\\u003cscript>alert(1)"));
    assertFalse(data(html).contains("<"));
    assertFalse(
        Pattern.compile("(src|href)=|url\\(|@import|https?:", Pattern.CASE_INSENSITIVE)
            .matcher(html)
            .find());
    assertTrue(html.contains("default-src 'none'"));
  }

  /** A stack that no JVM has must not end the command. */
  @Test
  void deepStacks() {
    List<String> deep =
        java.util.stream.IntStream.range(0, 100_000).mapToObj(i -> "f" + i).toList();
    String html =
        new FlameGraph(
                new Weight.Bytes(),
                List.of(),
                List.of(new Weighed(new Opener(SocketKind.CONNECT, "x", deep), 1)))
            .html(false);
    assertTrue(html.contains("\"f2047\""));
    assertFalse(html.contains("\"f2048\""));
  }

  @Test
  void sparklines() {
    assertEquals(" ▁▄█", Sparkline.of(List.of(0, 1, 4, 8), 64));
    assertEquals("██", Sparkline.of(List.of(1, 1), 64));
    assertEquals("", Sparkline.of(List.of(), 64));
    assertEquals("▄█", Sparkline.of(List.of(4, 0, 1, 8), 32));
  }
}
