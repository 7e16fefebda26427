// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import dev.tcpstates.agent.AgentStatus;
import java.io.IOException;
import java.nio.file.Path;

/** Loads the agent into another JVM, and tells what came of it. */
final class Attach {
  private Attach() {}

  /**
   * Hands options to the agent in a running JVM.
   *
   * @param attaching whether the agent is to record afterwards, or not to
   * @return 0, or 1 if it could not be done; the user has been told
   */
  static int load(Path jar, String pid, String options, boolean attaching) {
    String status;
    try {
      VirtualMachine jvm = VirtualMachine.attach(pid);
      try {
        jvm.loadAgent(jar.toString(), options);
        status = jvm.getAgentProperties().getProperty(AgentStatus.PROPERTY, "not loaded");
      } finally {
        jvm.detach();
      }
    } catch (AttachNotSupportedException | IOException e) {
      System.err.println(
          "can't attach to process "
              + pid
              + ": "
              + e.getMessage()
              + "; is it a JVM, and of this user?");
      return 1;
    } catch (AgentLoadException | AgentInitializationException e) {
      System.err.println(
          "process "
              + pid
              + " can't load "
              + jar
              + ": "
              + e.getMessage()
              + "; does it see that file, and run Java 17 or later?");
      return 1;
    }
    if (attaching != status.equals(AgentStatus.ATTACHED)) {
      System.err.println("process " + pid + ": " + status);
      return 1;
    }
    System.out.println(
        attaching
            ? "attached to process " + pid + "; to record: jcmd " + pid + " JFR.start"
            : "detached from process " + pid);
    return 0;
  }
}
