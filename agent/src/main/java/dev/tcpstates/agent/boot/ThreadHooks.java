// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.util.function.Consumer;

/**
 * What the woven {@code Thread.start} calls. Lives in the boot loader. Nothing that goes wrong
 * behind it reaches the application; it is counted.
 */
public final class ThreadHooks {
  private static volatile Consumer<Thread> listener;

  private ThreadHooks() {}

  /** Sets the listener, which is called in the starting thread; {@code null} for none. */
  public static void listener(Consumer<Thread> newListener) {
    listener = newListener;
  }

  /** A thread is about to be started, or its start to be refused. The agent's own don't matter. */
  public static void starting(Thread thread) {
    Consumer<Thread> current = listener;
    if (current != null && !(thread instanceof AgentThread)) {
      try {
        current.accept(thread);
      } catch (Throwable t) {
        SocketHooks.suppressed();
      }
    }
  }
}
