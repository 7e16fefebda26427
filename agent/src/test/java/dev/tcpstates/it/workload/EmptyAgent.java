// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

/** An agent that does nothing: what is as it is with this one is the JVM's doing. */
public final class EmptyAgent {
  private EmptyAgent() {}

  public static void premain(String arguments) {}
}
