// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.it.workload.SocketShell;
import java.io.IOException;

/** A JVM that opens and closes sockets on command. */
final class Shell implements AutoCloseable {
  private final AgentJvm.Running running;
  private int commands;

  private Shell(AgentJvm.Running running) {
    this.running = running;
  }

  static Shell start(AgentJvm jvm) throws IOException, InterruptedException {
    Shell shell = new Shell(jvm.start(SocketShell.class));
    try {
      shell.running.awaitLine("ready");
      return shell;
    } catch (IllegalStateException e) {
      shell.close();
      throw e;
    }
  }

  /** The process that was started: the JVM, unless a command was put before it. */
  long pid() {
    return running.process().pid();
  }

  AgentJvm.Running running() {
    return running;
  }

  /** Runs a command and returns its answer. */
  String run(String command) throws IOException, InterruptedException {
    running.send(command);
    return running.awaitLine("done " + ++commands + " ");
  }

  /** Runs a command that answers with a number. */
  int number(String command) throws IOException, InterruptedException {
    return Integer.parseInt(run(command));
  }

  /** Ends the input, and so the JVM. */
  AgentJvm.Result end() throws IOException, InterruptedException {
    running.process().outputWriter().close();
    return running.await().ok();
  }

  @Override
  public void close() {
    running.close();
  }
}
