// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

/**
 * What the user chose.
 *
 * @param counting whether the kernel's records are counted, for which it has to make them
 * @param addresses how many remote addresses of connections that this JVM opens have values of
 *     their own; 0 for none
 */
public record MetricsSettings(boolean counting, int addresses) {
  /** Only what needs no record. */
  public static final MetricsSettings OFF = new MetricsSettings(false, 0);
}
