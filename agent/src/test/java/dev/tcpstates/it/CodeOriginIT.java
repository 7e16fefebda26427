// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Shop;
import dev.tcpstates.it.workload.ShopOnCommand;
import dev.tcpstates.jfr.SocketTimeline;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import unlisted.client.Client;

/** A library that is in no list of names is distinguished from the application by its jar. */
class CodeOriginIT {
  private static final String APP = Shop.class.getName();
  private static final String LIB = Client.class.getName();

  @OnEachJdk
  void jars(Jdk jdk, @TempDir Path directory) throws Exception {
    KernelTier.require();
    Path app = TestJar.of(directory.resolve("shop.jar"), Shop.class);
    Path lib = TestJar.of(directory.resolve("client.jar"), Client.class);
    AgentJvm.Result result =
        new AgentJvm(jdk, directory).classPath(app, lib).record().run(Shop.class).ok();
    List<String> openers =
        Recorded.read(result.recording()).timelines().stream()
            .map(SocketTimeline::openedBy)
            .map(text -> text.replaceAll(":\\d+", "").replaceAll("port \\d+", "port N"))
            .sorted()
            .toList();
    String accepted = "accepted at port N < " + APP + ".listen";
    assertEquals(
        List.of(
            accepted + " < " + APP + ".main",
            accepted + " < " + APP + ".main",
            APP + ".listen < " + APP + ".main",
            APP + ".main",
            LIB + ".connect < thread started by " + APP + ".main"),
        openers);
  }

  /** The agent that was there at first kept nothing of threads. */
  @OnEachJdk
  void anAttachMayWidenThreadStarts(Jdk jdk, @TempDir Path directory) throws Exception {
    KernelTier.require();
    Path app = TestJar.of(directory.resolve("shop.jar"), Shop.class, ShopOnCommand.class);
    Path lib = TestJar.of(directory.resolve("client.jar"), Client.class);
    AgentJvm jvm =
        new AgentJvm(jdk, directory).classPath(app, lib).options("threadStarts=none").record();
    try (AgentJvm.Running running = jvm.start(ShopOnCommand.class)) {
      running.awaitLine("ready");
      String pid = Long.toString(running.process().pid());
      Tool.agent(jdk, "detach", pid).ok();
      Tool.agent(jdk, "attach", pid, "threadStarts=all").ok();
      running.send("");
      assertTrue(
          Recorded.read(running.await().ok().recording()).timelines().stream()
              .map(timeline -> timeline.openedBy().replaceAll(":\\d+", ""))
              .anyMatch((LIB + ".connect < thread started by " + APP + ".main")::equals));
    }
  }
}
