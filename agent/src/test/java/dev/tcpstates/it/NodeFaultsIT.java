// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.CLIENT;
import static dev.tcpstates.it.Story.LISTENER;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.node.NodeClient;
import dev.tcpstates.agent.kernel.node.NodeClient.Granted;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Command;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.jfr.Loss;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with the node program, and what others do to it. */
class NodeFaultsIT {
  private static final int MANY = 200;
  private static final int RING = 64 << 10;

  /** Users of the stand-ins: no other test's, for maps are found by them. */
  private static final int USER = 61_001;

  private static final int OTHER_USER = 61_002;

  @TempDir private Path directory;

  private final Jdk jdk = Jdk.all().get(0);
  private NodeProgram node;

  @BeforeEach
  void require() throws Exception {
    KernelTier.require();
    KernelTier.requireRoot();
    JnaLoader.load();
  }

  @AfterEach
  void end() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private Path folder(String name) throws Exception {
    return Files.createDirectory(directory.resolve(name));
  }

  /** A JVM that has programs of its own where the node program does not answer. */
  private AgentJvm.Result startedWithout(Path socket) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, folder("alone"))
            .options("source=auto,required=true,node=" + socket)
            .run(NodeIT.PlainShell.class)
            .ok();
    assertTrue(result.err().contains("(libbpf "), result.err());
    return result;
  }

  @Test
  void doesNotAnswer() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    Tool.run("kill", "-STOP", Long.toString(node.pid())).ok();
    String err = startedWithout(node.socket()).err();
    assertTrue(err.contains("the node program is not used: "), err);
    assertTrue(err.contains("no answer came within 30 s"), err);
  }

  /** As when it is killed while it registers a JVM, or is of another release. */
  @Test
  void answersSomethingElse() throws Exception {
    assertTrue(answering(new byte[0]).contains("it closed the connection without an answer"));
    byte[] newer = ByteBuffer.allocate(64).putInt(0x7463_7073).putShort((short) 2).array();
    assertTrue(answering(newer).contains("no answer of a node program of the same release"));
  }

  private String answering(byte[] answer) throws Exception {
    Path own = Files.createTempDirectory(directory, "answering");
    Path socket = own.resolve("node.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      AgentJvm jvm = new AgentJvm(jdk, own).options("source=auto,required=true,node=" + socket);
      try (AgentJvm.Running running = jvm.start(NodeIT.PlainShell.class)) {
        try (SocketChannel one = server.accept()) {
          one.read(ByteBuffer.allocate(64));
          one.write(ByteBuffer.wrap(answer));
        }
        String err = running.await().ok().err();
        assertTrue(err.contains("(libbpf "), err);
        return err;
      }
    }
  }

  /** What the JVM opened while it was registered before bears an owner mark that is void. */
  @Test
  void attachedAgain() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    try (Shell shell = Shell.start(new AgentJvm(jdk, folder("jvm")).withoutAgent())) {
      String pid = shell.run("pid");
      attach(pid);
      int server = shell.number("listen server");
      int client = shell.number("connect client " + server);
      shell.run("accept accepted server");
      int waiting = shell.number("connect waiting " + server);
      Tool.agent(jdk, "detach", pid).ok();
      node.awaitJvms(0);
      attach(pid);
      Path file = directory.resolve("again.jfr");
      Tool.run(jdk.tool("jcmd"), pid, "JFR.start", "filename=" + file).ok();
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");
      assertEquals(waiting, shell.number("take server"));
      shell.run("eof waiting");
      shell.run("close waiting");
      shell.run("close server");
      Tool.run(jdk.tool("jcmd"), pid, "JFR.stop", "name=1", "filename=" + file).ok();
      Map<String, String> states = Story.read(file).states();
      String first = "ESTABLISHED>FIN_WAIT1>FIN_WAIT2>CLOSE";
      String second = "ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE";
      assertEquals(
          new TreeMap<>(
              Map.of(
                  name(server, 0), "LISTEN>CLOSE",
                  name(client, server), first,
                  name(server, client), second,
                  name(server, waiting), first,
                  name(waiting, server), second)),
          states);
    }
  }

  /** Connections that wait for accept when the agent comes are known once they are accepted. */
  @Test
  void acceptedAfterTheAgentCame() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    try (Shell shell = Shell.start(new AgentJvm(jdk, folder("jvm")).withoutAgent())) {
      int server = shell.number("listen server");
      List<Integer> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clients.add(shell.number("connect client" + i + " " + server));
      }
      String pid = shell.run("pid");
      attach(pid);
      Path file = directory.resolve("late.jfr");
      Tool.run(jdk.tool("jcmd"), pid, "JFR.start", "filename=" + file).ok();
      for (int client : clients) {
        assertEquals(client, shell.number("take server"));
      }
      for (int i = 0; i < 20; i++) {
        shell.run("eof client" + i);
        shell.run("close client" + i);
      }
      Tool.run(jdk.tool("jcmd"), pid, "JFR.stop", "name=1", "filename=" + file).ok();
      Map<String, String> states = Story.read(file).states();
      for (int client : clients) {
        assertEquals("ESTABLISHED>FIN_WAIT1>FIN_WAIT2>CLOSE", states.get(name(server, client)));
      }
    }
  }

  private void attach(String pid) throws Exception {
    Tool.agent(jdk, "attach", pid, node.options().replace("required=true,", "")).ok();
    node.awaitJvms(1);
  }

  /** The sockets of a child process, and of the program that a process becomes, are not its own. */
  @Test
  void forkAndExec() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    try (Standin standin = Standin.start(node, folder("standin"), USER, "exec")) {
      assertEquals("registered", standin.line());
      node.awaitJvms(1);
      assertEquals(0, GivenMaps.transitions(USER));
      assertEquals("own", standin.next());
      long own = GivenMaps.transitions(USER);
      // Two of the listener; of each connection, up to FIN_WAIT2 or LAST_ACK, at least eight.
      assertTrue(own >= 2 + 3 * 8, own + " transitions");
      assertEquals("forked", standin.next());
      assertEquals("other", standin.next());
      // The kernel may have completed some connections of the first program a little later.
      assertTrue(GivenMaps.transitions(USER) <= 2 + 3 * 10, "those of the other programs");
    }
    node.awaitJvms(0);
    assertEquals(List.of(), GivenMaps.names(USER));
  }

  /** While there is no node program, another process gets the number of a JVM that has ended. */
  @Test
  void processIdIsUsedAgain() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    Standin first = Standin.start(node, folder("first"), USER, "exec");
    try (first) {
      assertEquals("registered", first.line());
      assertEquals("own", first.next());
      node.kill();
    }
    long own = GivenMaps.transitions(USER);
    assertTrue(own >= 2 + 3 * 8, own + " transitions");
    Path folder = folder("second");
    try (Standin second = Standin.startAs(first.pid(), node, folder, OTHER_USER, "later")) {
      assertEquals("started", second.line());
      assertEquals("other", second.next());
      assertEquals(own, GivenMaps.transitions(USER), "those of the other process are not counted");
      node.restart();
      assertLine("programs found, JVMs: 0");
      assertEquals(List.of(), GivenMaps.names(USER));
    }
    try (Standin third = Standin.startAs(first.pid(), node, folder("third"), OTHER_USER, "exec")) {
      assertEquals("registered", third.line());
      assertEquals("own", third.next());
      long again = GivenMaps.transitions(OTHER_USER);
      assertTrue(again >= 2 + 3 * 8 && again <= 2 + 3 * 10, again + " transitions");
    }
    node.awaitJvms(0);
    assertEquals(List.of(), GivenMaps.names(OTHER_USER));
  }

  /** The process that is asked for is another program by now; so is who asks. */
  @Test
  void askedForByAChildProcess() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    for (String how : List.of("steal", "become")) {
      try (Standin standin = Standin.start(node, folder(how), USER, how)) {
        assertEquals("1 the proof is not of the process that has connected", standin.line());
      }
    }
    assertEquals(List.of(), GivenMaps.names(USER));
    assertTrue(node.lines().stream().noneMatch(line -> line.contains("is registered")));
  }

  /** Nothing is left of them, and the JVMs that run meanwhile record all. */
  @Test
  void manyComeAndGo() throws Exception {
    node =
        NodeProgram.start(jdk, folder("node"), "--max-jvms", "500", "--max-jvms-per-user", "400");
    long before = node.descriptors();
    for (int round = 0; round < 2; round++) {
      AgentJvm jvm = new AgentJvm(jdk, folder("jvm" + round)).options(node.options()).record();
      Map<String, String> expected = new TreeMap<>();
      try (Shell shell = Shell.start(jvm);
          Standin standin =
              Standin.start(node, folder("standin" + round), USER, "many", "" + MANY)) {
        int server = shell.number("listen server");
        expected.put(name(server, 0), LISTENER);
        List<String> registered = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (int i = 1; i <= MANY; i++) {
          registered.add(standin.line());
          all.add("registered " + i);
          if (i % 20 == 0) {
            Story.connection(shell, server, expected);
          }
        }
        Collections.sort(registered);
        Collections.sort(all);
        assertEquals(all, registered);
        node.awaitJvms(MANY + 1);
        assertEquals(2 * MANY, GivenMaps.names(USER).size());
        assertEquals("detached", standin.next());
        node.awaitJvms(MANY / 2 + 1);
        Story.connection(shell, server, expected);
        assertEquals("ended", standin.next());
        node.awaitJvms(1);
        Story.connection(shell, server, expected);
        shell.run("close server");
        assertEquals(expected, Story.read(shell.end().recording()).sound().states());
      }
      node.awaitJvms(0);
      assertEquals(List.of(), GivenMaps.names(USER), "maps of processes that have ended");
      assertEquals(before, node.descriptors(), "descriptors of the node program");
      assertEquals(1, node.versions());
    }
  }

  /** Who keeps the ring of a registration that has ended gets no more memory by that. */
  @Test
  void memoryOfEndedRegistrations() throws Exception {
    node =
        NodeProgram.start(jdk, folder("node"), "--max-ring", "16", "--max-memory-per-user", "40");
    Request request =
        new Request(Command.REGISTER, 16 << 20, (int) ProcessHandle.current().pid(), 0);
    List<Granted> kept = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        kept.add(NodeClient.ask(node.socket(), request));
        kept.get(i).connection().close();
        node.awaitJvms(0);
      }
      BpfException refused =
          assertThrows(BpfException.class, () -> NodeClient.ask(node.socket(), request));
      assertTrue(
          refused.getMessage().contains("the JVMs of user id 0 have 33"), refused.getMessage());
      assertTrue(refused.getMessage().contains(" of 40960 KB"), refused.getMessage());
    } finally {
      kept.forEach(NodeFaultsIT::closeAll);
    }
    Granted last = NodeClient.ask(node.socket(), request);
    closeAll(last);
    last.connection().close();
    node.awaitJvms(0);
  }

  private static void closeAll(Granted granted) {
    for (int descriptor : granted.descriptors()) {
      UnixSocket.close(descriptor);
    }
  }

  @Test
  void descriptorsAreNotTaken() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    long before = node.descriptors();
    Request request = new Request(Command.REGISTER, RING, 1, 0);
    try (UnixSocket connection = UnixSocket.connect(node.socket(), 10)) {
      connection.send(request.encode(), List.of(0, 1, 2, 0, 1, 2));
      assertTrue(connection.receive(1 << 16, true).bytes().length > 0);
      assertEquals(before + 1, node.descriptors(), "while a proof is awaited");
    }
  }

  /** More connections than the node program has descriptors for; it serves again after them. */
  @Test
  void outOfDescriptors() throws Exception {
    KernelTier.requireTools("bash");
    node =
        NodeProgram.startUnder(
            List.of("bash", "-c", "ulimit -n 80; exec \"$@\"", "bash"), jdk, folder("node"));
    List<SocketChannel> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        silent.add(SocketChannel.open(UnixDomainSocketAddress.of(node.socket())));
      }
      node.await(
          lines -> lines.stream().anyMatch(l -> l.contains("can be accepted: accept: EMFILE")));
    } finally {
      for (SocketChannel one : silent) {
        one.close();
      }
    }
    AgentJvm.Result served =
        new AgentJvm(jdk, folder("jvm")).options(node.options()).run(NodeIT.PlainShell.class).ok();
    assertTrue(served.err().contains("(node program)"), served.err());
    node.awaitJvms(0);
  }

  /** A JVM that is stopped has its ring filled by its peer, which loses nothing. */
  @Test
  void ringFullInOneJvm() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    int connections = 45; // the listener's queue takes 50
    String options = node.options() + ",ringSize=";
    Map<String, String> expected = new TreeMap<>();
    try (Shell stopped =
            Shell.start(new AgentJvm(jdk, folder("small")).options(options + "4KB").record());
        Shell busy =
            Shell.start(new AgentJvm(jdk, folder("busy")).options(options + "1MB").record())) {
      int server = stopped.number("listen server");
      Tool.run("kill", "-STOP", Long.toString(stopped.pid())).ok();
      for (int i = 0; i < connections; i++) {
        int client = busy.number("connect client" + i + " " + server);
        expected.put(name(client, server), CLIENT);
      }
      for (int i = 0; i < connections; i++) {
        busy.run("close client" + i);
      }
      Tool.run("kill", "-CONT", Long.toString(stopped.pid())).ok();
      List<Loss> lost = Story.read(stopped.end().recording()).recording().losses();
      assertTrue(lost.stream().anyMatch(loss -> loss.reason().equals("RING_FULL")), "" + lost);
      Story story = Story.read(busy.end().recording()).sound();
      assertEquals(expected, story.states());
    }
    node.awaitJvms(0);
  }

  /** A release with the same programs uses them; one with others loads these beside them. */
  @Test
  void upgraded() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    Map<String, String> expected = new TreeMap<>();
    try (Shell first =
        Shell.start(new AgentJvm(jdk, folder("first")).options(node.options()).record())) {
      int server = first.number("listen server");
      expected.put(name(server, 0), LISTENER);
      Story.connection(first, server, expected);
      node.stop();
      Story.connection(first, server, expected);
      node.jar(OtherVersion.of(directory.resolve("compatible.jar"), "7.7.7")).restart();
      assertLine("programs found, JVMs: 1");
      Story.connection(first, server, expected);
      node.stop();
      String programs = "dev/tcpstates/bpf/tcpstates-node.bpf.o";
      node.jar(OtherVersion.of(directory.resolve("other.jar"), "8.8.8", programs)).restart();
      assertLine("programs loaded, JVMs: 0");
      assertEquals(2, node.versions());
      Story.connection(first, server, expected);
      try (Shell second =
          Shell.start(new AgentJvm(jdk, folder("second")).options(node.options()).record())) {
        node.awaitJvms(1);
        int other = second.number("listen server");
        first.run("close server");
        assertEquals(expected, Story.read(first.end().recording()).sound().states());
        node.await(lines -> lines.stream().anyMatch(l -> l.startsWith("removed the programs ")));
        assertEquals(1, node.versions());
        second.run("close server");
        assertEquals(
            Map.of(name(other, 0), LISTENER),
            Story.read(second.end().recording()).sound().states());
      }
    }
    node.awaitJvms(0);
  }

  private void assertLine(String end) throws Exception {
    String last =
        node.lines().stream()
            .filter(line -> line.startsWith("listening at"))
            .reduce("", (first, second) -> second);
    assertTrue(last.endsWith(end), last);
  }

  /** Two node programs would take each other's JVMs for ended ones. */
  @Test
  void oneForAllPins() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    Tool second =
        command(
            new String[0],
            "--socket",
            directory.resolve("second.sock").toString(),
            "--pins",
            node.pins().toString());
    assertEquals(1, second.exit());
    assertTrue(second.err().contains("another node program uses the pins in "), second.err());
    Tool uninstall = node.run("--uninstall");
    assertEquals(1, uninstall.exit());
    assertTrue(uninstall.err().contains("another node program uses the pins in "), uninstall.err());
    assertEquals(1, node.versions());
  }

  /** What a node program left that was killed while it handed over an iterator. */
  @Test
  void pinsThatAreLeft() throws Exception {
    node = NodeProgram.start(jdk, folder("node"));
    Path pins;
    try (var versions = Files.list(node.pins())) {
      pins = versions.findFirst().orElseThrow();
    }
    node.kill();
    Path left = pins.resolve("jvm-77");
    String program = pins.resolve("open_sockets").toString();
    Tool.run("bpftool", "prog", "pin", "pinned", program, left.toString()).ok();
    node.restart();
    assertTrue(Files.notExists(left), "a pin that nobody will take");
  }

  private Tool command(String[] under, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(under));
    command.addAll(List.of(jdk.tool("java"), AgentJvm.NO_C2, "-jar", AgentJvm.jar().toString()));
    command.add("node");
    command.addAll(List.of(options));
    return Tool.run(command.toArray(String[]::new));
  }

  @Test
  void withoutBpfFileSystem() throws Exception {
    String socket = directory.resolve("node.sock").toString();
    Tool hidden = command(MountNamespace.hiding("/sys/fs/bpf"), "--socket", socket);
    assertEquals(1, hidden.exit());
    assertTrue(hidden.err().contains("is in a file system of type tmpfs"), hidden.err());
    assertTrue(hidden.err().contains("mount -t bpf bpf /sys/fs/bpf"), hidden.err());
    String elsewhere = directory.resolve("pins").toString();
    Tool other = command(new String[0], "--socket", socket, "--pins", elsewhere);
    assertEquals(1, other.exit());
    assertTrue(other.err().contains("is in a file system of type "), other.err());
  }

  @Test
  void folderOfTheSocketIsReadOnly() throws Exception {
    Path folder = folder("read-only");
    Tool tool =
        command(
            MountNamespace.hiding(folder.toString(), "-o", "ro"),
            "--socket",
            folder.resolve("node.sock").toString());
    assertEquals(1, tool.exit());
    assertTrue(
        tool.err().contains("the socket " + folder.resolve("node.sock") + " can't be made ("),
        tool.err());
    assertTrue(tool.err().contains("Read-only file system"), tool.err());
    assertTrue(tool.err().contains("--socket"), tool.err());
  }
}
