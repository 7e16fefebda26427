// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.lang.instrument.Instrumentation;
import java.util.List;

/**
 * Another agent, which causes the JDK's classes of sockets to be loaded: at its start, or in its
 * transformer, where the JVM offers them to no agent.
 */
public final class SocketClassLoading extends LoadListener {
  private static final String MAIN = SocketShell.class.getName().replace('.', '/');

  /** Argument: {@code premain} or {@code transformer}. */
  public static void premain(String when, Instrumentation instrumentation) {
    if (when.equals("premain")) {
      load();
    } else {
      instrumentation.addTransformer(new SocketClassLoading());
    }
  }

  @Override
  void loaded(String internalName) {
    if (MAIN.equals(internalName)) {
      load();
    }
  }

  private static void load() {
    for (String type : List.of("Net", "NioSocketImpl", "SocketChannelImpl")) {
      try {
        Class.forName("sun.nio.ch." + type, false, null);
      } catch (ClassNotFoundException e) {
        throw new AssertionError(e);
      }
    }
  }
}
