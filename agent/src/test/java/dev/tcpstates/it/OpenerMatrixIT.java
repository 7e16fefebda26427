// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.openers.Matrix;
import dev.tcpstates.it.workload.Inheritor;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way a JVM opens a socket: each row of the matrix opens and closes its sockets, and each of
 * these must have its whole life, its kind, and its opener. See {@link ExpectedSockets}.
 */
class OpenerMatrixIT {
  @TempDir static Path shared;
  private static MatrixJvm matrix;

  @BeforeAll
  static void startServers() throws Exception {
    KernelTier.require();
    matrix = MatrixJvm.start(shared);
  }

  @AfterAll
  static void stopServers() {
    if (matrix != null) {
      matrix.close();
    }
  }

  @OnEachJdk
  void matrix(Jdk jdk, @TempDir Path directory) throws Exception {
    AgentJvm.Result result = matrix.on(jdk, directory).run(Matrix.class).ok();
    List<String> lines = result.err().lines().filter(l -> l.startsWith("tcpstates-agent")).toList();
    assertEquals(1, lines.size(), () -> "lines of the agent: " + lines);

    MatrixRows rows = MatrixRows.read(result.recording());
    String table = print(rows, jdk);
    assertEquals("", String.join("\n", ExpectedSockets.check(rows, jdk)), table);
  }

  /** The row that needs a JVM of its own: it is started with the socket. */
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("inheritances")
  void inheritedChannel(Jdk jdk, String what, @TempDir Path directory) throws Exception {
    KernelTier.requireTools("perl");
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .record()
            .under("perl", "-e", InheritedIT.LAUNCHER, what, "0")
            .jvm("--add-opens=java.base/java.io=ALL-UNNAMED");
    try (AgentJvm.Running running = jvm.start(Inheritor.class, "0", "1")) {
      int port = Integer.parseInt(running.awaitLine("port "));
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      MatrixRows rows =
          MatrixRows.single("System.inheritedChannel", running.await().ok().recording());
      String table = print(rows, jdk);
      Map<String, String> openers = new TreeMap<>();
      for (MatrixRows.Socket socket : rows.rows().get(0).sockets()) {
        assertEquals("main", socket.thread(), table);
        openers.put(socket.kind(), socket.timeline().openedBy().replaceFirst(":\\d+$", ""));
      }
      String main = Inheritor.class.getName() + ".main";
      assertEquals(
          what.equals("peer") ? Map.of("ACCEPT", main) : Map.of("ACCEPT", main, "LISTEN", main),
          openers,
          table);
    }
  }

  static Stream<Arguments> inheritances() {
    return Jdk.all().stream()
        .flatMap(jdk -> Stream.of(Arguments.of(jdk, "listener"), Arguments.of(jdk, "peer")));
  }

  private static String print(MatrixRows rows, Jdk jdk) {
    String table = rows.table();
    System.out.println("\n" + jdk + "\n" + table);
    return table;
  }
}
