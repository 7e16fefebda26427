// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.openers.NettyConnects;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each errno that a connect can meet, in the table of jfr-events/README.md. Some fail in the system
 * call, before any transition or with one that has no error.
 */
class ConnectErrorsIT {
  private static final String PROHIBITED = "198.51.100.7";
  private static final String UNREACHABLE = "198.51.101.7";
  private static final String BLACKHOLE = "198.51.102.7";
  private static final String NO_ROUTE = "192.0.2.7";
  private static final String NOBODY = "10.201.0.77";
  private static final int PORT = 8080;

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  /** A recording JVM on this side of the network. */
  private TimedShellJvm shell(Jdk jdk, String folder) throws Exception {
    return TimedShellJvm.start(
        new AgentJvm(jdk, Files.createDirectories(directory.resolve(folder)))
            .under(hosts.at("here"))
            .record());
  }

  private static String end(ConnectionInfo connection) {
    return connection.end() + " " + connection.reason();
  }

  @OnEachJdk
  void eachErrorHasItsEnd(Jdk jdk) throws Exception {
    hosts.run("here", "ip", "route", "add", "prohibit", "198.51.100.0/24");
    hosts.run("here", "ip", "route", "add", "unreachable", "198.51.101.0/24");
    hosts.run("here", "ip", "route", "add", "blackhole", "198.51.102.0/24");
    Map<String, String> thrown = new TreeMap<>();
    Path recording;
    try (TimedShellJvm shell = shell(jdk, "all")) {
      for (String to : new String[] {PROHIBITED, UNREACHABLE, BLACKHOLE, NO_ROUTE, NOBODY}) {
        thrown.put(to, attempt(shell, to, PORT));
      }
      thrown.put(TwoHosts.THERE, attempt(shell, TwoHosts.THERE, PORT)); // nobody listens
      hosts.sysctl("here", "tcp_syn_retries", 1);
      hosts.loseAt("there", 1);
      thrown.put(TwoHosts.THERE + " lost", attempt(shell, TwoHosts.THERE, PORT + 1));
      recording = shell.exit().recording();
    }
    TcpRecording read = Recorded.read(recording);
    Map<String, String> ends = new TreeMap<>();
    for (ConnectionInfo connection : read.connections()) {
      String lost = connection.port() == PORT ? "" : " lost";
      assertNull(ends.put(connection.address() + lost, end(connection)), connection::toString);
      assertEquals(SocketKind.CONNECT, connection.kind());
      assertFalse(connection.established());
      assertNull(connection.handshakeTime());
      assertTrue(connection.openedBy().contains("TimedShell.connect:"), connection::toString);
    }
    Map<String, String> expected = new TreeMap<>();
    expected.put(PROHIBITED, "DENIED EACCES");
    expected.put(UNREACHABLE, "UNREACHABLE EHOSTUNREACH");
    expected.put(BLACKHOLE, "ERROR EINVAL");
    expected.put(NO_ROUTE, "UNREACHABLE ENETUNREACH");
    expected.put(NOBODY, "UNREACHABLE EHOSTUNREACH");
    expected.put(TwoHosts.THERE, "REFUSED ECONNREFUSED");
    expected.put(TwoHosts.THERE + " lost", "TIMEOUT ETIMEDOUT");
    assertEquals(expected, ends);
    thrown.forEach((to, exception) -> assertTrue(exception.endsWith("Exception"), to + exception));

    // A rule counts each of them, and the recording is complete.
    Tool check = Tool.agent(jdk, "check", "--max-failures", "6", recording.toString());
    assertEquals(1, check.exit(), check::out);
    assertTrue(check.out().contains("7 failed connections"), check::out);
    Tool.agent(jdk, "check", "--max-failures", "7", recording.toString()).ok();
  }

