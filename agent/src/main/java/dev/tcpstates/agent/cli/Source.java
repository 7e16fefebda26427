// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.JvmName;
import dev.tcpstates.agent.cli.live.JvmState;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.agent.cli.view.Terminal;
import java.io.StringWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the words of a command line name.
 *
 * @param recordings files and folders; empty for a JVM
 * @param jvm null for recordings
 */
record Source(List<Path> recordings, JvmName jvm) {
  /** Of the help of each command that reads recordings. */
  static final String LABEL = "<recording>|<jvm>";

  static final String NAMES =
      "recordings (.jfr) or directories of them; or a running JVM, by its process id or a part of"
          + " its main class";

  /**
   * Returns what the words name.
   *
   * @throws UsageException if there are none; it lists the JVMs
   */
  static Source of(List<String> words, BaseCommand command) {
    if (words == null || words.isEmpty()) {
      throw command.wrongUsage("no recording and no JVM is given" + jvms(command.terminal()));
    }
    JvmName jvm = JvmName.ofWords(words);
    try {
      return new Source(jvm == null ? words.stream().map(Path::of).toList() : List.of(), jvm);
    } catch (InvalidPathException e) {
      throw command.wrongUsage("this is no path: " + e.getMessage());
    }
  }

  boolean isLive() {
    return jvm != null;
  }

  private static String jvms(Terminal terminal) {
    List<JvmState> jvms;
    try {
      jvms = JvmState.all();
    } catch (CommandException e) {
      return "";
    }
    if (jvms.isEmpty()) {
      return "; this user has no JVM";
    }
    StringWriter text = new StringWriter();
    try (Output out = Output.to(text)) {
      jvms.forEach(
          new Table<JvmState>(out, terminal, false)
              .left("PID", 7, JvmState::pid)
              .left("AGENT", 9, JvmState::agent)
              .left("RECORDING", 12, JvmState::recording)
              .left("MAIN CLASS", 0, JvmState::main));
    }
    return "; the JVMs are:\n" + text.toString().stripTrailing();
  }
}
