// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** The command sockets, and what ss shows of the same JVM. */
@NeedsBpf
class SocketsIT {
  /** More than the socket buffers take. */
  private static final int FLOOD = 100_000_000;

  private static final int LEAKED = 5;

  @TempDir Path directory;

  /** The columns of {@code sockets --format csv}. */
  private static final List<String> FIELDS =
      List.of(
          "pid",
          "socketId",
          "kind",
          "state",
          "cause",
          "timeInState",
          "atLeast",
          "receiveQueue",
          "sendQueue",
          "lastSent",
          "lastReceived",
          "retransmits",
          "localAddress",
          "localPort",
          "address",
          "port",
          "openThread",
          "openedBy",
          "stack",
          "waitingThread",
          "waitingCall",
          "waitingSockets",
          "waitingStack");

  private static String field(String[] row, String name) {
    return row[FIELDS.indexOf(name)];
  }

  /** Connections that leak, that nobody reads, whose peer does not read, and that are quiet. */
  private static int load(TimedShellJvm shell) throws Exception {
    int port = shell.number("listen L 127.0.0.1 9");
    for (int i = 0; i < LEAKED; i++) {
      connect(shell, "leaked" + i, port);
      shell.run("close accepted-leaked" + i);
      shell.run("eof leaked" + i);
    }
    connect(shell, "unread", port);
    shell.run("send unread 1234");
    shell.run("available accepted-unread 1234");
    connect(shell, "flood", port);
    shell.run("flood flood " + FLOOD);
    connect(shell, "quiet", port);
    shell.run("create waiting");
    shell.run("connect waiting 127.0.0.1 " + port);
    return port;
  }

  private static void connect(TimedShellJvm shell, String name, int port) throws Exception {
    shell.run("create " + name);
    shell.run("connect " + name + " 127.0.0.1 " + port);
    shell.run("accept accepted-" + name + " L");
  }

