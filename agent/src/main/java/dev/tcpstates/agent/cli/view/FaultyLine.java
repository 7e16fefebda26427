// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

/**
 * A line of code that has the same fault in one JVM or in several.
 *
 * @param fault the cause of stuck sockets; GROWTH; or how connections ended
 * @param jvms how many JVMs have it
 * @param count how many sockets
 * @param line the line that opened them
 * @param worstFile a recording of the JVM that has most of them
 */
public record FaultyLine(String fault, long jvms, long count, String line, String worstFile) {}
