// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

/** Opens nothing, and ends soon. */
public final class ExitSoon {
  private ExitSoon() {}

  /** Argument: after how many milliseconds. */
  public static void main(String[] arguments) throws InterruptedException {
    Thread.sleep(Long.parseLong(arguments[0]));
    System.out.println("done");
    System.exit(9);
  }
}
