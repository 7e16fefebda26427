// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Only the agent's own thread has another priority than usual. */
@NeedsBpf
class PriorityIT {
  @TempDir private Path directory;

  @OnEachJdk
  void onlyTheReader(Jdk jdk) throws Exception {
    assertUnusual(jdk, "", Map.of("tcpstates reade", -10));
  }

  @OnEachJdk
  void asTheOptionSays(Jdk jdk) throws Exception {
    assertUnusual(jdk, "priority=0", Map.of());
    assertUnusual(jdk, "priority=20", Map.of("tcpstates reade", -20));
  }

  /** Whoever made the JVM nicer than others meant the agent too. */
  @OnEachJdk
  void comparedWithTheJvm(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).under("nice", "-n", "15"))) {
      shell.run("listen server");
      Events.await("agent's start", () -> isReading(shell.pid()));
      Set<Integer> values = new TreeSet<>(unusual(shell.pid()).values());
      assertEquals(Set.of(5, 15), values);
    }
  }

  /** Its carrier, and what that starts, are the application's. */
  @OnEachJdk
  void aVirtualThreadStartsTheRecording(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory))) {
      int port = shell.number("listen server");
      String recording = shell.run("record");
      shell.run("connect client " + port);
      Path dumped = directory.resolve("dumped.jfr");
      Jcmd.run(jdk, shell.running(), "JFR.dump", "name=" + recording, "filename=" + dumped);
      assertTrue(Events.of(dumped, "StateChange").size() >= 2, "nothing is recorded");
      assertEquals(Map.of("tcpstates reade", -10), unusual(shell.pid()));
    }
  }

  private void assertUnusual(Jdk jdk, String options, Map<String, Integer> expected)
      throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).options(options).record())) {
      int port = shell.number("listen server");
      shell.run("connect client " + port);
      Jcmd.run(jdk, shell.running(), "JFR.dump", "filename=" + directory.resolve("dumped.jfr"));
      shell.run("close client");
      assertTrue(isReading(shell.pid()));
      assertEquals(expected, unusual(shell.pid()));
    }
  }

  private static boolean isReading(long pid) {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path thread : threads.toList()) {
        if (Files.readString(thread.resolve("comm")).strip().equals("tcpstates reade")) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
