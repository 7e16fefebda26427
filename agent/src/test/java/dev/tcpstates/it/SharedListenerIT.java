// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.ACCEPTED;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Sharer;
import dev.tcpstates.jfr.ConnectionInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A listener that another process has, too, and accepts from: its connections are not this JVM's.
 */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
class SharedListenerIT {
  /** What the other process does with the listener, a command a line from a named pipe. */
  private static final String OTHER =
      """
      alarm 120;
      my @kept;
      while (open(my $commands, '<', $fifo)) {
        while (my $command = <$commands>) {
          chomp $command;
          exit 0 if $command eq 'end';
          accept(my $peer, $server) or die "accept: $!";
          my $port = unpack('n', substr(getpeername($peer), 2, 2));
          syswrite(STDOUT, "other accepted $port\\n");
          if ($command eq 'serve') {
            sysread($peer, my $bytes, 10);
            close($peer);
          } elsif ($command eq 'first') {
            close($peer);
          } else {
            push @kept, $peer;
          }
          syswrite(STDOUT, "other served $port\\n");
        }
      }
      """;

  /** Listens, forks the other process, and becomes the JVM with the listener as descriptor 0. */
  private static final String LAUNCHER =
      """
      use strict;
      use Socket;
      use POSIX ();
      my $fifo = shift @ARGV;
      $^F = 255;
      POSIX::mkfifo($fifo, 0600) or die "mkfifo: $!";
      socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
      bind($server, sockaddr_in(0, INADDR_LOOPBACK)) or die "bind: $!";
      listen($server, 50) or die "listen: $!";
      my ($port) = sockaddr_in(getsockname($server));
      syswrite(STDOUT, "port $port\\n");
      if (!fork()) {
      %s
      }
      POSIX::dup2(fileno($server), 0) or die "dup2: $!";
      POSIX::close(fileno($server));
      exec(@ARGV) or die "exec: $!";
      """;

  /** Takes a copy of a process's listener at a port, as if that had passed it on. */
  private static final String TAKER =
      """
      use strict;
      use Socket;
      use POSIX ();
      my ($fifo, $pid, $port) = @ARGV;
      POSIX::mkfifo($fifo, 0600) or die "mkfifo: $!";
      my $process = syscall(434, $pid + 0, 0); # pidfd_open
      die "pidfd_open: $!" if $process < 0;
      my $server;
      for my $fd (map { m{/(\\d+)$} } glob("/proc/$pid/fd/*")) {
        my $copy = syscall(438, $process, $fd + 0, 0); # pidfd_getfd
        next if $copy < 0;
        open(my $file, '+<&=', $copy) or die "open: $!";
        my $listens = getsockopt($file, SOL_SOCKET, SO_ACCEPTCONN);
        my $name = $listens && unpack('i', $listens) ? getsockname($file) : '';
        if (length $name > 3 && unpack('n', substr($name, 2, 2)) == $port) {
          $server = $file;
          last;
        }
      }
      die 'no listener' if !$server;
      syswrite(STDOUT, "other has it\\n");
      %s
      """;

  private static final int CONNECTIONS = 40;

  @TempDir private Path directory;

  private AgentJvm.Running running;
  private Path fifo;
  private Socket control;

  @BeforeEach
  void require() throws IOException {
    KernelTier.require();
    KernelTier.requireTools("perl");
  }

  private int connect(Socket client) throws IOException {
    return client.getLocalPort();
  }

