// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

/**
 * A thread of the agent: a daemon in the system's thread group, where applications that count or
 * enumerate their own threads don't find it, and without the application's context class loader.
 */
public final class AgentThread extends Thread {
  private final boolean ownSockets;

  public AgentThread(Runnable work, String name) {
    this(work, name, false);
  }

  /**
   * @param ownSockets whether the sockets that this thread opens are the agent's. In other threads
   *     of the agent, they are another agent's, whose transformer runs there.
   */
  public AgentThread(Runnable work, String name, boolean ownSockets) {
    super(systemGroup(), work, name, 0, false);
    this.ownSockets = ownSockets;
    setDaemon(true);
    setContextClassLoader(null);
  }

  /** Whether the sockets that the calling thread opens are the agent's own. */
  public static boolean opensOwnSockets() {
    return Thread.currentThread() instanceof AgentThread thread && thread.ownSockets;
  }

  private static ThreadGroup systemGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }
}
