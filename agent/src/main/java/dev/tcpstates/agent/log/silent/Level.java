// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.log.silent;

/** The levels that JNA uses, for {@link Logger}. */
public enum Level {
  SEVERE,
  WARNING,
  INFO,
  FINE,
  FINER
}
