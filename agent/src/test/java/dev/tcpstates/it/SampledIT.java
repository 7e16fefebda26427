// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Sampled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the agent gives in the mode SAMPLED: for a user without any privilege. */
class SampledIT {
  private static final String SETTINGS =
      "+tcpstates.StuckSocket#period=1s,+tcpstates.StateCount#enabled=true,"
          + "+tcpstates.StateCount#period=1s,+tcpstates.ListenQueue#enabled=true,"
          + "+tcpstates.ListenQueue#period=1s,+tcpstates.Throughput#enabled=true,"
          + "+tcpstates.Throughput#period=1s";

  /** More than two polls. */
  private static final int TWO_POLLS_MILLIS = 2_500;

  private static final int LEAKED = 3;
  private static final int CONNECTIONS = 4;
  private static final int UNACCEPTED = 5;
  private static final int SENT = 1_000;
  private static final int CHURN = 20_000;

  /** Two clocks are compared, and a JVM may have to wait for its CPU. */
  private static final int SLACK_MILLIS = 100;

  @TempDir static Path shared;
  private static Unprivileged nobody;

  @TempDir Path directory;

  @BeforeAll
  static void copies() throws IOException {
    nobody = new Unprivileged(shared);
  }

  @BeforeEach
  void require() throws IOException {
    KernelTier.requireRoot();
  }

  /** A JVM of {@link Sampled}. */
  private static final class Load implements AutoCloseable {
    final AgentJvm.Running running;
    final int port;
    private int commands;

    Load(AgentJvm jvm) throws Exception {
      running = jvm.start(Sampled.class);
      port = Integer.parseInt(running.awaitLine("ready "));
    }

    String run(String command) throws Exception {
      running.send(command);
      return running.awaitLine("done " + ++commands + " ");
    }

    AgentJvm.Result end() throws Exception {
      running.process().outputWriter().close();
      return running.await().ok();
    }

    @Override
    public void close() {
      running.close();
    }
  }

  private AgentJvm jvm(Jdk jdk, String... prefix) throws IOException {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(List.of(Unprivileged.command()));
    return nobody
        .jvmUnder(jdk, directory, command.toArray(String[]::new))
        .options("stuckAfter=500ms")
        .record(SETTINGS);
  }

  private static RecordedEvent last(Path recording, String type) throws IOException {
    List<RecordedEvent> events = Events.of(recording, type);
    return events.get(events.size() - 1);
  }

  private static Set<Integer> ports(String list) {
    return Stream.of(list.split(";")).map(Integer::valueOf).collect(Collectors.toSet());
  }

  @OnEachJdk
  void findsALeakAndItsLine(Jdk jdk) throws Exception {
    AgentJvm.Result result;
    String[] leak;
    try (Load load = new Load(jvm(jdk))) {
      leak = load.run("leak " + LEAKED).split(" ");
      Thread.sleep(TWO_POLLS_MILLIS);
      result = load.end();
    }
    String line = AgentLines.one(new AgentJvm.Result(0, result.out(), "", null), result);
    assertTrue(
        line.matches(
            "WARN sampling the sockets of process \\d+ every 1 s; transitions are not recorded,"
                + " because this JVM runs as user 65534 without CAP_BPF and CAP_PERFMON.*"),
        line);
    Set<Integer> stuck = new HashSet<>();
    for (RecordedEvent event : Events.of(result.recording(), "StuckSocket")) {
      stuck.add(event.getInt("localPort"));
      assertEquals("CLOSE_WAIT", event.getString("state"));
      String opener = Sampled.class.getName() + ".leak:" + leak[0];
      assertTrue(event.getString("openedBy").startsWith(opener), event::toString);
      assertEquals("main", event.getString("openThread"));
    }
    assertEquals(ports(leak[1]), stuck);

    RecordedEvent state = last(result.recording(), "AgentState");
    assertTrue(state.getBoolean("attached"));
    assertEquals("SAMPLED", state.getString("mode"));
    assertEquals(1_000, state.getDuration("pollInterval").toMillis());
    assertTrue(
        state.getString("reason").startsWith("this JVM runs as user 65534 without CAP_BPF"),
        state::toString);
    assertEquals(0, state.getInt("suppressedErrors"));
    assertEquals("all", state.getString("hooks"));
    assertEquals(List.of(), Events.of(result.recording(), "StateChange"));
    assertEquals(List.of(), Events.of(result.recording(), "RecordsLost"));
  }

