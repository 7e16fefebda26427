// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.TimedShellJvm.Done;
import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long a connection was without data before its end: a pool keeps it, and the server does not.
 */
class IdleBeforeIT {
  /** The kernel notes these times in ticks, of 10 ms at most; twice, for there are two of them. */
  private static final long TICKS = TimeUnit.MILLISECONDS.toNanos(20);

  @TempDir private Path directory;

  @BeforeAll
  static void require() throws Exception {
    KernelTier.require();
  }

  /** From the last data to what ended the connection. */
  private static void assertIdle(Done data, Done end, Duration idle) {
    long least = end.before() - data.after() - TICKS;
    long most = end.after() - data.before() + TICKS;
    assertTrue(
        idle.toNanos() >= least && idle.toNanos() <= most,
        () -> least + " to " + most + " and not " + idle);
  }

  private static RecordedEvent received(List<RecordedEvent> resets, int localPort) {
    List<RecordedEvent> own =
        resets.stream()
            .filter(reset -> reset.getString("direction").equals("RECEIVED"))
            .filter(reset -> reset.getInt("localPort") == localPort)
            .toList();
    assertEquals(1, own.size(), own::toString);
    return own.get(0);
  }

  @OnEachJdk
  void endsAfterAPause(Jdk jdk) throws Exception {
    Path recording;
    Pair reset;
    Pair stale;
    Pair closed;
    Pair silent;
    Done request;
    Done answer;
    Done answered;
    Done ending;
    Done fin;
    Done close;
    Done write;
    Done silence;
    int refused;
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory).record())) {
      int port = shell.number("listen L 127.0.0.1 9");
      reset = Pair.connected(shell, "reset", "L", port);
      stale = Pair.connected(shell, "stale", "L", port);
      closed = Pair.connected(shell, "closed", "L", port);
      silent = Pair.connected(shell, "silent", "L", port);
      request = shell.run("send Creset 5");
      shell.run("receive Sreset 5");
      answer = shell.run("send Sstale 5");
      shell.run("receive Cstale 5");
      answered = shell.run("send Cclosed 5");
      shell.run("receive Sclosed 5");
      shell.run("sleep 1500");
      ending = shell.run("reset Sreset");
      fin = shell.run("close Sstale"); // the pool does not notice
      close = shell.run("close Cclosed");
      shell.run("eof Sclosed");
      shell.run("close Sclosed");
      silence = shell.run("reset Ssilent");
      shell.run("sleep 700");
      write = shell.run("send Cstale 5");
      shell.run("sleep 50");
      for (String name : List.of("reset", "stale", "silent")) {
        shell.run("close C" + name);
      }
      shell.run("close L");
      refused = shell.number("bind C");
      assertEquals("ConnectException", shell.run("connect C 127.0.0.1 " + port).result());
      recording = shell.exit().recording();
    }
    Connections connections = Connections.read(recording);
    List<RecordedEvent> resets = Events.of(recording, "Reset");

    ConnectionInfo client = connections.client(reset);
    assertEquals(ConnectionEnd.RESET_BY_REMOTE, client.end());
    assertIdle(request, ending, client.idleBefore());
    assertIdle(request, ending, connections.server(reset).idleBefore());
    assertIdle(request, ending, received(resets, reset.clientPort()).getDuration("idleBefore"));

    ConnectionInfo pooled = connections.client(stale);
    assertEquals("EPIPE", pooled.reason());
    assertIdle(answer, fin, pooled.idleBefore());
    assertIdle(answer, write, received(resets, stale.clientPort()).getDuration("idleBefore"));

    assertIdle(answered, close, connections.client(closed).idleBefore());
    assertIdle(answered, close, connections.server(closed).idleBefore());
    // Without any data, from the handshake on.
    assertIdle(silent.connect(), silence, connections.client(silent).idleBefore());
    assertEquals(null, connections.of(refused, reset.serverPort()).idleBefore());
    assertEquals(null, connections.of(refused, reset.serverPort()).handshakeTime());
    assertEquals(null, connections.of(refused, reset.serverPort()).smoothedRtt());
    assertEquals(null, client.acceptQueueWait());
  }
}
