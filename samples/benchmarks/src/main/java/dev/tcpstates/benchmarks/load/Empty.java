// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

/** A program that does nothing. */
public final class Empty {
  private Empty() {}

  public static void main(String[] arguments) {}
}
