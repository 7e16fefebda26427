// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.lang.module.ModuleDescriptor;

/**
 * The agent's state, for tools that attach to this JVM: in the JVM's agent properties ({@code
 * VirtualMachine.getAgentProperties}), which are not the system properties that applications see.
 */
public final class AgentStatus {
  /** The agent property's name. */
  public static final String PROPERTY = "dev.tcpstates.agent";

  /** The agent property with the options in effect. */
  public static final String OPTIONS = PROPERTY + ".options";

  /** The agent property with the version of the agent that was loaded. */
  public static final String VERSION = PROPERTY + ".version";

  /** The value while the agent records, with what follows it; any other says why it doesn't. */
  public static final String ATTACHED = "attached";

  private static final String SAMPLED = ATTACHED + ", polling the sockets, because ";

  private static volatile String status = "not started";

  private AgentStatus() {}

  /** Returns this agent's version. */
  public static String version() {
    ModuleDescriptor module = AgentStatus.class.getModule().getDescriptor();
    return module == null ? "?" : module.rawVersion().orElse("?");
  }

  static boolean isAttached() {
    return isAttached(status);
  }

  /** Whether a value says that the agent records. */
  public static boolean isAttached(String value) {
    return value.equals(ATTACHED) || value.startsWith(SAMPLED);
  }

  /** The value while the agent polls. */
  static String sampled(String why) {
    return SAMPLED + why;
  }

  static void set(String newStatus) {
    status = newStatus;
    set(PROPERTY, newStatus);
    set(VERSION, version());
  }

  /** The agent starts with these options. */
  static void options(Options options) {
    set(OPTIONS, options.toString());
  }

  private static void set(String property, String value) {
    try {
      JdkAccess.get().agentProperties().setProperty(property, value);
    } catch (LinkageError e) {
      // Not opened to us, for the start failed early; the line on standard error says so too.
    }
  }
}
