// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

/** An agent that does nothing: what it costs is the JVM's. */
public final class EmptyAgent {
  private EmptyAgent() {}

  public static void premain(String arguments) {}
}
