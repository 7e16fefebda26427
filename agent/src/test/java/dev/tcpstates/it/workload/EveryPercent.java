// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs commands of the agent's jar on a recording cut at every hundredth of its length, in one JVM.
 * Arguments: where to write what came of it, the jar, the recording, and a command each.
 */
public final class EveryPercent {
  private EveryPercent() {}

  public static void main(String[] arguments) throws Exception {
    Path results = Path.of(arguments[0]);
    Path jar = Path.of(arguments[1]);
    Path recording = Path.of(arguments[2]);
    Method open =
        Class.forName("dev.tcpstates.agent.launch.AgentClassLoader")
            .getDeclaredMethod("openForCommand", Path.class);
    open.setAccessible(true);
    Method run =
        ((ClassLoader) open.invoke(null, jar))
            .loadClass("dev.tcpstates.agent.cli.Main")
            .getMethod("run", Path.class, String[].class);
    byte[] whole = Files.readAllBytes(recording);
    Path cut = recording.resolveSibling("cut.jfr");
    List<String> lines = new ArrayList<>();
    for (int percent = 0; percent <= 100; percent++) {
      Files.write(cut, Arrays.copyOf(whole, (int) ((long) whole.length * percent / 100)));
      for (String command : Arrays.asList(arguments).subList(3, arguments.length)) {
        String[] words = (command + " " + cut).split(" ");
        lines.add(percent + " " + run.invoke(null, jar, words) + " " + command);
      }
    }
    Files.write(results, lines);
  }
}
