// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

/** How records are written. */
public enum Format {
  /** For people: columns as wide as the terminal allows. */
  table,
  /**
   * RFC 4180: one record per line, all fields, with the events' names; durations in nanoseconds.
   */
  csv,
  /** One JSON object per line, with the same fields. */
  json
}
