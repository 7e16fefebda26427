// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.nio.file.Path;

/**
 * {@code java -jar tcpstates-agent.jar ...}. Not a method of {@link TcpStatesAgent}: the launcher
 * resolves the signatures of all methods of the main class, and a Java without the module
 * java.instrument has no Instrumentation.
 */
public final class Command {
  private Command() {}

  /** Runs a command, and ends the JVM with its exit code. */
  public static void main(String[] arguments) throws Exception {
    Path jar = OwnJar.find();
    int exit =
        (int)
            AgentClassLoader.openForCommand(jar)
                .loadClass("dev.tcpstates.agent.cli.Main")
                .getMethod("run", Path.class, String[].class)
                .invoke(null, jar, arguments);
    System.exit(exit);
  }
}
