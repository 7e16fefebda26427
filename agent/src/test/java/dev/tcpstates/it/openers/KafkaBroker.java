// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** A broker that is its own controller, in a JVM of its own. */
public final class KafkaBroker {
  private KafkaBroker() {}

  /**
   * @param arguments the folder for its data, its port and its controller's port
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createDirectories(Path.of(arguments[0]));
    String broker = "PLAINTEXT://127.0.0.1:" + arguments[1];
    Path properties =
        Files.write(
            directory.resolve("server.properties"),
            List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@127.0.0.1:" + arguments[2],
                "listeners=" + broker + ",CONTROLLER://127.0.0.1:" + arguments[2],
                "advertised.listeners=" + broker,
                "controller.listener.names=CONTROLLER",
                "log.dirs=" + directory.resolve("data"),
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=1",
                "share.coordinator.state.topic.replication.factor=1"));
    String[] format = {
      "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", properties.toString(),
    };
    if (StorageTool.execute(format, System.out) != 0) {
      throw new IOException("can't format the storage");
    }
    Kafka.main(new String[] {properties.toString()});
  }
}
