// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Waiting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Which thread waits for a socket, by {@code sockets --threads}. */
@NeedsBpf
class WaitingThreadsIT {
  private static final int TRIES = 10;

  private static final Pattern ROW =
      Pattern.compile(
          ".*\"localPort\":(\\d+),"
              + ".*\"waitingThread\":(null|\"(?:[^\"\\\\]|\\\\.)*\"),\"waitingCall\":(null|\"\\w+\"),"
              + "\"waitingSockets\":(\\d+),\"waitingStack\":\\[(.*)\\]}");

  @TempDir Path directory;

  /** What the workload says, by local port. */
  private static Map<Integer, String> expected(AgentJvm.Running running) throws Exception {
    running.awaitLine("ready");
    Map<Integer, String> threads = new TreeMap<>();
    for (String line : running.output().lines().toList()) {
      if (line.startsWith("waits ")) {
        String[] words = line.split(" ", 3);
        threads.put(Integer.valueOf(words[1]), words[2]);
      }
    }
    return threads;
  }

  private record Row(String thread, String call, int sockets, String stack) {}

  private static Map<Integer, Row> rows(Map<Integer, String> expected, String json) {
    Map<Integer, Row> rows = new TreeMap<>();
    for (String line : json.lines().toList()) {
      Matcher row = ROW.matcher(line);
      assertTrue(row.matches(), line);
      int port = Integer.parseInt(row.group(1));
      if (expected.containsKey(port) && !isAccepted(line, expected.keySet())) {
        String thread = row.group(2);
        rows.put(
            port,
            new Row(
                thread.equals("null")
                    ? "-"
                    : thread.substring(1, thread.length() - 1).replace("\\\"", "\""),
                row.group(3).replace("\"", ""),
                Integer.parseInt(row.group(4)),
                row.group(5)));
      }
    }
    return rows;
  }

  /** The listener's port is also that of the connections that it accepted. */
  private static boolean isAccepted(String line, Iterable<Integer> ports) {
    for (int port : ports) {
      if (line.contains("\"port\":" + port + ",") && !line.contains("\"state\":\"LISTEN\"")) {
        return !line.contains("\"kind\":\"CONNECT\"");
      }
    }
    return false;
  }

  private static void assertWaits(Map<Integer, String> expected, Map<Integer, Row> rows) {
    for (Map.Entry<Integer, String> wait : expected.entrySet()) {
      Row row = rows.get(wait.getKey());
      String name = wait.getValue();
      String text = name + ": " + row;
      if (name.equals("poller")) {
        assertTrue(row.thread.contains("Poller"), text);
        continue;
      }
      assertEquals(name, row.thread.strip(), text);
      assertEquals(name.equals("selector") ? 3 : name.equals("-") ? 0 : 1, row.sockets, text);
      if (!name.equals("-")) {
        assertTrue(row.stack.contains("\"dev.tcpstates.it.workload.Waiting."), text);
        assertTrue(row.stack.matches("\"(sun\\.nio|java\\.net)\\.[\\w.]+:native\".*"), text);
      }
      switch (name) {
        case "writer" -> assertTrue(row.call.matches("write|sendto|poll"), text);
        case "timed reader" -> assertEquals("poll", row.call);
        case "selector" -> assertEquals("epoll_wait", row.call);
        case "acceptor" -> assertTrue(row.call.matches("accept4?|poll"), text);
        case "-" -> assertEquals("null", row.call);
        default -> assertTrue(row.call.matches("read|recvfrom|poll"), text);
      }
    }
  }

