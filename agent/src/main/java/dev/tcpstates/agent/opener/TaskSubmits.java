// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.TaskListener;

/**
 * Where the tasks of executors were submitted: in a pool's thread, the line that started the thread
 * is often another's. Called in the submitting thread, before the task is in the executor's queue,
 * and in the thread that runs it. Thread-safe.
 */
public final class TaskSubmits implements TaskListener {
  /** Tasks that wait at a time: those beyond are unknown. */
  private static final int MOST_WAITING = 1 << 15;

  private final TaskTable waiting = new TaskTable(MOST_WAITING);
  private final ThreadStarts starts;
  private final RunningTasks running;

  TaskSubmits(ThreadStarts starts, RunningTasks running) {
    this.starts = starts;
    this.running = running;
  }

  @Override
  public void submitted(Object task) {
    waiting.put(task, starts.submittedHere());
  }

  @Override
  public void running(Object task) {
    running.begin(waiting.take(task));
  }

  @Override
  public void ended() {
    running.end();
  }
}