  @OnEachJdk
  void countsAsTheWorkloadAndSs(Jdk jdk) throws Exception {
    try (TwoHosts hosts = TwoHosts.connected();
        Load load = new Load(jvm(jdk, hosts.at("here")))) {
      load.run("connections " + CONNECTIONS);
      Thread.sleep(TWO_POLLS_MILLIS);
      load.run("close");
      load.run("leak " + LEAKED);
      load.run("connections " + CONNECTIONS);
      load.run("unaccepted " + UNACCEPTED);
      Map<String, Integer> expected =
          new TreeMap<>(
              Map.of(
                  "LISTEN",
                  1,
                  "ESTABLISHED",
                  2 * CONNECTIONS + 2 * UNACCEPTED,
                  "CLOSE_WAIT",
                  LEAKED,
                  "FIN_WAIT2",
                  LEAKED,
                  "TIME_WAIT",
                  CONNECTIONS));
      Thread.sleep(TWO_POLLS_MILLIS);
      assertEquals(expected, Ss.states(hosts.at("here")));
      Ss.Queue queue = Ss.queue(hosts.at("here"), load.port);
      AgentJvm.Result result = load.end();
      List<RecordedEvent> counts = Events.of(result.recording(), "StateCount");
      // At the very end the JVM's own exit may come first.
      assertEquals(expected, Events.states(counts.get(counts.size() - 2)), counts::toString);

      assertEquals(new Ss.Queue(UNACCEPTED, 50), queue);
      RecordedEvent listener = last(result.recording(), "ListenQueue");
      assertEquals(load.port, listener.getInt("localPort"));
      assertEquals(UNACCEPTED, listener.getInt("queueLength"));
      assertEquals(50, listener.getInt("queueLimit"));
    }
  }

  @OnEachJdk
  void connectionsWithTheirBounds(Jdk jdk) throws Exception {
    Set<Integer> clients;
    Instant begin;
    Instant end;
    AgentJvm.Result result;
    int port;
    try (Load load = new Load(jvm(jdk))) {
      port = load.port;
      clients = ports(load.run("connections " + CONNECTIONS));
      load.run("send " + SENT);
      Thread.sleep(TWO_POLLS_MILLIS);
      begin = Instant.now();
      load.run("close");
      end = Instant.now();
      Thread.sleep(TWO_POLLS_MILLIS);
      result = load.end();
    }
    List<RecordedEvent> connections = Events.of(result.recording(), "Connection");
    assertEquals(2 * CONNECTIONS, connections.size(), connections::toString);
    Set<Integer> connected = new TreeSet<>();
    Set<Integer> accepted = new TreeSet<>();
    for (RecordedEvent event : connections) {
      boolean client = event.getInt("port") == port;
      if (client) {
        connected.add(event.getInt("localPort"));
        assertEquals("CONNECT", event.getString("kind"));
        assertEquals("FIN", event.getString("end"), event::toString);
        assertEquals("LOCAL", event.getString("closedBy"));
        assertEquals(SENT, event.getLong("bytesSent"));
        assertEquals(0, event.getLong("listenerId"));
      } else {
        accepted.add(event.getInt("port"));
        assertEquals("ACCEPT", event.getString("kind"));
        assertEquals("UNKNOWN", event.getString("end"), event::toString);
        assertNull(event.getString("closedBy"));
        assertEquals(SENT, event.getLong("bytesReceived"));
        assertNotEquals(0, event.getLong("listenerId"));
        assertTrue(event.getBoolean("accepted"));
      }
      assertTrue(event.getBoolean("established"));
      assertTrue(
          event.getString("openedBy").startsWith(Sampled.class.getName() + ".connections:"),
          event::toString);
      long uncertainty = event.getDuration("uncertainty").toMillis();
      assertTrue(uncertainty > 0, event::toString);
      Instant latest = event.getEndTime();
      assertTrue(latest.plusMillis(SLACK_MILLIS).isAfter(begin), event + " after " + begin);
      Instant earliest = latest.minusMillis(uncertainty + SLACK_MILLIS);
      assertTrue(earliest.isBefore(end), event + " before " + end);
    }
    assertEquals(clients, connected);
    assertEquals(clients, accepted);

    Map<Integer, Long> sent = new TreeMap<>();
    for (RecordedEvent event : Events.of(result.recording(), "Throughput")) {
      sent.merge(event.getInt("localPort"), event.getLong("bytesSent"), Long::sum);
    }
    sent.values().removeIf(bytes -> bytes == 0);
    assertEquals(clients, sent.keySet());
    assertEquals(Set.of((long) SENT), Set.copyOf(sent.values()));
  }