  /** Netty's transport by epoll, whose connects pass the JDK; and by the JDK's channels. */
  @OnEachJdk
  void eachErrorOfNetty(Jdk jdk) throws Exception {
    hosts.run("here", "ip", "route", "add", "prohibit", "198.51.100.0/24");
    hosts.run("here", "ip", "route", "add", "unreachable", "198.51.101.0/24");
    hosts.run("here", "ip", "route", "add", "blackhole", "198.51.102.0/24");
    hosts.sysctl("here", "tcp_syn_retries", 2); // 7 s: ARP fails earlier
    hosts.run("here", "nft", "add table inet t");
    hosts.run("here", "nft", "add chain inet t out { type filter hook output priority 0; }");
    hosts.run("here", "nft", "add rule inet t out tcp dport 8081 drop");
    Map<String, String> atOnce = new TreeMap<>();
    atOnce.put(PROHIBITED + ":8080", "DENIED EACCES");
    atOnce.put(UNREACHABLE + ":8080", "UNREACHABLE EHOSTUNREACH");
    atOnce.put(BLACKHOLE + ":8080", "ERROR EINVAL");
    atOnce.put(NO_ROUTE + ":8080", "UNREACHABLE ENETUNREACH");
    Map<String, String> later = new TreeMap<>();
    later.put(NOBODY + ":8080", "UNREACHABLE EHOSTUNREACH");
    later.put(TwoHosts.THERE + ":8080", "REFUSED ECONNREFUSED");
    later.put(TwoHosts.THERE + ":8081", "TIMEOUT ETIMEDOUT");
    Map<String, String> all = new TreeMap<>(atOnce);
    all.putAll(later);
    assertEquals(all, endsOfNetty(jdk, "nio", hosts.at("here"), all.keySet()));
    assertEquals(all, endsOfNetty(jdk, "epoll", hosts.at("here"), all.keySet()));
    // What io_uring fails at once, the kernel shows by no transition and no hook sees.
    Map<String, String> uring = endsOfNetty(jdk, "io_uring", hosts.at("here"), all.keySet());
    assertTrue(uring == null || uring.equals(later), () -> "" + uring);
  }

  @OnEachJdk
  void noLocalPortIsLeftForNetty(Jdk jdk) throws Exception {
    hosts.run("here", "sh", "-c", "echo 50000 50001 >/proc/sys/net/ipv4/ip_local_port_range");
    AgentJvm there =
        new AgentJvm(jdk, Files.createDirectories(directory.resolve("there")))
            .under(hosts.at("there"))
            .withoutAgent();
    try (TimedShellJvm server = TimedShellJvm.start(there);
        TimedShellJvm holder =
            TimedShellJvm.start(
                new AgentJvm(jdk, Files.createDirectories(directory.resolve("holder")))
                    .under(hosts.at("here"))
                    .withoutAgent())) {
      int port = server.number("listen L " + TwoHosts.THERE + " 9");
      for (int i = 0; i < 2; i++) {
        holder.run("create C" + i);
        holder.run("connect C" + i + " " + TwoHosts.THERE + " " + port);
      }
      String to = TwoHosts.THERE + ":" + port;
      for (String transport : List.of("nio", "epoll")) {
        assertEquals(
            Map.of(to, "NO_LOCAL_PORT EADDRNOTAVAIL"),
            endsOfNetty(jdk, transport, hosts.at("here"), Set.of(to)));
      }
    }
  }

