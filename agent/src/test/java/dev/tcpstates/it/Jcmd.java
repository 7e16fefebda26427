// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.util.ArrayList;
import java.util.List;

/** The JDK's own {@code jcmd}. */
final class Jcmd {
  private Jcmd() {}

  /** Sends a command to a JVM of this JDK and waits until it is done. */
  static void run(Jdk jdk, AgentJvm.Running jvm, String... command) throws Exception {
    List<String> line =
        new ArrayList<>(List.of(jdk.tool("jcmd"), Long.toString(jvm.process().pid())));
    line.addAll(List.of(command));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", line) + ": " + output);
    }
  }
}
