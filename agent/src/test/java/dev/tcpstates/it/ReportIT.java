// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Mishaps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of a real recording, in a real browser. */
class ReportIT {
  @TempDir static Path directory;
  private static String page;

  @BeforeAll
  static void write() throws Exception {
    KernelTier.require();
    Browser.require();
    Jdk jdk = Jdk.all().get(0);
    Path recording = new AgentJvm(jdk, directory).record().run(Mishaps.class).ok().recording();
    Path html = directory.resolve("report.html");
    Tool.agent(jdk, "report", "-o", html.toString(), recording.toString()).ok();
    page = Files.readString(html);
  }

  /** The page's elements after a script that stands for the user. */
  private static String after(String fragment, String script) throws Exception {
    Path file = directory.resolve("used.html");
    Files.writeString(
        file,
        page.replace("<body>", "<body><script>onerror = (e) => document.title = e;</script>")
            .replace("</body>", "<script>" + script + "</script></body>"));
    String dom = Browser.elements(file, fragment, directory);
    assertTrue(dom.contains("<title>TCP report</title>"), dom.lines().limit(20).toList()::toString);
    return dom;
  }

  private static String text(String dom, String pattern) {
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(dom);
    assertTrue(matcher.find(), pattern);
    return matcher.group(1);
  }

  @Test
  void findingsNameTheWorkloadsLines() throws Exception {
    String findings = text(after("", ""), "<ul id=\"findings\">(.*?)</ul>");
    List<String> items = Pattern.compile("<li>").splitAsStream(findings).skip(1).toList();
    assertTrue(
        items.get(0).startsWith(Mishaps.LEAKED + " CLOSE_WAIT sockets opened by ")
            && items.get(0).contains("Mishaps.connect:"),
        findings);
    assertTrue(
        items.stream()
            .anyMatch(
                item ->
                    item.startsWith(Mishaps.REFUSED + " connects to ")
                        && item.contains("Mishaps.refused:")
                        && item.contains("ECONNREFUSED")),
        findings);
  }

  @Test
  void searchSelectsSockets() throws Exception {
    String search =
        "const search = document.getElementById('search'); search.value = 'mishaps.REFUSED';"
            + "search.dispatchEvent(new Event('input'));";
    assertEquals(
        Mishaps.REFUSED + " sockets opened by 1 line",
        text(after("", search), "<span id=\"shown\"[^>]*>([^<]*)<"));
  }

  @Test
  void everyConnectionIsThere() throws Exception {
    String search =
        "const search = document.getElementById('search'); search.value = ' connect ';"
            + "search.dispatchEvent(new Event('input'));";
    String shown = text(after("", search), "<span id=\"shown\"[^>]*>([^<]*)<");
    assertTrue(shown.startsWith(Mishaps.CONNECTED + " sockets"), shown);
  }

  @Test
  void aLinkShowsASocketsStory() throws Exception {
    Matcher leaked =
        Pattern.compile("\"id\":\"(\\w+)\",[^{}]*\"kind\":\"CONNECT\",[^{}]*\"open\":true")
            .matcher(page);
    assertTrue(leaked.find());
    String details =
        text(
            after("#socket=" + leaked.group(1), ""),
            "<section id=\"details\"([^>]*>.*?)</section>");
    assertFalse(details.startsWith(" hidden"), details);
    assertTrue(details.contains("<td>CLOSE_WAIT</td>"), details);
    assertTrue(details.contains("still open when the recording ended"), details);
    assertTrue(details.contains("Mishaps.leak:"), details);
  }

  @Test
  void theFlameGraphHasTheWorkloadsWeights() throws Exception {
    String dom = after("", "");
    Pattern request =
        Pattern.compile(
            "role=\"treeitem\"[^>]*aria-label=\"[^\"]*Mishaps\\.request:\\d+, "
                + Mishaps.REQUESTS
                + " sockets, ");
    assertEquals(2, request.matcher(dom).results().count(), dom); // of both ends
  }

  @Test
  void theFlameGraphZoomsAndTakesOtherWeights() throws Exception {
    String zoomed =
        after(
            "",
            "const frames = () => [...document.querySelectorAll('[role=treeitem]')];"
                + "const named = (text) => frames().find((f) => f.getAttribute('aria-label')"
                + ".includes(text));"
                + "const notes = [!!named('Mishaps.refused:')];"
                + "named('Mishaps.request:').click();"
                + "notes.push(!!named('Mishaps.refused:'));"
                + "const weight = document.getElementById('weight');"
                + "weight.value = 1; weight.onchange();"
                + "notes.push(!!named('Mishaps.request:'), / [kM]?B, /.test("
                + "frames()[0].getAttribute('aria-label')));"
                + "document.body.dataset.note = notes.join(' ');");
    assertEquals("true false true true", text(zoomed, "data-note=\"([^\"]*)\""));
  }

  @Test
  void itNeedsNoNetwork() {
    assertTrue(page.contains("default-src 'none'"));
    assertFalse(Pattern.compile("(src|href)=\"https?:").matcher(page).find());
  }

  @Test
  void withoutTheAgentItClaimsNothing() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    Path without = Files.createDirectory(directory.resolve("without"));
    Path recording =
        new AgentJvm(jdk, without).withoutAgent().record().run(Mishaps.class).ok().recording();
    Path html = without.resolve("report.html");
    assertEquals(3, Tool.agent(jdk, "report", "-o", html.toString(), recording.toString()).exit());
    String whole = page;
    try {
      page = Files.readString(html);
      assertEquals(
          "<li class=\"none\">Nothing was recorded, so nothing can be said.</li>",
          text(after("", ""), "<ul id=\"findings\">(.*?)</ul>"));
    } finally {
      page = whole;
    }
  }
}
