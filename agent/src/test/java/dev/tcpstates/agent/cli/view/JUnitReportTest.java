// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.Opener;
import dev.tcpstates.jfr.analysis.Verdict;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class JUnitReportTest {
  private static final Opener OPENER =
      new Opener(SocketKind.CONNECT, "a.A.get:1", List.of("java.net.Socket.<init>:9", "a.A.get:1"));

  private static Element parsed(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
        .getDocumentElement();
  }

  private static Verdict failed(String rule, String found, String thread) {
    return new Verdict(
        rule,
        false,
        found,
        List.of(new Verdict.Offender(OPENER, 3, "[::1]:1 > [::1]:2 in CLOSE_WAIT", thread)),
        1);
  }

  /** What Surefire's schema asks for: these attributes on these elements, and nothing else. */
  @Test
  void report() throws Exception {
    Element suite =
        parsed(
            JUnitReport.suite(
                "tcpstates.check",
                List.of(
                    new Verdict("complete", true, "nothing lost", List.of(), 0),
                    failed("no-leaks", "3 leaked sockets", "main")),
                List.of("a.jfr", "b.jfr")));
    assertEquals("testsuite", suite.getTagName());
    assertEquals("2", suite.getAttribute("tests"));
    assertEquals("1", suite.getAttribute("failures"));
    assertEquals("0", suite.getAttribute("errors"));
    assertEquals("0", suite.getAttribute("skipped"));
    assertTrue(!suite.getAttribute("name").isEmpty());
    assertEquals(2, suite.getElementsByTagName("property").getLength());
    NodeList cases = suite.getElementsByTagName("testcase");
    assertEquals(2, cases.getLength());
    Element green = (Element) cases.item(0);
    assertEquals("complete", green.getAttribute("name"));
    assertNull(green.getFirstChild());
    Element red = (Element) cases.item(1);
    assertEquals("no-leaks", red.getAttribute("name"));
    Element failure = (Element) red.getElementsByTagName("failure").item(0);
    assertEquals("no-leaks: 3 leaked sockets", failure.getAttribute("message"));
    assertTrue(!failure.getAttribute("type").isEmpty());
    assertEquals(
        List.of(
            "3 leaked sockets",
            "3 sockets, such as [::1]:1 > [::1]:2 in CLOSE_WAIT, opened by thread \"main\"",
            "    ... 1 JDK frame",
            "    at a.A.get(A.java:1)",
            "and 1 more place"),
        failure.getTextContent().lines().toList());
  }

  /** A thread may have any name, and a file too. */
  @Test
  void anyTextIsKept() throws Exception {
    String odd = "<a href=\"x\">&amp; ]]> 'é\uD83D\uDE00";
    Element suite =
        parsed(
            JUnitReport.suite(
                "tcpstates.check", List.of(failed("r", odd, odd)), List.of(odd.replace("/", "_"))));
    assertTrue(suite.getTextContent().contains("thread \"" + odd + "\""), suite::getTextContent);
    Element property = (Element) suite.getElementsByTagName("property").item(0);
    assertEquals(odd, property.getAttribute("value"));
    // These XML can't hold at all.
    assertEquals("???", JUnitReport.escape("\u0000\uD800\uFFFF"));
  }
}
