// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.metrics.http.EndpointAddress;

/**
 * Whether metrics are counted, and where they are served.
 *
 * @param endpoint {@code null} for nowhere
 */
record WantedMetrics(boolean counted, EndpointAddress endpoint) {
  /** Only metrics that cost nothing. */
  static final WantedMetrics OFF = new WantedMetrics(false, null);

  private static final WantedMetrics ON = new WantedMetrics(true, null);

  /**
   * Parses {@code off}, {@code on} or an address.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static WantedMetrics parse(String text) {
    return switch (text) {
      case "off" -> OFF;
      case "on" -> ON;
      default -> new WantedMetrics(true, EndpointAddress.parse(text));
    };
  }

  /** As {@link #parse} takes it. */
  @Override
  public String toString() {
    return endpoint != null ? endpoint.toString() : counted ? "on" : "off";
  }
}
