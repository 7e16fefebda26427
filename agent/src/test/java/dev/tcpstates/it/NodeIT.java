// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.ACCEPTED;
import static dev.tcpstates.it.Story.CLIENT;
import static dev.tcpstates.it.Story.LISTENER;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.BlockingConnections;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JVMs without any privilege, which the node program serves. */
class NodeIT {
  private static final int CONNECTIONS = 23;
  private static final String COUNT = Integer.toString(CONNECTIONS);

  @TempDir private Path directory;

  private NodeProgram node;
  private Path nobpf;

  @AfterEach
  void end() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private Path folder(String name) throws Exception {
    return Files.createDirectory(directory.resolve(name));
  }

  private Unprivileged unprivileged() throws Exception {
    // The folders above are the test's; others must get through.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new Unprivileged(folder("unprivileged"));
  }

  /** All that a pod is denied: capabilities, new privileges, and, by death, calls of bpf(). */
  private AgentJvm deniedAll(Jdk jdk, Unprivileged user, Path own) throws Exception {
    if (nobpf == null) {
      nobpf = RefusedCalls.killer(folder("nobpf"));
    }
    List<String> command = new ArrayList<>(List.of(Unprivileged.command()));
    command.add("--no-new-privs");
    command.add(nobpf.toString());
    return user.jvmUnder(jdk, own, command.toArray(String[]::new)).options(node.options());
  }

