// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

/** What the JVM was started with. */
final class RuntimeArguments {
  /** Each may say that a recording is to start before {@code main}. */
  private static final String[] RECORDING = {
    "-XX:StartFlightRecording", "-XX:Flags", "-XX:+ReadVMOptionsFile"
  };

  private static final String[] AGENTS = {"-javaagent:", "-agentlib:", "-agentpath:"};

  /** The properties that name classes which the JDK uses before it starts agents. */
  private static final String[] OTHERS = {
    "java.nio.file.spi.DefaultFileSystemProvider",
    "java.security.manager",
    "java.system.class.loader"
  };

  private RuntimeArguments() {}

  /**
   * Whether a recording starts right after the agents, and so needs this one to be complete; also
   * {@code true} if that is unknown.
   */
  static boolean record() {
    try {
      // Of java.base; the management interface that gives them too takes longer than all the rest.
      for (String argument : JdkAccess.get().runtimeArguments()) {
        for (String recording : RECORDING) {
          if (argument.startsWith(recording)) {
            return true;
          }
        }
      }
      return false;
    } catch (LinkageError e) {
      return true;
    }
  }

  /**
   * Whether other code may have run before this agent, or may transform classes: another agent, or
   * one of the application's classes that {@link #OTHERS} names. If that is unknown, {@code true}.
   */
  static boolean haveOtherAgents() {
    for (String property : OTHERS) {
      if (System.getProperty(property) != null) {
        return true;
      }
    }
    int agents = 0;
    try {
      for (String argument : JdkAccess.get().runtimeArguments()) {
        for (String agent : AGENTS) {
          agents += argument.startsWith(agent) ? 1 : 0;
        }
      }
    } catch (LinkageError e) {
      return true;
    }
    return agents > 1;
  }
}
