// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.List;

/**
 * Another agent, which causes the JDK's classes of sockets to be loaded: at its start, or in its
 * transformer, where the JVM offers them to no agent.
 */
public final class SocketClassLoading implements ClassFileTransformer {
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
  public byte[] transform(
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] classFile) {
    if (MAIN.equals(name)) {
      load();
    }
    return null;
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
