// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.it.workload.TimedShell;
import java.io.IOException;

/** A JVM that runs socket commands and returns its own clock before and after each. */
final class TimedShellJvm implements AutoCloseable {
  /** What a command answered, and the clock of the JVM before and after it. */
  record Done(long before, long after, String result) {
    int number() {
      return Integer.parseInt(result);
    }
  }

  private final AgentJvm.Running running;
  private int commands;

  private TimedShellJvm(AgentJvm.Running running) {
    this.running = running;
  }

  static TimedShellJvm start(AgentJvm jvm) throws IOException, InterruptedException {
    TimedShellJvm shell = new TimedShellJvm(jvm.start(TimedShell.class));
    try {
      shell.running.awaitLine("ready");
      return shell;
    } catch (IllegalStateException e) {
      shell.close();
      throw e;
    }
  }

  AgentJvm.Running running() {
    return running;
  }

  /** Has a command done, without waiting for its end. */
  void begin(String command) throws IOException {
    running.send(command);
    commands++;
  }

  /** The answer to the last command begun. */
  Done end() throws IOException, InterruptedException {
    String[] words = running.awaitLine("done " + commands + " ").split(" ", 3);
    return new Done(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]);
  }

  Done run(String command) throws IOException, InterruptedException {
    begin(command);
    return end();
  }

  int number(String command) throws IOException, InterruptedException {
    return run(command).number();
  }

  /** Ends the input, and so the JVM. */
  AgentJvm.Result exit() throws IOException, InterruptedException {
    running.process().outputWriter().close();
    return running.await().ok();
  }

  @Override
  public void close() {
    running.close();
  }
}
