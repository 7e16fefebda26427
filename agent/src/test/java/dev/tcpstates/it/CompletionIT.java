// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell completion in a real bash, and the man pages in a real groff. */
class CompletionIT {
  private static final String NAME = "tcpstates-agent";

  @TempDir Path directory;

  private static Jdk jdk() {
    return Jdk.all().get(0);
  }

  /** What bash offers for the last word. */
  private static Set<String> complete(Path script, String... words) throws Exception {
    String line =
        Stream.concat(Stream.of(NAME), Stream.of(words))
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Tool bash =
        Tool.run(
                "bash",
                "--norc",
                "-c",
                "compopt() { :; }; source "
                    + script
                    + "; [[ $(complete -p "
                    + NAME
                    + ") =~ -F' '([^ ]+) ]]; COMP_WORDS=("
                    + line
                    + "); COMP_CWORD="
                    + words.length
                    + "; ${BASH_REMATCH[1]} || :; printf '%s\\n' \"${COMPREPLY[@]}\"")
            .ok();
    assertEquals("", bash.err());
    return new TreeSet<>(bash.out().lines().filter(word -> !word.isBlank()).toList());
  }

  private Path script(Jdk jdk) throws Exception {
    return Files.writeString(
        directory.resolve("completion"), Tool.agent(jdk, "completion").ok().out());
  }

  @OnEachJdk
  void bashCompletesCommandsOptionsAndValues(Jdk jdk) throws Exception {
    Path script = script(jdk);
    assertEquals(Set.of("sockets"), complete(script, "so"));
    assertEquals(Set.of("stacks"), complete(script, "st"));
    assertTrue(complete(script, "").containsAll(List.of("print", "summary", "attach", "doctor")));
    assertEquals(Set.of("--no-leaks"), complete(script, "check", "--no-l"));
    assertTrue(complete(script, "sockets", "--s").containsAll(List.of("--state", "--stuck")));
    assertEquals(
        Set.of("CLOSE", "CLOSE_WAIT", "CLOSING"), complete(script, "stacks", "--state", "CLOS"));
  }

  /** With the tabulator key, at a terminal. */
  @Test
  void theKeyCompletesAtATerminal() throws Exception {
    String typed = "source " + script(jdk()) + "\\n" + NAME + " soc\\t--help\\nexit\\n";
    Tool bash =
        Tool.run("bash", "-c", "printf '" + typed + "' | script -qec 'bash --norc -i' /dev/null");
    assertTrue(bash.out().contains(NAME + " sockets --help"), bash.out());
    assertTrue(bash.out().contains("\nPrints each open socket"), bash.out());
  }

  @Test
  void theScriptDefinesTheCommand() throws Exception {
    Tool version =
        Tool.run("bash", "--norc", "-c", "source " + script(jdk()) + "; " + NAME + " --version")
            .ok();
    assertTrue(version.out().startsWith("tcpstates-agent "), version.out());
    assertEquals("", version.err());
  }

  @OnEachJdk
  void manPagesRenderWithoutWarningsAndHaveEveryOption(Jdk jdk) throws Exception {
    Path pages = directory.resolve("man1");
    assertEquals("", Tool.agent(jdk, "man", "-o", pages.toString()).ok().out());
    List<Path> files;
    try (Stream<Path> list = Files.list(pages)) {
      files = list.sorted().toList();
    }
    Set<String> commands = new TreeSet<>();
    String main = null;
    for (Path file : files) {
      Tool groff = Tool.run("groff", "-ww", "-man", "-Tutf8", file.toString()).ok();
      assertEquals("", groff.err(), file.toString());
      Tool man = Tool.run("man", "--warnings=w", "-l", file.toString()).ok();
      assertEquals("", man.err(), file.toString());
      String text = man.out().replaceAll(".\b|\033\\[[0-9;]*m", "").replace('\u2010', '-');
      String command = file.getFileName().toString().replaceAll("^" + NAME + "-?|\\.1$", "");
      for (String section : List.of("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS")) {
        assertTrue(text.contains("\n" + section + "\n"), file + " lacks " + section + ": " + text);
      }
      if (command.isEmpty()) {
        main = text;
        continue;
      }
      commands.add(command);
      assertFalse(text.contains("${") || text.contains("%n"), text);
      String help = Tool.agent(jdk, command, "--help").ok().out();
      for (String line : help.lines().filter(l -> l.matches(" *(-\\w, +)?--\\w.*")).toList()) {
        String option = line.replaceFirst("^ *(-\\w, +)?(--[\\w-]+).*", "$2");
        assertTrue(text.contains(option), file + " lacks " + option + ": " + text);
      }
      for (String example : help.lines().filter(l -> l.startsWith("  java -jar")).toList()) {
        assertTrue(text.contains(example.strip()), file + " lacks " + example + ": " + text);
      }
      assertEquals(
          Files.readString(file), Tool.agent(jdk, "man", command).ok().out(), "another page");
    }
    assertTrue(commands.containsAll(List.of("sockets", "summary", "attach", "man")));
    for (String command : commands) {
      assertTrue(main.contains(NAME + "-" + command + "(1)"), main);
    }
  }

  @Test
  void anUnknownPageIsAnsweredWithTheKnownOnes() throws Exception {
    Tool tool = Tool.agent(jdk(), "man", "sumary");
    assertEquals(2, tool.exit());
    assertTrue(tool.err().contains("summary"), tool.err());
  }
}
