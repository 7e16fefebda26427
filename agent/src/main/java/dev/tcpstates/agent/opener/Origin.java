// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

/** Where the code of a class comes from. */
enum Origin {
  /** A directory, {@code BOOT-INF/classes}, or the module of the main class. */
  APPLICATION,
  /** The jar of the main class, into which libraries may have been packed. */
  MAIN_JAR,
  /** Another jar or module. */
  DEPENDENCY,
  /** The JDK, or what an agent has put into the JDK's class loaders. */
  PLATFORM,
  /** The jar of an agent. */
  AGENT,
  /** Not known: only the name of the class says anything. */
  UNKNOWN
}
