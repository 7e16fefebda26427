// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import java.nio.file.Path;
import java.util.List;

/** Is ended by a signal while it loads a library, which takes a while. */
public final class EndWhileLoading {
  private EndWhileLoading() {}

  /** The argument is the folder to unpack into. */
  public static void main(String[] arguments) throws Exception {
    NativeFolders.unpack(
        "/dev/tcpstates/bpf/tcpstates.bpf.o",
        "library.so",
        file -> end(),
        List.of(Path.of(arguments[0])));
  }

  private static void end() {
    try {
      String pid = Long.toString(ProcessHandle.current().pid());
      new ProcessBuilder("kill", "-TERM", pid).start().waitFor();
      while (!isEnding()) {
        Thread.sleep(1);
      }
      Thread.sleep(200); // with nothing to wait for, the JVM ends in less
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isEnding() {
    try {
      Thread probe = new Thread();
      Runtime.getRuntime().addShutdownHook(probe);
      Runtime.getRuntime().removeShutdownHook(probe);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
