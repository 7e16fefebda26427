// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

/** Defines classes in the boot loader. */
public interface BootDefiner {
  /**
   * Defines a class.
   *
   * @param name with dots
   * @throws Exception if this JVM refuses it
   */
  Class<?> define(String name, byte[] classFile) throws Exception;
}