  private Socket client(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** The other process accepts a connection; returns when it has. */
  private void other(String command, int clientPort) throws Exception {
    Files.writeString(fifo, command + "\n");
    running.awaitLine("other accepted " + clientPort);
  }

  private void served(int clientPort) throws Exception {
    running.awaitLine("other served " + clientPort);
  }

  /** This JVM accepts a connection and reads it to its end. */
  private void here(Socket client) throws IOException {
    client.shutdownOutput();
    control.getOutputStream().write("serve\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals('\n', control.getInputStream().read());
  }

  @OnEachJdk
  void inherited(Jdk jdk) throws Exception {
    fifo = directory.resolve("commands");
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .options("stuckAfter=500ms")
            .record("+tcpstates.StateCount#period=200ms,+tcpstates.StuckSocket#period=200ms")
            .under("perl", "-e", LAUNCHER.formatted(OTHER), fifo.toString());
    Map<String, String> expected = new TreeMap<>();
    int kept;
    int queued;
    Path recording;
    try (AgentJvm.Running started = jvm.start(Sharer.class)) {
      running = started;
      int port = Integer.parseInt(running.awaitLine("port "));
      control = client(Integer.parseInt(running.awaitLine("control ")));
      for (int i = 0; i < 3; i++) {
        try (Socket client = client(port)) {
          other("serve", connect(client));
          client.close();
          served(connect(client));
        }
        try (Socket client = client(port)) {
          other("first", connect(client));
          assertEquals(-1, client.getInputStream().read());
        }
        try (Socket client = client(port)) {
          other("serve", connect(client));
          client.setSoLinger(true, 0); // a reset
        }
        try (Socket client = client(port)) {
          expected.put(name(port, connect(client)), ACCEPTED);
          here(client);
        }
      }
      try (Socket open = client(port);
          Socket waiting = client(port)) {
        kept = connect(open);
        other("keep", kept);
        queued = connect(waiting);
        expected.put(name(port, queued), "LISTEN>SYN_RECV>ESTABLISHED");
        Thread.sleep(2_000); // longer than it takes to be stuck
        control.close();
        recording = running.await().ok().recording();
      }
      Files.writeString(fifo, "end\n");
      Story story = Story.read(recording).sound();
      assertEquals(expected, statesAt(port, story));
      List<String> ended =
          story.recording().connections().stream()
              .filter(connection -> connection.localPort() == port)
              .map(ConnectionInfo::port)
              .map(remote -> name(port, remote))
              .sorted()
              .toList();
      expected.remove(name(port, queued));
      assertEquals(List.copyOf(expected.keySet()), ended);
      List<RecordedEvent> stuck = Events.of(recording, "StuckSocket");
      assertTrue(stuck.stream().anyMatch(event -> event.getInt("port") == queued));
      assertTrue(stuck.stream().noneMatch(event -> event.getInt("port") == kept));
      List<RecordedEvent> counts = Events.of(recording, "StateCount");
      // The connection in the queue, and the control connection.
      assertEquals(2, counts.get(counts.size() - 2).getLong("inEstablished"));
    }
  }

  /** The first connection that the other process closes shows that it has the listener. */
  @OnEachJdk
  void passedOn(Jdk jdk) throws Exception {
    fifo = directory.resolve("commands");
    Map<String, String> expected = new TreeMap<>();
    int first;
    int port;
    Path recording;
    Process taker = null;
    try (AgentJvm.Running jvm = new AgentJvm(jdk, directory).record().start(Sharer.class, "open")) {
      port = Integer.parseInt(jvm.awaitLine("port "));
      control = client(Integer.parseInt(jvm.awaitLine("control ")));
      taker =
          new ProcessBuilder(
                  "perl",
                  "-e",
                  TAKER.formatted(OTHER),
                  fifo.toString(),
                  "" + jvm.process().pid(),
                  "" + port)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      assertEquals("other has it", taker.inputReader().readLine());
      try (Socket client = client(port)) {
        expected.put(name(port, client.getLocalPort()), ACCEPTED);
        here(client);
      }
      first = takenAndClosed(taker, port);
      expected.put(name(port, first), "LISTEN>SYN_RECV>ESTABLISHED");
      for (int i = 0; i < 3; i++) {
        takenAndClosed(taker, port);
        try (Socket client = client(port)) {
          expected.put(name(port, client.getLocalPort()), ACCEPTED);
          here(client);
        }
      }
      control.close();
      recording = jvm.await().ok().recording();
      Files.writeString(fifo, "end\n");
      assertTrue(taker.waitFor(60, TimeUnit.SECONDS));
    } finally {
      if (taker != null) {
        taker.destroyForcibly();
      }
    }
    assertEquals(expected, statesAt(port, Story.read(recording).sound()));
  }

  /** The other process accepts a connection and closes it first; returns the client's port. */
  private int takenAndClosed(Process taker, int port) throws IOException {
    try (Socket client = client(port)) {
      Files.writeString(fifo, "first\n");
      assertEquals("other accepted " + client.getLocalPort(), taker.inputReader().readLine());
      assertEquals("other served " + client.getLocalPort(), taker.inputReader().readLine());
      assertEquals(-1, client.getInputStream().read());
      return client.getLocalPort();
    }
  }

  private static Map<String, String> statesAt(int port, Story story) {
    Map<String, String> states = new TreeMap<>(story.states());
    states.keySet().removeIf(name -> !name.startsWith(port + ">"));
    return states;
  }

  /** Listeners of their own at the same port: each connection is of one of them from the start. */
  @OnEachJdk
  void samePortButNotShared(Jdk jdk) throws Exception {
    Map<String, String> expected = new TreeMap<>();
    int port;
    Path recording;
    try (AgentJvm.Running jvm =
            new AgentJvm(jdk, directory).record().start(Sharer.class, "reuseport");
        ServerSocketChannel sibling = ServerSocketChannel.open()) {
      port = Integer.parseInt(jvm.awaitLine("port "));
      control = client(Integer.parseInt(jvm.awaitLine("control ")));
      sibling.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      sibling.bind(new InetSocketAddress("127.0.0.1", port)).configureBlocking(false);
      for (int i = 0; i < CONNECTIONS; i++) {
        try (Socket client = client(port)) {
          expected.put(name(port, client.getLocalPort()), ACCEPTED);
        }
      }
      control.getOutputStream().write("drain\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals('\n', control.getInputStream().read());
      control.close();
      recording = jvm.await().ok().recording();
      for (SocketChannel next = sibling.accept(); next != null; next = sibling.accept()) {
        expected.remove(name(port, next.socket().getPort()));
        next.close();
      }
    }
    assertTrue(!expected.isEmpty() && expected.size() < CONNECTIONS, expected::toString);
    assertEquals(expected, statesAt(port, Story.read(recording).sound()));
  }
}
