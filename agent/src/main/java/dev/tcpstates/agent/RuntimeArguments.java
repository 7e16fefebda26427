// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

/** What the JVM was started with. */
final class RuntimeArguments {
  /** Each may say that a recording is to start before {@code main}. */
  private static final String[] RECORDING = {
    "-XX:StartFlightRecording", "-XX:Flags", "-XX:+ReadVMOptionsFile"
  };

  private RuntimeArguments() {}

  /**
   * Whether a recording starts right after the agents, and so needs this one to be complete; also
   * {@code true} if that is unknown.
   */
  static boolean record() {
    try {
      // Of java.base; the management interface that gives them too takes longer than all the rest.
      String[] arguments =
          (String[])
              Class.forName("jdk.internal.misc.VM").getMethod("getRuntimeArguments").invoke(null);
      for (String argument : arguments) {
        for (String recording : RECORDING) {
          if (argument.startsWith(recording)) {
            return true;
          }
        }
      }
      return false;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return true;
    }
  }
}
