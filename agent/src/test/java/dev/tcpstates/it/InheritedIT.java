// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.ACCEPTED;
import static dev.tcpstates.it.Story.BEFORE_THE_AGENT;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.workload.Inheritor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sockets that another process opened and handed over, as systemd and inetd do. */
class InheritedIT {
  private static final int CONNECTIONS = 3;

  /**
   * Listens, prints the port, waits for the first connection, and becomes the JVM: with the
   * listener as descriptor 3 or 0, or with the connection as descriptor 0.
   */
  static final String LAUNCHER =
      """
      use strict;
      use Socket;
      use POSIX ();
      my ($what, $fd) = splice(@ARGV, 0, 2);
      $^F = 255;
      socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
      bind($server, sockaddr_in(0, INADDR_LOOPBACK)) or die "bind: $!";
      listen($server, 50) or die "listen: $!";
      my ($port) = sockaddr_in(getsockname($server));
      syswrite(STDOUT, "port $port\\n");
      my $ready = '';
      vec($ready, fileno($server), 1) = 1;
      select($ready, undef, undef, 60) or die 'nobody came';
      my $handed = $server;
      if ($what eq 'peer') {
        accept($handed = undef, $server) or die "accept: $!";
      }
      POSIX::dup2(fileno($handed), $fd) or die "dup2: $!";
      for my $other ($server, $handed) {
        POSIX::close(fileno($other)) if fileno($other) != $fd;
      }
      $ENV{LISTEN_FDS} = 1;
      $ENV{LISTEN_PID} = $$;
      exec(@ARGV) or die "exec: $!";
      """;

  @TempDir private Path directory;

  static Stream<Arguments> ways() {
    return Jdk.all().stream()
        .flatMap(
            jdk ->
                Stream.of(
                    Arguments.of(jdk, "listener", "3"),
                    Arguments.of(jdk, "listener", "0"),
                    Arguments.of(jdk, "peer", "0")));
  }

  @BeforeEach
  void require() throws IOException {
    KernelTier.require();
    KernelTier.requireTools("perl");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}, {1} as descriptor {2}")
  @MethodSource("ways")
  void whatIsHandedOverIsAdopted(Jdk jdk, String what, String fd) throws Exception {
    int connections = what.equals("peer") ? 1 : CONNECTIONS;
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .record()
            .under("perl", "-e", LAUNCHER, what, fd)
            .jvm("--add-opens=java.base/java.io=ALL-UNNAMED")
            .jvm("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
    try (AgentJvm.Running running = jvm.start(Inheritor.class, fd, Integer.toString(connections))) {
      int port = Integer.parseInt(running.awaitLine("port "));
      int first = connect(port);
      TreeMap<String, String> states = new TreeMap<>();
      TreeMap<String, String> openers = new TreeMap<>();
      // It waited in the accept queue, or was a connection already, when the agent came.
      states.put(name(port, first), ACCEPTED.substring(ACCEPTED.indexOf("CLOSE_WAIT")));
      openers.put(name(port, first), "Inheritor.main");
      for (int i = 1; i < connections; i++) {
        if (i == 1) {
          // For the agent to have come.
          awaitError(running, "inherited listener");
        }
        int next = connect(port);
        states.put(name(port, next), ACCEPTED);
        openers.put(name(port, next), "Inheritor.main");
      }
      if (what.equals("listener")) {
        states.put(name(port, 0), "LISTEN>CLOSE");
      }
      Story story = Story.read(running.await().ok().recording()).sound();
      assertEquals(states, story.states());
      assertEquals(BEFORE_THE_AGENT, story.listed().get(0).openedBy());
      Map<String, String> accepted = story.openers();
      accepted.remove(name(port, 0));
      assertEquals(openers, accepted);
    }
  }

  /** Connects and leaves at once; returns the port. */
  private static int connect(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.getLocalPort();
    }
  }

  private static void awaitError(AgentJvm.Running running, String line) throws Exception {
    Events.await(line, () -> Files.readAllLines(running.err()).contains(line));
  }
}
