// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

/**
 * A running JVM of this user; of root, any.
 *
 * @param main its main class, or the path of its jar; empty if unknown
 */
record Jvm(long pid, String main) {}
