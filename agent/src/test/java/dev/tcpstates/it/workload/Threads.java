// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.lang.reflect.Method;

/** Threads with a name, whose failure ends the workload. */
final class Threads {
  /** What a thread does. */
  interface Task {
    void run() throws Exception;
  }

  private Threads() {}

  static Thread start(String name, Task task) {
    Thread thread = new Thread(() -> run(task), name);
    thread.start();
    return thread;
  }

  /** By reflection: the tests are compiled for a JDK that has no virtual threads. */
  static Thread startVirtual(String name, Task task) throws ReflectiveOperationException {
    Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
    Class<?> type = Class.forName("java.lang.Thread$Builder");
    Method named = type.getMethod("name", String.class);
    Runnable runnable = () -> run(task);
    return (Thread)
        type.getMethod("start", Runnable.class).invoke(named.invoke(builder, name), runnable);
  }

  static void join(Thread thread) throws InterruptedException {
    thread.join();
  }

  private static void run(Task task) {
    try {
      task.run();
    } catch (Throwable t) {
      t.printStackTrace();
      Runtime.getRuntime().halt(2);
    }
  }
}
