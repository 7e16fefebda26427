// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Connection events against bcc's {@code tcplife} of Debian's libbpf-tools, on the same connections
 * at the same time. It begins a connection at ESTABLISHED, counts what was acknowledged (with SYN
 * and FIN), and rounds to hundredths.
 *
 * <p>bcc's {@code tcptop} is no witness here: it needs kprobes, which not every kernel has.
 */
@Isolated("bcc sees the whole machine")
class TcpLifeIT {
  private static final int CONNECTIONS = 12;

  /** What the client sends for each byte that it gets. */
  private static final int PIECE = 20_011;

  /** A hundredth of a KB, either way, and the SYN and the FIN. */
  private static final double BYTES_WITHIN = 1024 * 0.005 + 2;

  /** What may come in between two programs at the same tracepoint. */
  private static final double MILLIS_WITHIN = 10;

  @TempDir private Path directory;

  /** A row of tcplife. */
  private record Row(double sentKb, double receivedKb, double millis) {}

  @OnEachJdk
  void sameBytesAndTimes(Jdk jdk) throws Exception {
    KernelTier.require();
    KernelTier.requireTools("tcplife", "timeout", "stdbuf", "kill");
    Path rows = directory.resolve("tcplife.txt");
    Map<Pair, Integer> pairs = new LinkedHashMap<>();
    Path recording;
    Process timeout =
        new ProcessBuilder("timeout", "-s", "INT", "100", "stdbuf", "-oL", "tcplife", "-w")
            .redirectOutput(rows.toFile())
            .redirectError(directory.resolve("tcplife.err").toFile())
            .start();
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory).record())) {
      Events.await("tcplife", () -> read(rows).contains("\n"));
      int port = shell.number("listen L 127.0.0.1 9");
      for (int i = 0; i < CONNECTIONS; i++) {
        Pair pair = Pair.connected(shell, "", "L", port);
        int bytes = i * PIECE;
        assertEquals(bytes, shell.number("transfer C S " + bytes));
        assertEquals(i, shell.number("transfer S C " + i));
        shell.run("sleep " + (i + 1) * 10);
        shell.run("close C");
        shell.run("eof S");
        shell.run("close S");
        shell.run("ended " + port);
        pairs.put(pair, bytes);
      }
      shell.run("close L");
      recording = shell.exit().recording();
      Thread.sleep(500); // it looks into its buffers every 100 ms
    } finally {
      new ProcessBuilder("kill", "-INT", Long.toString(timeout.pid())).start().waitFor();
      if (!timeout.waitFor(20, TimeUnit.SECONDS)) {
        timeout.destroyForcibly();
      }
    }

    Connections connections = Connections.read(recording);
    assertEquals(2 * CONNECTIONS, connections.all().size());
    String out = read(rows);
    int found = 0;
    for (Pair pair : pairs.keySet()) {
      ConnectionInfo client = connections.client(pair);
      ConnectionInfo server = connections.server(pair);
      // To the byte, where tcplife has kilobytes.
      long there = pairs.get(pair);
      long back = there / PIECE;
      assertEquals(List.of(there, back), List.of(client.bytesSent(), client.bytesReceived()));
      assertEquals(List.of(back, there), List.of(server.bytesSent(), server.bytesReceived()));
      found += assertSame(row(out, pair.clientPort(), pair.serverPort()), client);
      found += assertSame(row(out, pair.serverPort(), pair.clientPort()), server);
    }
    System.out.println(jdk + ": tcplife saw " + found + " of " + 2 * CONNECTIONS);
    assertTrue(found >= CONNECTIONS, "tcplife saw " + found);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * {@code null} if its program was kept from running. By the last words of a row, for the first is
   * a task's name and may be several.
   */
  private static Row row(String out, int localPort, int port) {
    List<String[]> found =
        out.lines()
            .map(line -> line.strip().split("\\s+"))
            .filter(words -> words.length >= 9)
            .map(words -> Arrays.copyOfRange(words, words.length - 6, words.length))
            .filter(words -> words[0].equals("" + localPort) && words[2].equals("" + port))
            .toList();
    assertTrue(found.size() <= 1, () -> localPort + " " + port + " in " + out);
    if (found.isEmpty()) {
      return null;
    }
    String[] words = found.get(0);
    return new Row(
        Double.parseDouble(words[3]), Double.parseDouble(words[4]), Double.parseDouble(words[5]));
  }

  private static int assertSame(Row row, ConnectionInfo connection) {
    if (row == null) {
      return 0;
    }
    assertEquals(row.sentKb * 1024, connection.bytesSent(), BYTES_WITHIN);
    assertEquals(row.receivedKb * 1024, connection.bytesReceived(), BYTES_WITHIN);
    Duration life =
        Duration.between(connection.startTime(), connection.endTime())
            .minus(connection.handshakeTime());
    assertEquals(row.millis, life.toNanos() / 1e6, MILLIS_WITHIN);
    return 1;
  }
}
