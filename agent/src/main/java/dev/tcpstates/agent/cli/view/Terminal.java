// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Help.Ansi;

/** Where output and messages go: to a terminal, or to a file or another program. */
public final class Terminal {
  private static final int OUT = 1;
  private static final int ERR = 2;
  private static final int USUAL_COLUMNS = 80;
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final Map<String, String> environment;
  private final boolean out;
  private final boolean err;
  private int columns;

  Terminal(Map<String, String> environment, boolean out, boolean err) {
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  public static Terminal ofThisProcess() {
    return new Terminal(System.getenv(), isTerminal(OUT), isTerminal(ERR));
  }

  /** Java's own answer is the same for all descriptors, and always yes since JDK 22. */
  private static boolean isTerminal(int descriptor) {
    try {
      String to = Files.readSymbolicLink(DESCRIPTORS.resolve("" + descriptor)).toString();
      return to.startsWith("/dev/pts/") || to.startsWith("/dev/tty") || to.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return !Files.exists(DESCRIPTORS) && System.console() != null;
    }
  }

  /** Whether standard error is a terminal. */
  boolean isWatched() {
    return err;
  }

  /** Whether standard output is a terminal. */
  public boolean isTerminal() {
    return out;
  }

  /** Whether and how to use colours. */
  public Ansi ansi() {
    String no = environment.get("NO_COLOR");
    boolean dumb = "dumb".equals(environment.get("TERM"));
    return out && !dumb && (no == null || no.isEmpty()) ? Ansi.ON : Ansi.OFF;
  }

  /**
   * Returns a text in colour, if colours are used.
   *
   * @param style such as {@code bold,red}
   */
  public String styled(String style, String text) {
    Ansi.IStyle[] styles = Ansi.Style.parse(style);
    return ansi().enabled() ? Ansi.Style.on(styles) + text + Ansi.Style.reset.on() : text;
  }

  /** Returns how long a line may be; unlimited if no terminal would wrap it. */
  public int columns() {
    if (columns == 0) {
      columns = findColumns();
    }
    return columns;
  }

  /**
   * Breaks a text between words, so that each line fits the terminal.
   *
   * @param indent how many blanks precede each line but the first
   */
  public List<String> wrap(String text, int indent) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    String words = text.replaceFirst("^ +", "");
    for (String word : words.split(" ")) {
      if (line.isEmpty()) {
        line.append(" ".repeat(text.length() - words.length()));
      } else if (line.length() + 1 + word.length() > columns()) {
        lines.add(line.toString());
        line = new StringBuilder(" ".repeat(indent));
      } else {
        line.append(' ');
      }
      line.append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private int findColumns() {
    String columns = environment.get("COLUMNS");
    if (columns != null && columns.matches("[1-9]\\d{0,4}")) {
      return Integer.parseInt(columns);
    }
    return out ? ask() : Integer.MAX_VALUE;
  }

  private static int ask() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of("/dev/tty").toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (stty.waitFor(1, TimeUnit.SECONDS)) {
        String[] size = new String(stty.getInputStream().readAllBytes()).strip().split(" ");
        if (size.length == 2 && size[1].matches("[1-9]\\d{0,4}")) {
          return Integer.parseInt(size[1]);
        }
      }
    } catch (IOException e) {
      // No terminal to ask, or no stty.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return USUAL_COLUMNS;
  }
}
