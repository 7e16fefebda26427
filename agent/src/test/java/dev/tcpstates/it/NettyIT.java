// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tcpstates.it.openers.HiddenHooks;
import dev.tcpstates.it.openers.NettyTwice;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/** The hooks in Netty's native transports; that they are there at all, the matrix shows. */
@NeedsBpf
class NettyIT {
  private static final int SOCKETS = 5;

  @TempDir private Path directory;

  @OnEachJdk
  void anAgentThatComesLaterFindsTheLoadedClasses(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory).withoutAgent().classPath(Libraries.classPath()).record();
    try (AgentJvm.Running running = jvm.start(NettyTwice.class)) {
      running.awaitLine("once");
      Tool.agent(jdk, "attach", Long.toString(running.process().pid())).ok();
      running.send("");
      MatrixRows rows = MatrixRows.single("Netty", running.await().ok().recording());
      Map<String, Integer> kinds = new TreeMap<>();
      for (MatrixRows.Socket socket : rows.rows().get(0).sockets()) {
        kinds.merge(socket.kind(), 1, Integer::sum);
      }
      assertEquals(Map.of("ACCEPT", 2, "CONNECT", 2, "LISTEN", 1), kinds, rows.table());
    }
  }

  @OnEachJdk
  void aClassLoaderThatHidesTheHooksIsNotHarmed(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .classPath(Libraries.classPath())
            .record()
            .run(HiddenHooks.class, "Netty, epoll")
            .ok();
    MatrixRows rows = MatrixRows.read(result.recording());
    MatrixRows.Row row = rows.rows().get(0);
    assertNull(row.failure());
    assertNull(row.unavailable());
    assertEquals(SOCKETS, row.sockets().size(), rows.table());
    for (MatrixRows.Socket socket : row.sockets()) {
      assertEquals(
          "unknown: opened by no method that is hooked",
          socket.timeline().openedBy(),
          rows.table());
    }
  }
}
