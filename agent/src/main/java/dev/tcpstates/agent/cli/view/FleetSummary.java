// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.util.List;

/**
 * A summary of the recordings of several JVMs. No list is null or can be modified.
 *
 * @param jvms the JVMs, the worst first
 * @param total the sum of all JVMs
 * @param lines lines of code with a fault, stuck sockets first, then those with the most sockets
 */
public record FleetSummary(List<JvmTotals> jvms, JvmTotals total, List<FaultyLine> lines) {}
