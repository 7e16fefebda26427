// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;

/** A load that isn't what it should be ends its JVM, so that nobody measures it. */
final class Failing {
  /** What a thread does. */
  interface Task {
    void run() throws Exception;
  }

  private Failing() {}

  static Runnable endsTheJvm(Task task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable t) {
        t.printStackTrace();
        Runtime.getRuntime().halt(2);
      }
    };
  }

  static void unless(boolean right, String otherwise) throws IOException {
    if (!right) {
      throw new IOException(otherwise);
    }
  }
}
