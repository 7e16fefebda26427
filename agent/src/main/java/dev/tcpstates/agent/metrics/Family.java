// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.util.List;

/**
 * A metric and all its values at one moment.
 *
 * @param attributes those of the metric, and {@link Attribute#ADDRESS} if an option adds it
 */
public record Family(Metric metric, List<Attribute> attributes, List<Point> points) {}
