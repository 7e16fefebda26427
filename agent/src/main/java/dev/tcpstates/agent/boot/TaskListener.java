// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

/** What the agent does when tasks are submitted and run; called in the thread that does it. */
public interface TaskListener {
  /** A task is about to be handed to an executor, or to be rejected by it. */
  void submitted(Object task);

  /** An executor is about to run a task in this thread. */
  void running(Object task);

  /** The task that was last said to be running in this thread has ended. */
  void ended();
}
