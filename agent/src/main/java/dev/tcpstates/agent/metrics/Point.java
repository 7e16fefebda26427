// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.util.List;

/**
 * One value of a metric.
 *
 * @param attributes the values of the family's attributes, in their order; an empty one is absent
 * @param value 0 for a histogram
 * @param distribution {@code null} if the metric is no histogram
 */
public record Point(List<String> attributes, double value, Distribution distribution) {}
