// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * With {@code -Dit.mode=node}, one node program serves all JVMs for which a test does not choose
 * another source. It is started for the first of them, and ends with the tests.
 */
public final class NodeMode {
  private static NodeProgram node;

  private NodeMode() {}

  /** Whether the tests run in this mode. */
  public static boolean isOn() {
    return "node".equals(System.getProperty("it.mode"));
  }

  /** The node program's pins of programs, links and maps. */
  public static Path pins() throws IOException {
    try (Stream<Path> versions = Files.list(node().pins())) {
      return versions.findFirst().orElseThrow();
    }
  }

  static Path socket() {
    return node().socket();
  }

  private static synchronized NodeProgram node() {
    if (node == null) {
      try {
        Path folder = Files.createTempDirectory("tcpstates-node");
        node = NodeProgram.start(Jdk.all().get(0), folder.resolve("node"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(folder)));
      } catch (Exception e) {
        throw new IllegalStateException("the node program does not start", e);
      }
    }
    return node;
  }

  private static void end(Path folder) {
    try {
      node.close();
      try (Stream<Path> left = Files.walk(folder)) {
        left.sorted((one, other) -> other.compareTo(one)).forEach(NodeMode::delete);
      }
    } catch (IOException e) {
      System.out.println("the node program's folder is not deleted: " + e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
