// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

/** Does nothing. */
public final class PlainMain {
  private PlainMain() {}

  public static void main(String[] args) {}
}
