// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that a test runs to its end. */
record Tool(int exit, String out, String err) {
  private static final long TIMEOUT_SECONDS = 120;

  static Tool run(String... command) throws IOException, InterruptedException {
    Path out = Files.createTempFile("tool", ".out");
    Path err = Files.createTempFile("tool", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
      Process process = builder.start();
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new IllegalStateException(
            String.join(" ", command) + " has not ended; standard error: " + Files.readString(err));
      }
      return new Tool(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** The agent's jar as a command. */
  static Tool agent(Jdk jdk, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(jdk.tool("java"), AgentJvm.NO_C2, "-jar", AgentJvm.jar().toString()));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  static Tool jcmd(Jdk jdk, long pid, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(jdk.tool("jcmd"), Long.toString(pid)));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  /** This result, if the exit code is 0. */
  Tool ok() {
    if (exit != 0) {
      throw new AssertionError("exit code " + exit + ": " + out + err);
    }
    return this;
  }
}