  @OnEachJdk
  void eachConnectionOfAJvmThatMayDoNothing(Jdk jdk) throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    Path own = folder("jvm");
    AgentJvm jvm = deniedAll(jdk, unprivileged(), own).record();
    AgentJvm.Result result;
    try (AgentJvm.Running running =
        jvm.start(BlockingConnections.class, "127.0.0.1", "127.0.0.1", COUNT)) {
      running.awaitLine("opened listener");
      String status = Files.readString(Path.of("/proc/" + running.process().pid() + "/status"));
      assertTrue(status.contains("CapPrm:\t0000000000000000"), status);
      assertTrue(status.contains("NoNewPrivs:\t1"), status);
      assertTrue(status.contains("Seccomp:\t2"), status);
      assertTrue(status.contains("Uid:\t65534\t65534"), status);
      running.send("go");
      result = running.await().ok();
    }
    TcpRecording recording = Recorded.read(result.recording());
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    assertEquals(2 * CONNECTIONS + 1, opened.size());
    Recorded.match(recording, opened)
        .forEach(
            (socket, timeline) -> assertEquals(Lives.of(socket.role()), Recorded.states(timeline)));
    for (AgentInfo agent : recording.agentStates()) {
      assertEquals("EXACT", agent.mode());
    }
    node.awaitJvms(0);
  }

  /** Two JVMs that connect to each other: each has its own ends. */
  @Test
  void eachJvmSeesItsOwn() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node = NodeProgram.start(jdk, folder("node"));
    Unprivileged user = unprivileged();
    List<Shell> shells = new ArrayList<>();
    List<Map<String, String>> expected = new ArrayList<>();
    List<Integer> servers = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        shells.add(Shell.start(deniedAll(jdk, user, folder("jvm" + i)).record()));
        int server = shells.get(i).number("listen server");
        servers.add(server);
        expected.add(new TreeMap<>(Map.of(name(server, 0), LISTENER)));
      }
      node.awaitJvms(2);
      for (int i = 0; i < 2; i++) {
        int other = 1 - i;
        for (int c = 0; c < 5; c++) {
          int client = shells.get(i).number("connect client " + servers.get(other));
          shells.get(other).run("accept accepted server");
          shells.get(i).run("close client");
          shells.get(other).run("eof accepted");
          shells.get(other).run("close accepted");
          add(expected.get(i), name(client, servers.get(other)), CLIENT);
          add(expected.get(other), name(servers.get(other), client), ACCEPTED);
        }
      }
      for (int i = 0; i < 2; i++) {
        shells.get(i).run("close server");
        Story story = Story.read(shells.get(i).end().recording()).sound();
        assertEquals(expected.get(i), story.states(), "JVM " + i);
      }
    } finally {
      shells.forEach(Shell::close);
    }
    node.awaitJvms(0);
  }

  /** The programs and rings outlive the node program: nothing is lost while there is none. */
  @Test
  void killedAndRestarted() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node = NodeProgram.start(jdk, folder("node"));
    Unprivileged user = unprivileged();
    try (Shell shell = Shell.start(deniedAll(jdk, user, folder("jvm")).record())) {
      Map<String, String> expected = new TreeMap<>();
      int server = shell.number("listen server");
      expected.put(name(server, 0), LISTENER);
      connections(shell, server, expected);
      node.kill();
      connections(shell, server, expected);
      node.restart();
      assertTrue(
          node.lines().stream().anyMatch(line -> line.endsWith("programs found, JVMs: 1")),
          String.join("\n", node.lines()));
      connections(shell, server, expected);
      shell.run("close server");
      Story story = Story.read(shell.end().recording()).sound();
      assertEquals(expected, story.states());
      // Another JVM is served by the programs that were found.
      try (Shell second = Shell.start(deniedAll(jdk, user, folder("second")).record())) {
        node.awaitJvms(1);
        int port = second.number("listen server");
        second.run("close server");
        assertEquals(
            Map.of(name(port, 0), LISTENER), Story.read(second.end().recording()).sound().states());
      }
    }
    node.awaitJvms(0);
  }

  /** The kernel may use a pair of ports again. */
  private static void add(Map<String, String> expected, String name, String states) {
    expected.merge(name, states, (first, second) -> first + ", then " + second);
  }

  private static void connections(Shell shell, int server, Map<String, String> expected)
      throws Exception {
    for (int i = 0; i < CONNECTIONS; i++) {
      int client = shell.number("connect client " + server);
      shell.run("accept accepted server");
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");
      add(expected, name(client, server), CLIENT);
      add(expected, name(server, client), ACCEPTED);
    }
  }

  @Test
  void aJvmThatIsKilledIsForgotten() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node = NodeProgram.start(jdk, folder("node"));
    try (Shell shell = Shell.start(deniedAll(jdk, unprivileged(), folder("jvm")))) {
      node.awaitJvms(1);
      ProcessHandle.of(Long.parseLong(shell.run("pid"))).orElseThrow().destroyForcibly();
      node.awaitJvms(0);
    }
  }

  /** Sockets that are older than the agent, of which one waits to be accepted. */
  @Test
  void socketsOpenedBeforeTheAgent() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node = NodeProgram.start(jdk, folder("node"));
    try (Shell shell = Shell.start(new AgentJvm(jdk, folder("jvm")).withoutAgent())) {
      int server = shell.number("listen server");
      int client = shell.number("connect client " + server);
      String pid = shell.run("pid");
      Tool.run(
              jdk.tool("java"),
              "-jar",
              AgentJvm.jar().toString(),
              "attach",
              pid,
              node.options().replace("required=true,", ""))
          .ok();
      node.awaitJvms(1);
      Path file = directory.resolve("late.jfr");
      Tool.run(jdk.tool("jcmd"), pid, "JFR.start", "filename=" + file).ok();
      shell.run("accept accepted server");
      int second = shell.number("connect second " + server);
      shell.run("accept secondAccepted server");
      shell.run("close second");
      shell.run("eof secondAccepted");
      shell.run("close secondAccepted");
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");
      shell.run("close server");
      Tool.run(jdk.tool("jcmd"), pid, "JFR.stop", "name=1", "filename=" + file).ok();
      Map<String, String> states = Story.read(file).states();
      assertEquals(CLIENT, states.get(name(second, server)));
      assertEquals(ACCEPTED, states.get(name(server, second)));
      assertEquals("LISTEN>CLOSE", states.get(name(server, 0)));
      assertEquals("ESTABLISHED>FIN_WAIT1>FIN_WAIT2>CLOSE", states.get(name(client, server)));
      assertEquals("ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE", states.get(name(server, client)));
    }
    node.awaitJvms(0);
  }

  /** The process id that the node program has to know is another than the JVM's own. */
  @Test
  void namespacesOfItsOwn() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node = NodeProgram.start(jdk, folder("node"));
    AgentJvm jvm =
        new AgentJvm(jdk, folder("jvm"))
            .under(
                "unshare",
                "--kill-child",
                "--fork",
                "--pid",
                "--mount-proc",
                "--net",
                "sh",
                "-c",
                "ip link set lo up && exec \"$@\"",
                "sh")
            .options(node.options())
            .record();
    try (Shell shell = Shell.start(jvm)) {
      assertEquals("1", shell.run("pid"));
      int server = shell.number("listen server");
      Map<String, String> expected = new TreeMap<>(Map.of(name(server, 0), LISTENER));
      connections(shell, server, expected);
      shell.run("close server");
      Story story = Story.read(shell.end().recording()).sound();
      assertEquals(expected, story.states());
      // The task that connects is named by its number in the JVM's own namespace.
      List<Integer> tasks =
          story.recording().transitions().stream()
              .filter(transition -> transition.newState().equals(TcpState.SYN_SENT))
              .map(Transition::taskId)
              .distinct()
              .toList();
      assertEquals(List.of(1), tasks);
    }
    node.awaitJvms(0);
  }

  @Test
  void limitsAreSaid() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node =
        NodeProgram.start(
            jdk, folder("node"), "--max-jvms", "2", "--max-jvms-per-user", "1", "--max-ring", "1");
    Unprivileged user = unprivileged();
    AgentJvm.Result large = deniedAll(jdk, user, folder("large")).run(BlockingConnections.class);
    assertEquals(1, large.exit());
    assertTrue(large.err().contains("a ring of 4096 KB is larger than the 1024 KB"), large.err());
    String small = node.options() + ",ringSize=64KB";
    try (Shell shell = Shell.start(deniedAll(jdk, user, folder("first")).options(small))) {
      AgentJvm.Result second =
          deniedAll(jdk, user, folder("second")).options(small).run(BlockingConnections.class);
      assertEquals(1, second.exit());
      assertTrue(
          second.err().contains("1 JVMs of user id 65534 are registered, which is the limit"),
          second.err());
      shell.end();
    }
    node.awaitJvms(0);
  }

  /** It keeps two capabilities, in each thread. */
  @OnEachJdk
  void leastPrivilege(Jdk jdk) throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + node.pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        String status = Files.readString(thread.resolve("status"));
        for (String set : List.of("CapPrm", "CapEff", "CapBnd")) {
          assertTrue(status.contains(set + ":\t000000c000000000\n"), status);
        }
        assertTrue(status.contains("NoNewPrivs:\t1\n"), status);
      }
    }
  }

  @Test
  void autoTakesTheNodeProgramIfThereIsOne() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node = NodeProgram.start(jdk, folder("node"));
    String auto = "required=true,node=" + node.socket(); // the JVM waits for the agent
    AgentJvm.Result served =
        new AgentJvm(jdk, folder("served")).options(auto).run(PlainShell.class);
    // All of it: no program is missing.
    assertTrue(
        served.err().matches("tcpstates-agent: recording .* process \\d+ \\(node program\\)\n"),
        served.err());
    node.kill();
    AgentJvm.Result alone = new AgentJvm(jdk, folder("alone")).options(auto).run(PlainShell.class);
    assertTrue(alone.err().contains("the node program is not used: "), alone.err());
    assertTrue(alone.err().contains("(libbpf "), alone.err());
  }

  /** Ends at once. */
  static final class PlainShell {
    public static void main(String[] arguments) {}
  }

  @Test
  void uninstalled() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    node = NodeProgram.start(jdk, folder("node"));
    node.stop();
    assertFalse(Files.exists(node.socket()), "the socket remains");
    assertTrue(Files.exists(node.pins()));
    assertEquals("removed " + node.pins() + "\n", node.uninstall());
    assertFalse(Files.exists(node.pins()));
    assertEquals("there is no " + node.pins() + "\n", node.uninstall());
  }
}
