// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Mishaps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The flame graph of a real recording, in a real browser. */
class FlameGraphIT {
  private static final int ALL = 2 * Mishaps.CONNECTED - Mishaps.REFUSED;

  @TempDir static Path directory;
  private static String page;

  @BeforeAll
  static void draw() throws Exception {
    KernelTier.require();
    Browser.require();
    Jdk jdk = Jdk.all().get(0);
    Path recording = new AgentJvm(jdk, directory).record().run(Mishaps.class).ok().recording();
    Path html = directory.resolve("graph.html");
    Tool.agent(jdk, "stacks", "-o", html.toString(), recording.toString()).ok();
    page = Files.readString(html);
  }

  /** The page as it is when a script that stands for the user has run, and what that noted. */
  private static String after(String script) throws Exception {
    Path file = directory.resolve("used.html");
    Files.writeString(
        file,
        page.replace(
            "</body>",
            "<script>window.onerror = (e) => { document.body.dataset.error = e; };\n"
                + "const frames = () => [...document.querySelectorAll('[role=treeitem]')];\n"
                + "const named = (text) => frames().find((f) => f.getAttribute('aria-label')"
                + ".includes(text));\n"
                + "const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("
                + "'keydown', {key, bubbles: true, cancelable: true}));\n"
                + "const note = (value) => document.body.setAttribute('data-note', value);\n"
                + script
                + "</script></body>"));
    String dom = Browser.elements(file, "", directory);
    assertTrue(!dom.contains("data-error"), dom);
    return dom;
  }

  private static String note(String dom) {
    Matcher matcher = Pattern.compile("data-note=\"([^\"]*)\"").matcher(dom);
    assertTrue(matcher.find(), dom);
    return matcher.group(1);
  }

  private static List<String> labels(String dom) {
    List<String> labels = new ArrayList<>();
    Matcher matcher = Pattern.compile("role=\"treeitem\"[^>]*aria-label=\"([^\"]*)\"").matcher(dom);
    while (matcher.find()) {
      labels.add(matcher.group(1));
    }
    return labels;
  }

  @Test
  void framesHaveTheWorkloadsWeights() throws Exception {
    String dom = after("");
    List<String> labels = labels(dom);
    assertEquals("all, " + ALL + " connections, 100 %", labels.get(0));
    assertTrue(
        labels.stream()
            .anyMatch(
                label -> label.startsWith("CONNECT, " + Mishaps.CONNECTED + " connections, ")),
        labels::toString);
    assertEquals(
        2,
        labels.stream()
            .filter(label -> label.contains("Mishaps.request:"))
            .filter(label -> label.contains(", " + Mishaps.REQUESTS + " connections, "))
            .count(),
        labels::toString);
    assertTrue(dom.contains("<title>Connections: who opened the sockets</title>"), dom);
  }

  @Test
  void searchMarksAndCounts() throws Exception {
    String dom =
        after(
            "const search = document.getElementById('search');\n"
                + "search.value = 'mishaps.REFUSED';\n"
                + "search.dispatchEvent(new Event('input'));\n"
                + "note(frames().filter((f) => f.classList.contains('match')).length + ' '\n"
                + "  + document.getElementById('found').textContent);");
    String share = String.format(java.util.Locale.ROOT, "%.1f %%", 100.0 * Mishaps.REFUSED / ALL);
    assertEquals("1 1 frame, " + share, note(dom));
  }

  @Test
  void zoomByMouseAndKeyboard() throws Exception {
    assertEquals(
        "true false true",
        note(
            after(
                "named('Mishaps.request:').click();\n"
                    + "const zoomed = !named('Mishaps.refused:');\n"
                    + "const reset = document.getElementById('reset').disabled;\n"
                    + "press('Escape');\n"
                    + "note(zoomed + ' ' + reset + ' ' + !!named('Mishaps.refused:'));")));
    assertEquals(
        "CONNECT/ACCEPT/CONNECT/all/true",
        note(
            after(
                "const seen = [];\n"
                    + "const where = () => seen.push(document.activeElement.getAttribute("
                    + "'aria-label').split(',')[0]);\n"
                    + "frames()[0].focus();\n"
                    + "press('ArrowDown'); where(); press('ArrowRight'); where();\n"
                    + "press('ArrowLeft'); where(); press('ArrowUp'); where();\n"
                    + "press('ArrowDown'); press('Enter');\n"
                    + "seen.push(!named('ACCEPT'));\n"
                    + "note(seen.join('/'));")));
  }

  @Test
  void itIsOneTabStop() throws Exception {
    assertEquals("1", note(after("note(frames().filter((f) => f.tabIndex === 0).length);")));
  }
}
