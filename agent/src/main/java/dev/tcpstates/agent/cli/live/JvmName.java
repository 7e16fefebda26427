// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.TypeConversionException;

/** A JVM of the command line: a process id, or a part of a main class or jar, as with jcmd. */
public final class JvmName {
  private static final String PID = "[1-9]\\d{0,9}";

  private final String text;

  private JvmName(String text) {
    this.text = text;
  }

  /**
   * Converts a word of the command line.
   *
   * @throws TypeConversionException if it fits no JVM
   */
  public static JvmName parse(String text) {
    JvmName name = new JvmName(text);
    if (!text.matches(PID) && RunningJvm.canList() && name.find().isEmpty()) {
      throw new TypeConversionException(name.noMatch());
    }
    return name;
  }

  /** Returns the JVM that words of the command line name; null if they name recordings. */
  public static JvmName ofWords(List<String> words) {
    if (words.size() != 1) {
      return null;
    }
    String word = words.get(0);
    return isFile(word) || word.contains("/") || word.endsWith(".jfr") ? null : new JvmName(word);
  }

  private static boolean isFile(String word) {
    try {
      return Files.exists(Path.of(word));
    } catch (InvalidPathException e) {
      return true; // which the reading reports
    }
  }

  /**
   * Returns the process id.
   *
   * @throws CommandException if several JVMs have that name, or none
   */
  public long pid() {
    if (text.matches(PID)) {
      return Long.parseLong(text);
    }
    List<Jvm> found = find();
    if (found.isEmpty()) {
      throw new CommandException(Exit.INPUT, noMatch() + ", and there is no such file");
    }
    if (found.size() > 1) {
      throw new CommandException(
          Exit.USAGE,
          "'"
              + text
              + "' is a part of the main class of several JVMs; give a process id:\n"
              + found.stream()
                  .map(jvm -> "  " + jvm.pid() + " " + jvm.main())
                  .collect(Collectors.joining("\n")));
    }
    return found.get(0).pid();
  }

  private List<Jvm> find() {
    return RunningJvm.all().stream().filter(jvm -> jvm.main().contains(text)).toList();
  }

  private String noMatch() {
    return "'" + text + "' is no process id, and no part of the main class of a JVM";
  }

  @Override
  public String toString() {
    return text;
  }
}
