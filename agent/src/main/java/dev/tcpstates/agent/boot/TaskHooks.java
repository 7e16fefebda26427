// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.util.concurrent.ForkJoinPool;

/**
 * What the woven methods of executors call. Lives in the boot loader. Nothing that goes wrong
 * behind it reaches the application; it is counted.
 */
public final class TaskHooks {
  private static final String VIRTUAL_THREAD = "java.lang.VirtualThread";
  private static volatile TaskListener listener;

  private TaskHooks() {}

  /** Sets the listener that the hooks call; {@code null} for none. */
  public static void listener(TaskListener newListener) {
    listener = newListener;
  }

  /** An executor is given a task. */
  public static void submitted(Object task) {
    TaskListener current = listener;
    if (current != null) {
      try {
        current.submitted(task);
      } catch (Throwable t) {
        SocketHooks.suppressed();
      }
    }
  }

  /** A pool is given a task. The scheduler of virtual threads gets one at each wake-up of these. */
  public static void submitted(ForkJoinPool pool, Object task) {
    TaskListener current = listener;
    if (current != null) {
      try {
        if (!pool.getFactory().getClass().getName().startsWith(VIRTUAL_THREAD)) {
          current.submitted(task);
        }
      } catch (Throwable t) {
        SocketHooks.suppressed();
      }
    }
  }

  /** An executor is about to run a task. */
  public static void running(Object task) {
    TaskListener current = listener;
    if (current != null) {
      try {
        current.running(task);
      } catch (Throwable t) {
        SocketHooks.suppressed();
      }
    }
  }

  /** The task that this thread ran last has ended. */
  public static void ended() {
    TaskListener current = listener;
    if (current != null) {
      try {
        current.ended();
      } catch (Throwable t) {
        SocketHooks.suppressed();
      }
    }
  }
}
