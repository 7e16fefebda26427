// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** Opens and closes listeners, each with a stack of its own, and records the agent's state then. */
public final class DistinctStacks {
  private static final int LEVELS = 40;

  private DistinctStacks() {}

  /** Arguments: how many, and where to write the recording. */
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    for (int i = 0; i < count; i++) {
      open(i, LEVELS);
    }
    try (Recording recording = new Recording(Configuration.getConfiguration("default"))) {
      recording.start();
      recording.stop();
      recording.dump(Path.of(arguments[1]));
    }
  }

  /** The stack's lines are the number's bits. */
  private static void open(int number, int levels) throws Exception {
    if (levels == 0) {
      new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    } else if ((number & 1) == 0) {
      open(number >> 1, levels - 1);
    } else {
      open(number >> 1, levels - 1);
    }
  }
}