  /** Another process of the same user, at the same port too, in the same network. */
  @OnEachJdk
  void nobodyElsesSockets(Jdk jdk) throws Exception {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    AgentJvm other = nobody.jvm(jdk, outside).withoutAgent();
    List<Socket> clients = new ArrayList<>();
    Set<Integer> own = new TreeSet<>();
    AgentJvm.Result result;
    try (Load load = new Load(jvm(jdk));
        Load outsider = new Load(other)) {
      own.add(load.port);
      own.addAll(ports(load.run("connections " + CONNECTIONS)));
      int sharedPort = Integer.parseInt(load.run("share 0"));
      own.add(sharedPort);
      outsider.run("share " + sharedPort);
      outsider.run("connections 7");
      outsider.run("leak 2");
      outsider.run("unaccepted 3");
      for (int i = 0; i < 2 * UNACCEPTED; i++) {
        clients.add(new Socket(InetAddress.getLoopbackAddress(), sharedPort));
      }
      Thread.sleep(TWO_POLLS_MILLIS);
      // Begins another chunk, with all sockets that are open.
      jcmd(jdk, load.running.process().pid(), "JFR.dump", "filename=" + directory.resolve("d"));
      Thread.sleep(TWO_POLLS_MILLIS);
      result = load.end();
      outsider.end();
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
    List<RecordedEvent> counts = Events.of(result.recording(), "StateCount");
    // Whose accept queue the shared port's connections are in, only the kernel knows.
    assertEquals(
        Map.of("LISTEN", 2, "ESTABLISHED", 2 * CONNECTIONS),
        Events.states(counts.get(counts.size() - 2)),
        counts::toString);
    Set<Integer> seen = new TreeSet<>();
    for (String type : List.of("SocketState", "StuckSocket", "Connection", "ListenQueue")) {
      for (RecordedEvent event : Events.of(result.recording(), type)) {
        seen.add(event.getInt("localPort"));
      }
    }
    assertEquals(own, seen);
  }

  @OnEachJdk
  void nothingStaysInMemory(Jdk jdk) throws Exception {
    AgentJvm.Result result;
    try (Load load = new Load(jvm(jdk))) {
      load.run("churn " + CHURN);
      Thread.sleep(TWO_POLLS_MILLIS);
      result = load.end();
    }
    assertEquals(2 * CHURN + 1, Events.of(result.recording(), "SocketOpen").size());
    RecordedEvent state = last(result.recording(), "AgentState");
    assertEquals(1, state.getLong("openSockets"), state::toString); // the listener
  }

  @OnEachJdk
  void attachAndDetach(Jdk jdk) throws Exception {
    AgentJvm jvm = nobody.jvm(jdk, directory).withoutAgent();
    Path dump = directory.resolve("dump.jfr");
    try (Load load = new Load(jvm)) {
      Set<Integer> older = ports(load.run("connections " + CONNECTIONS));
      older.add(load.port);
      long pid = load.running.process().pid();
      Tool attached = command(jdk, "attach", "" + pid, "stuckAfter=500ms").ok();
      assertTrue(
          attached
              .out()
              .contains(
                  "attached, polling the sockets, because this JVM runs as user 65534 without"),
          attached.out());
      jcmd(jdk, pid, "JFR.start", "name=it", "settings=profile");
      load.run("leak " + LEAKED);
      Thread.sleep(TWO_POLLS_MILLIS);
      jcmd(jdk, pid, "JFR.dump", "name=it", "filename=" + dump);
      assertTrue(
          command(jdk, "attach", "" + pid).ok().out().startsWith("already attached"), "attached");
      command(jdk, "detach", "" + pid).ok();
      Set<Integer> listed = new TreeSet<>();
      for (RecordedEvent event : Events.of(dump, "SocketState")) {
        listed.add(event.getInt("localPort"));
        assertEquals("opened before the agent", event.getString("openedBy"));
      }
      assertEquals(older, listed);
      assertEquals(List.of(), Events.of(dump, "StateChange"));
      load.run("connections 1");
      Path detached = directory.resolve("detached.jfr");
      jcmd(jdk, pid, "JFR.dump", "name=it", "filename=" + detached);
      assertFalse(last(detached, "AgentState").getBoolean("attached"));
      assertEquals("detached", last(detached, "AgentState").getString("reason"));
      load.end();
    }
  }

  @OnEachJdk
  void isNotEnoughIfTransitionsAreRequired(Jdk jdk) throws Exception {
    AgentJvm jvm = nobody.jvm(jdk, directory);
    AgentJvm.Result result = jvm.options("required=true").run(Sampled.class);
    assertEquals(1, result.exit());
    assertEquals("", result.out());
    assertTrue(
        result.err().startsWith("tcpstates-agent: ERROR this JVM runs as user 65534 without"),
        result.err());
  }

  @OnEachJdk
  void isEnoughIfSamplesAreRequired(Jdk jdk) throws Exception {
    AgentJvm jvm = nobody.jvm(jdk, directory);
    try (Load load = new Load(jvm.options("required=sampled,pollInterval=250ms"))) {
      AgentJvm.Result result = load.end();
      assertTrue(result.err().contains(" every 250 ms; "), result.err());
    }
  }

  private static Tool command(Jdk jdk, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(Unprivileged.command()));
    command.addAll(List.of(jdk.tool("java"), "-jar", nobody.jar().toString()));
    command.addAll(List.of(arguments));
    return Tool.run(command.toArray(String[]::new));
  }

  private static void jcmd(Jdk jdk, long pid, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(Unprivileged.command()));
    command.addAll(List.of(jdk.tool("jcmd"), "" + pid));
    command.addAll(List.of(arguments));
    Tool.run(command.toArray(String[]::new)).ok();
  }
}