  @OnEachJdk
  void aRunningJvmsThreads(Jdk jdk) throws Exception {
    try (AgentJvm.Running running = new AgentJvm(jdk, directory).start(Waiting.class)) {
      Map<Integer, String> expected = expected(running);
      assertWaits(expected, awaitRows(jdk, running, expected));
      String pid = "" + running.process().pid();
      String table = Tool.agent(jdk, "sockets", "--threads", pid).ok().out();
      assertTrue(table.contains(" timed reader (poll) "), table);
      assertTrue(
          table.matches(
              "(?s).*\n"
                  + "thread \"reader\" waits in \\w+ for 127\\.0\\.0\\.1:\\d+\n"
                  + "    \\.\\.\\. \\d+ JDK frames\n"
                  + "    at"
                  + " dev\\.tcpstates\\.it\\.workload\\.Waiting\\.read\\(Waiting\\.java:\\d+\\)\n"
                  + ".*"),
          table);
      assertTrue(
          table.contains("\nthread \"selector\" waits in epoll_wait for 3 sockets\n"), table);
      String without = Tool.agent(jdk, "sockets", "--format", "json", pid).ok().out();
      assertTrue(
          without.lines().allMatch(line -> line.contains("\"waitingThread\":null")), without);
    }
  }

  /** A thread waits some time after it has said so. */
  private static Map<Integer, Row> awaitRows(
      Jdk jdk, AgentJvm.Running running, Map<Integer, String> expected) throws Exception {
    Map<Integer, Row> rows = Map.of();
    for (int i = 0; i < TRIES && !haveAll(expected, rows); i++) {
      String pid = "" + running.process().pid();
      rows =
          rows(
              expected,
              Tool.agent(jdk, "sockets", "--threads", "--format", "json", pid).ok().out());
    }
    return rows;
  }

  private static boolean haveAll(Map<Integer, String> expected, Map<Integer, Row> rows) {
    return rows.keySet().containsAll(expected.keySet())
        && expected.entrySet().stream()
            .noneMatch(
                wait -> !wait.getValue().equals("-") && rows.get(wait.getKey()).sockets == 0);
  }

  /** A process may look at its own threads, whatever it lacks. */
  @OnEachJdk
  void withoutAnyPrivilege(Jdk jdk) throws Exception {
    Unprivileged nobody = new Unprivileged(Files.createDirectory(directory.resolve("copies")));
    String[] command =
        Stream.concat(Stream.of(Unprivileged.command()), Stream.of("--no-new-privs"))
            .toArray(String[]::new);
    AgentJvm jvm = nobody.jvmUnder(jdk, directory, command);
    try (AgentJvm.Running running = jvm.start(Waiting.class)) {
      Map<Integer, String> expected = expected(running);
      assertWaits(expected, awaitRows(jdk, running, expected));
    }
  }

  /** The kernel hides the threads of a process whose program its user may not read. */
  @OnEachJdk
  void aRefusalIsReported(Jdk jdk) throws Exception {
    Unprivileged nobody = new Unprivileged(Files.createDirectory(directory.resolve("copies")));
    Path java = unreadableJava(jdk);
    List<String> command = new ArrayList<>(List.of(Unprivileged.command()));
    command.addAll(List.of("sh", "-c", "shift; exec " + java + " \"$@\"", "sh"));
    AgentJvm jvm = nobody.jvmUnder(jdk, directory, command.toArray(String[]::new));
    try (AgentJvm.Running running = jvm.start(Waiting.class)) {
      expected(running);
      Tool tool = Tool.agent(jdk, "sockets", "--threads", "" + running.process().pid()).ok();
      assertTrue(
          tool.err().matches("(?s).*which threads wait is unknown: .*SocketWait \\(.*denied.*"),
          tool.err());
      assertTrue(tool.out().contains("\nLISTEN "), tool.out());
    }
  }

  /** A copy of the launcher beside the JDK's libraries. */
  private Path unreadableJava(Jdk jdk) throws Exception {
    Path home = Path.of(jdk.tool("java")).toRealPath().getParent().getParent();
    Path bin = Files.createDirectories(directory.resolve("jdk/bin"));
    Files.createSymbolicLink(directory.resolve("jdk/lib"), home.resolve("lib"));
    for (Path folder : List.of(directory, directory.resolve("jdk"), bin)) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Path java = Files.copy(home.resolve("bin/java"), bin.resolve("java"));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx--x--x"));
    return java;
  }
}
