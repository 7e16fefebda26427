// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/**
 * Only the agent's own thread, and JFR's as long as it writes, have another priority than usual.
 */
@NeedsBpf
class PriorityIT {
  @TempDir private Path directory;

  @OnEachJdk
  void onlyTheReadersAndTheWriters(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).record())) {
      int port = Integer.parseInt(shell.run("listen server").strip());
      shell.run("connect client " + port);
      Jcmd.run(jdk, shell.running(), "JFR.dump", "filename=" + directory.resolve("dumped.jfr"));
      shell.run("close client");
      Map<String, Integer> writing = Map.of("tcpstates reade", -20, "JFR Recorder Th", -20);
      Events.await("raised JFR thread", () -> writing.equals(unusual(shell.pid())));
      Jcmd.run(jdk, shell.running(), "JFR.stop", "name=1");
      Events.await(
          "JFR thread as before",
          () -> Map.of("tcpstates reade", -20).equals(unusual(shell.pid())));
    }
  }

  @OnEachJdk
  void noneOnceDetached(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).record())) {
      Events.await("raised JFR thread", () -> unusual(shell.pid()).containsKey("JFR Recorder Th"));
      Tool.agent(jdk, "detach", Long.toString(shell.pid())).ok();
      Events.await("usual priorities", () -> unusual(shell.pid()).isEmpty());
    }
  }

  /** The threads, by the kernel's names of them, whose nice value is not this process's. */
  private static Map<String, Integer> unusual(long pid) {
    Map<String, Integer> unusual = new TreeMap<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      int usual = nice(Path.of("/proc/self"));
      for (Path thread : threads.toList()) {
        try {
          String name = Files.readString(thread.resolve("comm")).strip();
          int nice = nice(thread);
          if (nice != usual) {
            unusual.put(name, nice);
          }
        } catch (IOException e) {
          // it has ended
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return unusual;
  }

  /** Field 19: see proc_pid_stat(5). */
  private static int nice(Path process) throws IOException {
    String stat = Files.readString(process.resolve("stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
  }
}