  /**
   * State and queues by local and remote port, of the sockets at a port on either side.
   *
   * @param pid the process that has a descriptor of them; 0 if there may be none, as in the accept
   *     queue
   */
  private static Map<String, String> ss(int port, long pid) throws Exception {
    Map<String, String> sockets = new TreeMap<>();
    Tool ss =
        Tool.run("ss", "-atinpoeHO", "sport", "=", ":" + port, "or", "dport", "=", ":" + port);
    for (String line : ss.ok().out().lines().toList()) {
      if (line.contains("timer:(timewait") || pid != 0 && !line.contains("pid=" + pid + ",")) {
        continue; // no socket any more, or nobody's
      }
      String[] words = line.split("\\s+");
      String state = Ss.kernelName(words[0]);
      String key = port(words[3]) + ">" + (state.equals("LISTEN") ? 0 : port(words[4]));
      sockets.put(key, state + " " + words[1] + " " + words[2]);
    }
    return sockets;
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private static List<String[]> rows(Jdk jdk, long pid, String... words) throws Exception {
    String[] all = new String[words.length + 4];
    all[0] = "sockets";
    all[1] = "--format";
    all[2] = "csv";
    System.arraycopy(words, 0, all, 3, words.length);
    all[all.length - 1] = "" + pid;
    Tool tool = Tool.agent(jdk, all).ok();
    assertEquals("", tool.err());
    // The stack is the last field, and has lines of its own.
    List<String> lines =
        tool.out().lines().filter(line -> line.matches("(pid|" + pid + "),.*")).toList();
    assertEquals(String.join(",", FIELDS), lines.get(0));
    return lines.stream().skip(1).map(line -> line.split(",", -1)).toList();
  }

  private static Map<String, String> sockets(List<String[]> rows, Predicate<String[]> wanted) {
    Map<String, String> sockets = new TreeMap<>();
    for (String[] row : rows) {
      if (wanted.test(row)) {
        String key = field(row, "localPort") + ">" + field(row, "port");
        String value =
            field(row, "state") + " " + field(row, "receiveQueue") + " " + field(row, "sendQueue");
        assertEquals(null, sockets.put(key, value), key);
      }
    }
    return sockets;
  }

  private static Predicate<String[]> at(int port) {
    String text = "" + port;
    return row -> field(row, "localPort").equals(text) || field(row, "port").equals(text);
  }

  /** Until the flooded connection is full. */
  private static Map<String, String> awaitSteady(int port, long pid) throws Exception {
    Map<String, String> before = Map.of();
    for (int same = 0; same < 5; ) {
      Map<String, String> now = ss(port, pid);
      same = now.equals(before) ? same + 1 : 0;
      before = now;
      Thread.sleep(100);
    }
    return before;
  }

  @OnEachJdk
  void theSocketsStatesAndQueuesAreThoseOfSs(Jdk jdk) throws Exception {
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory))) {
      int port = load(shell);
      long pid = shell.running().process().pid();
      Map<String, String> expected = awaitSteady(port, pid);
      assertEquals(LEAKED + 2 * 3 + 2, expected.size(), expected::toString);
      List<String[]> rows = rows(jdk, pid);
      assertEquals(expected, ss(port, pid), "the load is not steady");
      assertEquals(expected, sockets(rows, at(port)));

      for (String[] row : rows) {
        boolean accepts = field(row, "localPort").equals("" + port);
        boolean listens = field(row, "state").equals("LISTEN");
        String by =
            accepts && !listens
                ? "TimedShell.accept"
                : listens ? "TimedShell.listen" : "TimedShell.connect";
        assertTrue(field(row, "openedBy").contains(by), String.join(",", row));
        assertTrue(field(row, "openThread").startsWith("thread "), String.join(",", row));
        assertTrue(Long.parseLong(field(row, "timeInState")) > 0, String.join(",", row));
        assertEquals("false", field(row, "atLeast"));
      }
      // The longest in its state first.
      List<Long> ages = rows.stream().map(row -> Long.valueOf(field(row, "timeInState"))).toList();
      assertEquals(ages.stream().sorted(Comparator.reverseOrder()).toList(), ages);
    }
  }

  @OnEachJdk
  void allLeakedOnesAreShownAndNothingElse(Jdk jdk) throws Exception {
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory))) {
      int port = load(shell);
      long pid = shell.running().process().pid();
      awaitSteady(port, pid);
      List<String[]> stuck = rows(jdk, pid, "--stuck");
      assertEquals(LEAKED, stuck.size());
      for (String[] row : stuck) {
        assertEquals("CLOSE_WAIT", field(row, "state"));
        assertEquals("NOT_CLOSED", field(row, "cause"));
        assertEquals("" + port, field(row, "port"));
      }
      assertEquals(LEAKED, rows(jdk, pid, "--state", "CLOSE_WAIT").size());
      List<String[]> states = rows(jdk, pid, "--state", "listen,close_wait", "--sort", "state");
      assertEquals(LEAKED + 1, states.size());
      List<String[]> queues = rows(jdk, pid, "--sort", "send", "--state", "ESTABLISHED");
      assertTrue(Long.parseLong(field(queues.get(0), "sendQueue")) > 100_000);
      assertTrue(
          IntStream.range(1, queues.size())
              .allMatch(
                  i ->
                      Long.parseLong(field(queues.get(i - 1), "sendQueue"))
                          >= Long.parseLong(field(queues.get(i), "sendQueue"))));
    }
  }

  /** The queues of sockets that are older than the agent, and of a listener. */
  @OnEachJdk
  void olderSocketsHaveTheirQueuesToo(Jdk jdk) throws Exception {
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory).withoutAgent())) {
      int port = load(shell);
      long pid = shell.running().process().pid();
      Map<String, String> expected = awaitSteady(port, pid);
      List<String[]> rows = rows(jdk, pid);
      assertEquals(expected, ss(port, pid), "the load is not steady");
      assertEquals(expected, sockets(rows, at(port)));
      for (String[] row : rows) {
        assertEquals("true", field(row, "atLeast"), String.join(",", row));
      }
      String table = Tool.agent(jdk, "sockets", "" + pid).ok().out();
      assertTrue(table.matches("(?s).*ESTABLISHED +>\\S+ \\S+ +1.23 kB .*"), table);
      assertTrue(table.matches("(?s).*LISTEN +>\\S+ \\S+ +1 +9 .*"), table);
    }
  }

  @OnEachJdk
  void aRecordingHasThoseThatAreOpenAtItsEnd(Jdk jdk) throws Exception {
    Path dump = directory.resolve("dump.jfr");
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory).record())) {
      int port = load(shell);
      Map<String, String> expected = awaitSteady(port, 0);
      shell.run("dump " + dump);
      Tool tool = Tool.agent(jdk, "sockets", "--format", "json", dump.toString()).ok();
      for (String key : expected.keySet()) {
        String[] ports = key.split(">");
        String local = "\"localPort\":" + ports[0] + ",";
        String remote = "\"port\":" + ports[1] + ",";
        String state = "\"state\":\"" + expected.get(key).split(" ")[0] + "\"";
        assertEquals(
            1,
            tool.out()
                .lines()
                .filter(l -> l.contains(local) && l.contains(remote) && l.contains(state))
                .count(),
            key + " in " + tool.out());
      }
      assertEquals(expected.size(), tool.out().lines().count());
      assertTrue(Files.exists(dump));
    }
  }
}
