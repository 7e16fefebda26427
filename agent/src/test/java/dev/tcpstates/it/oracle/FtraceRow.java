// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

/**
 * One transition as ftrace saw it.
 *
 * @param time in ns of CLOCK_MONOTONIC
 * @param task thread that was on the processor, or that was interrupted
 * @param sk address of the socket in the kernel; a later socket may have the same
 */
public record FtraceRow(long time, int task, long sk, Step step) {}
