// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;

/** Opens listeners by two ways that only differ below many frames. Prints its active threads. */
public final class TwoCallers {
  public static final int FIRST = 3;
  public static final int SECOND = 2;

  private static final int LEVELS = 20;

  private TwoCallers() {}

  public static void main(String[] arguments) throws Exception {
    for (int i = 0; i < FIRST; i++) {
      first();
    }
    for (int i = 0; i < SECOND; i++) {
      second();
    }
    System.out.println("threads " + Thread.activeCount());
  }

  private static void first() throws Exception {
    deep(LEVELS);
  }

  private static void second() throws Exception {
    deep(LEVELS);
  }

  private static void deep(int levels) throws Exception {
    if (levels > 0) {
      deep(levels - 1);
    } else {
      new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    }
  }
}
