// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** {@code java -jar tcpstates-agent.jar <command>}. */
public final class Command {
  private static final String USAGE =
      """
      usage: java -jar tcpstates-agent.jar attach <pid> [key=value,key=value]
             java -jar tcpstates-agent.jar detach <pid>

      attach  loads the agent into a running JVM of the same user; the options are those of
              -javaagent, see the README. Then: jcmd <pid> JFR.start
      detach  ends its tracing; recordings go on without it

      To have the agent from the start: java -javaagent:tcpstates-agent.jar ...
      """;

  private Command() {}

  /**
   * Runs the command.
   *
   * @param jar the agent's own jar
   * @return the exit code: 0 done, 1 it could not be done, 2 the command line is wrong
   */
  public static int run(Path jar, String[] arguments) {
    List<String> words = Arrays.asList(arguments);
    if (words.equals(List.of("--help")) || words.equals(List.of("-h"))) {
      System.out.print(USAGE);
      return 0;
    }
    boolean attach = words.size() >= 2 && words.size() <= 3 && words.get(0).equals("attach");
    boolean detach = words.size() == 2 && words.get(0).equals("detach");
    if (!attach && !detach || !words.get(1).matches("\\d+")) {
      System.err.print(USAGE);
      return 2;
    }
    if (ModuleLayer.boot().findModule("jdk.attach").isEmpty()) {
      System.err.println("this Java lacks the module jdk.attach; use a JDK's java");
      return 1;
    }
    String options = attach ? (words.size() == 3 ? words.get(2) : "") : "detach";
    return Attach.load(jar, words.get(1), options, attach);
  }
}
