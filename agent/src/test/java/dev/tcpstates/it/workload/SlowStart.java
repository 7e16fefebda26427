// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.lang.instrument.Instrumentation;
import java.net.ServerSocket;
import reactor.blockhound.BlockHound;

/**
 * Another agent. Its transformer is called when the second half of the tested agent's start loads a
 * class, on the thread of that start.
 */
public final class SlowStart extends LoadListener {
  private static final String CLASS = "dev/tcpstates/agent/reader/JfrBridge";

  private final String work;

  private SlowStart(String work) {
    this.work = work;
  }

  /**
   * Arguments: {@code socket} to open a socket there, or for how many milliseconds to sleep; with
   * {@code ,blockhound}, BlockHound is installed for threads named {@code non-blocking}.
   */
  public static void premain(String arguments, Instrumentation instrumentation) {
    String[] parts = arguments.split(",");
    instrumentation.addTransformer(new SlowStart(parts[0]));
    if (parts.length > 1) {
      BlockHound.builder()
          .with(instrumentation)
          .nonBlockingThreadPredicate(
              other -> other.or(thread -> thread.getName().equals("non-blocking")))
          .install();
    }
  }

  @Override
  void loaded(String internalName) {
    if (CLASS.equals(internalName)) {
      try {
        if (work.equals("socket")) {
          long start = System.nanoTime();
          new ServerSocket(0).close();
          System.out.println("transformer " + (System.nanoTime() - start) / 1_000_000);
        } else {
          Thread.sleep(Integer.parseInt(work));
        }
      } catch (Exception e) {
        System.out.println("transformer " + e);
      }
    }
  }
}
