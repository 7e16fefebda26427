// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.util.Properties;

/**
 * What the agent calls of the JDK's insides. Not by reflection: since JDK 18, the first reflective
 * call of a method with more than three arguments takes 15 ms.
 */
abstract class JdkAccess {
  private static final String DIRECT = "dev.tcpstates.agent.DirectJdkAccess";

  private static JdkAccess access;

  /**
   * Returns the access.
   *
   * @throws LinkageError if the packages are not open to this module, or other than expected
   */
  static synchronized JdkAccess get() {
    if (access == null) {
      try {
        Class.forName(DIRECT);
      } catch (ClassNotFoundException e) {
        throw new NoClassDefFoundError(DIRECT);
      }
    }
    return access;
  }

  /** Called by the initializer of the class that implements this one. */
  static void use(JdkAccess direct) {
    access = direct;
  }

  /**
   * Defines a class in the boot loader.
   *
   * @param name with dots
   */
  abstract Class<?> defineInBootLoader(String name, byte[] classFile);

  /** What the JVM was started with, also by environment variables and files. */
  abstract String[] runtimeArguments();

  /** The properties that {@code VirtualMachine.getAgentProperties} shows. */
  abstract Properties agentProperties();
}
