// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs the agent's jar at a terminal of a given width. */
final class Pty {
  private Pty() {}

  /** Returns the lines that a user sees, without colours. */
  static List<String> lines(Jdk jdk, int columns, String... words) throws Exception {
    String command =
        Stream.concat(
                Stream.of(jdk.tool("java"), AgentJvm.NO_C2, "-jar", AgentJvm.jar().toString()),
                Stream.of(words))
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    // The program's exit code is that of the command, and script's is the program's.
    Tool tool =
        Tool.run(
            "script", "-qec", "stty cols " + columns + " rows 50; exec " + command, "/dev/null");
    return tool.out().replaceAll("\033\\[[0-9;]*[A-Za-z]", "").replace("\r", "").lines().toList();
  }
}
