// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

/** Runs {@link Shop} after a line on standard input. */
public final class ShopOnCommand {
  private ShopOnCommand() {}

  public static void main(String[] arguments) throws Exception {
    System.out.println("ready");
    System.in.read();
    Shop.main(arguments);
  }
}
