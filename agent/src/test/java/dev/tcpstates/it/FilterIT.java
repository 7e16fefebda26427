// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Filtered;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sockets that a filter leaves out: of them nothing is in the recording, and of all others
 * everything, from the first transition on. The workload says which sockets there were.
 */
class FilterIT {
  /** A socket as the workload names it, and where both its ends were. */
  private record Socket(String name, String local, int localPort, String remote, int port) {
    boolean loopback() {
      return isAt("127.0.0.1") || isAt("::1");
    }

    boolean ipv6() {
      return local.contains(":");
    }

    boolean isAt(String address) {
      return local.equals(address);
    }
  }

  private static final Map<String, List<String>> STATES =
      Map.of(
          "listener", List.of("CLOSE", "LISTEN", "CLOSE"),
          "client", List.of("CLOSE", "SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE"),
          "server", List.of("LISTEN", "SYN_RECV", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSE"),
          "refused", List.of("CLOSE", "SYN_SENT", "CLOSE"));

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  @BeforeEach
  void connect() throws Exception {
    // So that it is known which ports the kernel gives.
    hosts.run("here", "sh", "-c", "echo 40000 40999 >/proc/sys/net/ipv4/ip_local_port_range");
  }

  private AgentJvm jvm(Jdk jdk) {
    return new AgentJvm(jdk, directory).under(hosts.at("here"));
  }

  private static List<Socket> sockets(AgentJvm.Result result) {
    List<Socket> sockets = new ArrayList<>();
    for (String line : result.ok().out().lines().toList()) {
      String[] words = line.split(" ");
      if (words[0].equals("socket")) {
        sockets.add(
            new Socket(
                words[1],
                words[2],
                Integer.parseInt(words[3]),
                words[4],
                Integer.parseInt(words[5])));
      }
    }
    // Over each of three addresses: two listeners, five connections to each, one refused.
    assertEquals(3 * (2 + 2 * 5 * 2 + 1), sockets.size());
    return sockets;
  }

  /** Of those that pass, all transitions; and the agent has not kept those that don't. */
  private static void assertTransitions(Path file, List<Socket> sockets, Predicate<Socket> passes)
      throws Exception {
    TcpRecording recording = Recorded.read(file);
    Map<String, Integer> expected = new TreeMap<>();
    for (Socket socket : sockets) {
      if (passes.test(socket)) {
        expected.merge(STATES.get(socket.name()) + ends(socket), 1, Integer::sum);
      }
    }
    Map<String, Integer> found = new TreeMap<>();
    for (SocketTimeline timeline : recording.timelines()) {
      var last = timeline.transitions().get(timeline.transitions().size() - 1);
      String ends =
          " "
              + last.localAddress()
              + ":"
              + last.localPort()
              + ">"
              + last.address()
              + ":"
              + last.port();
      found.merge(Recorded.states(timeline) + ends, 1, Integer::sum);
    }
    assertEquals(expected, found);
    List<AgentInfo> states = recording.agentStates();
    assertEquals(0, states.get(states.size() - 1).openSockets());
  }

  private static String ends(Socket socket) {
    return " "
        + socket.local()
        + ":"
        + socket.localPort()
        + ">"
        + socket.remote()
        + ":"
        + socket.port();
  }

  private static void assertConnections(Path file, List<Socket> sockets, Predicate<Socket> passes)
      throws Exception {
    Map<String, Integer> expected = new TreeMap<>();
    for (Socket socket : sockets) {
      if (!socket.name().equals("listener") && passes.test(socket)) {
        expected.merge(ends(socket), 1, Integer::sum);
      }
    }
    Map<String, Integer> found = new TreeMap<>();
    for (ConnectionInfo one : Recorded.read(file).connections()) {
      String ends =
          " " + one.localAddress() + ":" + one.localPort() + ">" + one.address() + ":" + one.port();
      found.merge(ends, 1, Integer::sum);
    }
    assertEquals(expected, found);
  }

  /** Who is refused gets a reset, and nobody else; no socket sends it. */
  private static void assertResets(Path file, List<Socket> sockets, Predicate<Socket> passes)
      throws Exception {
    assertEquals(
        sockets.stream()
            .filter(passes.and(socket -> socket.name().equals("refused")))
            .map(socket -> "RECEIVED SYN_SENT" + ends(socket))
            .sorted()
            .toList(),
        Segments.resets(file).all().stream()
            .map(
                e -> e.getString("direction") + " " + e.getString("state") + " " + Segments.ends(e))
            .sorted()
            .toList());
  }

  private static boolean isIn(int port, int first, int last) {
    return port >= first && port <= last;
  }

  @OnEachJdk
  void options(Jdk jdk) throws Exception {
    Map<String, Predicate<Socket>> filters = new HashMap<>();
    filters.put("localPorts=7001", s -> s.localPort() == 7001);
    // Clients bind to nothing: at their first transition they have no port.
    filters.put("localPorts=40000-40999", s -> isIn(s.localPort(), 40_000, 40_999));
    filters.put("remotePorts=9;7002", s -> s.port() == 7002 || s.port() == 9);
    filters.put("family=4", s -> !s.ipv6());
    filters.put("family=6", Socket::ipv6);
    filters.put("loopback=false", s -> !s.loopback());
    filters.put(
        "localPorts=7000-7002,family=4,loopback=false",
        s -> isIn(s.localPort(), 7000, 7002) && !s.ipv6() && !s.loopback());
    filters.put("localPorts=1", s -> false);
    for (Map.Entry<String, Predicate<Socket>> filter : filters.entrySet()) {
      AgentJvm.Result result =
          jvm(jdk).options(filter.getKey()).record().run(Filtered.class, TwoHosts.HERE);
      List<Socket> sockets = sockets(result);
      assertTransitions(result.recording(), sockets, filter.getValue());
      assertConnections(result.recording(), sockets, filter.getValue());
      assertResets(result.recording(), sockets, filter.getValue());
      String options = Recorded.read(result.recording()).agentStates().get(0).options();
      for (String option : filter.getKey().split(",")) {
        assertTrue(options.contains(option), options);
      }
    }
  }

  /** Events that list sockets, and are not emitted at a transition. */
  @OnEachJdk
  void lists(Jdk jdk) throws Exception {
    Path file;
    int port;
    try (TimedShellJvm shell =
        TimedShellJvm.start(
            jvm(jdk).options("loopback=false").record("+tcpstates.StateCount#period=everyChunk"))) {
      shell.run("listen A 127.0.0.1 9");
      port = shell.number("listen B " + TwoHosts.HERE + " 9");
      file = directory.resolve("dump.jfr");
      Tool.jcmd(jdk, shell.running().process().pid(), "JFR.dump", "filename=" + file).ok();
      Tool.jcmd(jdk, shell.running().process().pid(), "JFR.dump", "filename=" + file).ok();
      shell.run("close A");
      shell.run("close B");
      shell.exit();
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    assertEquals(
        Set.of("SocketState " + TwoHosts.HERE + ":" + port + ">:::0"),
        events.stream()
            .filter(e -> e.getEventType().getName().equals("tcpstates.SocketState"))
            .map(e -> "SocketState " + Segments.ends(e))
            .collect(Collectors.toSet()));
    List<RecordedEvent> counts =
        events.stream()
            .filter(e -> e.getEventType().getName().equals("tcpstates.StateCount"))
            .toList();
    assertEquals(1, counts.get(counts.size() - 1).getInt("inListen"));
    List<AgentInfo> states = Recorded.read(file).agentStates();
    assertEquals(2, states.get(states.size() - 1).openSockets());
  }

  @OnEachJdk
  void settings(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        jvm(jdk)
            .options("family=4")
            .record(
                "+tcpstates.StateChange#localPorts=7001;40000-40999,"
                    + "+tcpstates.StateChange#loopback=false,"
                    + "+tcpstates.Connection#remotePorts=7002")
            .run(Filtered.class, TwoHosts.HERE);
    List<Socket> sockets = sockets(result);
    assertTransitions(
        result.recording(),
        sockets,
        s ->
            !s.ipv6()
                && !s.loopback()
                && (s.localPort() == 7001 || isIn(s.localPort(), 40_000, 40_999)));
    assertConnections(result.recording(), sockets, s -> !s.ipv6() && s.port() == 7002);
    assertEquals("", result.err().lines().filter(l -> l.contains("WARN")).findAny().orElse(""));
  }

  /** What one recording is to leave out is there when another wants it, and only as long. */
  @OnEachJdk
  void twoRecordings(Jdk jdk) throws Exception {
    // Then main waits for the agent, and the first recording finds it at work.
    AgentJvm.Result result =
        jvm(jdk).options("required=true").run(Filtered.class, TwoHosts.HERE, "recordings");
    List<Socket> sockets = sockets(result);
    Predicate<Socket> first = s -> s.localPort() == 7001;
    Predicate<Socket> second = s -> s.localPort() == 7002;
    assertTransitions(
        directory.resolve("one.jfr"), sockets, s -> s.isAt("127.0.0.1") && first.test(s));
    assertTransitions(
        directory.resolve("both.jfr"),
        sockets,
        s ->
            s.isAt("127.0.0.1") && first.test(s)
                || s.isAt(TwoHosts.HERE) && first.or(second).test(s));
    assertTransitions(
        directory.resolve("other.jfr"),
        sockets,
        s -> s.isAt(TwoHosts.HERE) && first.or(second).test(s) || s.isAt("::1") && second.test(s));
  }

  @OnEachJdk
  void badSettingsAreReportedOnceAndExcludeNothing(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        jvm(jdk)
            .record(
                "+tcpstates.StateChange#localPorts=http,+tcpstates.StateChange#family=5,"
                    + "+tcpstates.StateChange#remotePorts=7001")
            .run(Filtered.class, TwoHosts.HERE);
    assertTransitions(result.recording(), sockets(result), s -> s.port() == 7001);
    List<String> warnings =
        result.err().lines().filter(line -> line.contains("not valid")).toList();
    assertEquals(2, warnings.size(), result.err());
    assertTrue(
        warnings.stream()
            .anyMatch(
                line ->
                    line.contains("StateChange#localPorts=http")
                        && line.contains("ports from 1 to 65535 and ranges such as 80;8080-8090")),
        result.err());
    assertTrue(
        warnings.stream()
            .anyMatch(line -> line.contains("StateChange#family=5") && line.contains("4, 6")),
        result.err());
  }
}