  /** How each of Netty's connects ended; null if this kernel has not got the transport. */
  private Map<String, String> endsOfNetty(Jdk jdk, String transport, String[] under, Set<String> to)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of(transport));
    arguments.addAll(to);
    AgentJvm.Result result =
        new AgentJvm(jdk, Files.createDirectories(directory.resolve(transport)))
            .under(under)
            .classPath(Libraries.classPath())
            .record()
            .run(NettyConnects.class, arguments.toArray(String[]::new))
            .ok();
    if (result.out().equals("unavailable\n")) {
      return null;
    }
    assertEquals(to.size(), result.out().lines().count(), result::out);
    assertFalse(result.out().contains(" null\n"), result::out);
    Map<String, String> ends = new TreeMap<>();
    for (ConnectionInfo connection : Recorded.read(result.recording()).connections()) {
      String remote = connection.address() + ":" + connection.port();
      assertNull(ends.put(remote, end(connection)), connection::toString);
      assertEquals(SocketKind.CONNECT, connection.kind());
      assertFalse(connection.established());
      assertTrue(connection.openedBy().contains("NettyConnects.connect:"), connection::toString);
    }
    return ends;
  }

  /**
   * What the kernel of this machine can't be made to return, such as what a policy refuses, is
   * returned by a library in front of it. These connects have no transition.
   */
  @OnEachJdk
  void whateverTheCallReturns(Jdk jdk) throws Exception {
    int first = 20_000;
    Map<Integer, String> expected = new TreeMap<>();
    expected.put(first + 1, "DENIED EPERM");
    expected.put(first + 13, "DENIED EACCES");
    expected.put(first + 22, "ERROR EINVAL");
    expected.put(first + 98, "NO_LOCAL_PORT EADDRINUSE");
    expected.put(first + 99, "NO_LOCAL_PORT EADDRNOTAVAIL");
    expected.put(first + 101, "UNREACHABLE ENETUNREACH");
    expected.put(first + 104, "RESET_BY_REMOTE ECONNRESET");
    expected.put(first + 105, "ERROR ENOBUFS");
    expected.put(first + 110, "TIMEOUT ETIMEDOUT");
    expected.put(first + 111, "REFUSED ECONNREFUSED");
    expected.put(first + 113, "UNREACHABLE EHOSTUNREACH");
    Path recording;
    AgentJvm jvm = new AgentJvm(jdk, Files.createDirectories(directory.resolve("refused")));
    try (TimedShellJvm shell =
        TimedShellJvm.start(
            new RefusedCalls(directory)
                .refuseConnects(jvm, first)
                .under(hosts.at("here"))
                .record())) {
      for (int port : expected.keySet()) {
        String result = attempt(shell, TwoHosts.THERE, port);
        assertTrue(result.endsWith("Exception"), () -> port + ": " + result);
      }
      recording = shell.exit().recording();
    }
    TcpRecording read = Recorded.read(recording);
    Map<Integer, String> ends = new TreeMap<>();
    for (ConnectionInfo connection : read.connections()) {
      assertNull(ends.put(connection.port(), end(connection)), connection::toString);
      assertEquals(TwoHosts.THERE, connection.address());
      assertTrue(connection.openedBy().contains("TimedShell.connect:"), connection::toString);
    }
    assertEquals(expected, ends);
    assertEquals(List.of(), read.timelines());
  }

  /** A firewall on this host never fails the call itself. */
  @OnEachJdk
  void whatAFirewallDoes(Jdk jdk) throws Exception {
    hosts.sysctl("here", "tcp_syn_retries", 1);
    hosts.run("here", "nft", "add table inet t");
    hosts.run("here", "nft", "add chain inet t out { type filter hook output priority 0; }");
    hosts.run("here", "nft", "add rule inet t out tcp dport 8081 drop");
    hosts.run("here", "nft", "add rule inet t out tcp dport 8082 reject with tcp reset");
    hosts.run(
        "here",
        "nft",
        "add rule inet t out tcp dport 8083 reject with icmpx type admin-prohibited");
    Map<Integer, String> expected = new TreeMap<>();
    expected.put(8081, "TIMEOUT ETIMEDOUT");
    expected.put(8082, "REFUSED ECONNREFUSED");
    expected.put(8083, "UNREACHABLE EHOSTUNREACH");
    Path recording;
    try (TimedShellJvm shell = shell(jdk, "firewall")) {
      for (int port : expected.keySet()) {
        String result = attempt(shell, TwoHosts.THERE, port);
        assertTrue(result.endsWith("Exception"), () -> port + ": " + result);
      }
      recording = shell.exit().recording();
    }
    Map<Integer, String> ends = new TreeMap<>();
    for (ConnectionInfo connection : Recorded.read(recording).connections()) {
      assertNull(ends.put(connection.port(), end(connection)), connection::toString);
    }
    assertEquals(expected, ends);
  }

  /** Established, and reset before the application has asked how the connect ended. */
  @OnEachJdk
  void aConnectThatIsReset(Jdk jdk) throws Exception {
    Path recording;
    int port;
    try (TimedShellJvm shell = shell(jdk, "reset")) {
      port = shell.number("listen L " + TwoHosts.HERE + " 9");
      shell.run("knock K " + TwoHosts.HERE + " " + port);
      shell.run("accept A L");
      shell.run("reset A");
      assertTrue(shell.run("finish K").result().endsWith("Exception"));
      shell.run("close K");
      recording = shell.exit().recording();
    }
    List<String> ends =
        Recorded.read(recording).connections().stream()
            .filter(connection -> connection.port() == port)
            .map(ConnectErrorsIT::end)
            .toList();
    assertEquals(List.of("RESET_BY_REMOTE ECONNRESET"), ends);
  }

  /** There is no socket then, and so no event; what was opened before is recorded. */
  @OnEachJdk
  void noDescriptorIsLeft(Jdk jdk) throws Exception {
    Path recording;
    int port;
    int connected = 0;
    try (TimedShellJvm shell =
        TimedShellJvm.start(
            new AgentJvm(jdk, Files.createDirectories(directory.resolve("full")))
                .under(concat(new String[] {"prlimit", "--nofile=256:256"}, hosts.at("here")))
                .record())) {
      port = shell.number("listen L " + TwoHosts.HERE + " 400");
      String result = "connected";
      while (result.equals("connected")) {
        shell.run("create C" + connected);
        result = shell.run("connect C" + connected + " " + TwoHosts.HERE + " " + port).result();
        connected += result.equals("connected") ? 1 : 0;
      }
      assertEquals("SocketException", result);
      for (int i = 0; i < connected; i++) {
        shell.run("close C" + i);
      }
      recording = shell.exit().recording();
    }
    TcpRecording read = Recorded.read(recording);
    assertEquals(
        connected,
        read.connections().stream()
            .filter(connection -> connection.port() == port && connection.established())
            .count());
    assertTrue(
        read.connections().stream().allMatch(ConnectionInfo::established),
        read.connections()::toString);
  }

  private static String[] concat(String[] first, String[] second) {
    return Stream.concat(Stream.of(first), Stream.of(second)).toArray(String[]::new);
  }

  private static String attempt(TimedShellJvm shell, String to, int port) throws Exception {
    shell.run("create C");
    String result = shell.run("connect C " + to + " " + port).result();
    shell.run("close C");
    return result;
  }

  @OnEachJdk
  void noLocalPortIsLeft(Jdk jdk) throws Exception {
    hosts.run("here", "sh", "-c", "echo 50000 50001 >/proc/sys/net/ipv4/ip_local_port_range");
    Path recording;
    int away;
    int attempts = 4;
    int failed = 0;
    AgentJvm there =
        new AgentJvm(jdk, Files.createDirectories(directory.resolve("there")))
            .under(hosts.at("there"))
            .withoutAgent();
    try (TimedShellJvm server = TimedShellJvm.start(there);
        TimedShellJvm shell = shell(jdk, "here")) {
      away = server.number("listen L " + TwoHosts.THERE + " 9");
      for (int i = 0; i < attempts; i++) {
        shell.run("create C" + i);
        String result = shell.run("connect C" + i + " " + TwoHosts.THERE + " " + away).result();
        failed += result.equals("connected") ? 0 : 1;
      }
      // With a port of its own, which already has a connection to there.
      shell.run("share A 50010");
      shell.run("connect A " + TwoHosts.THERE + " " + away);
      shell.run("share B 50010");
      assertEquals("BindException", shell.run("connect B " + TwoHosts.THERE + " " + away).result());
      // And one that this side gives up, which has a port and no error.
      hosts.loseAt("there", 1);
      shell.run("knock K " + TwoHosts.THERE + " " + away);
      shell.run("sleep 100");
      recording = shell.exit().recording();
    }
    assertTrue(failed >= attempts - 2, () -> "of " + attempts);
    TcpRecording read = Recorded.read(recording);
    long exhausted =
        read.connections().stream()
            .filter(connection -> end(connection).equals("NO_LOCAL_PORT EADDRNOTAVAIL"))
            .count();
    assertEquals(failed + 2, exhausted, read.connections()::toString); // B, and K
  }

  /** What the user gives up is no failure of the machine. */
  @OnEachJdk
  void aConnectThatIsGivenUp(Jdk jdk) throws Exception {
    Path recording;
    try (TimedShellJvm shell = shell(jdk, "here")) {
      hosts.loseAt("there", 1);
      shell.run("create C");
      assertEquals(
          "SocketTimeoutException",
          shell.run("connect C " + TwoHosts.THERE + " " + PORT + " 300").result());
      recording = shell.exit().recording();
    }
    assertEquals(1, Recorded.read(recording).connections().size());
    ConnectionInfo only = Recorded.read(recording).connections().get(0);
    assertEquals("ABANDONED null", end(only));
    assertTrue(only.localPort() > 0, only::toString);
  }
}
