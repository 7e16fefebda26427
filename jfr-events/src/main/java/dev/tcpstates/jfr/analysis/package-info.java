// SPDX-License-Identifier: Apache-2.0
/**
 * Answers questions of recordings: {@link dev.tcpstates.jfr.analysis.Summarizer} all at once,
 * {@link dev.tcpstates.jfr.analysis.StackWeights} by who opened the sockets, {@link
 * dev.tcpstates.jfr.analysis.Check} with yes or no. Each is a {@link
 * dev.tcpstates.jfr.TcpEventHandler}: one reading feeds it, in memory that grows with the sockets
 * that are open at a time and with the lines of code that open some, but not with the recording.
 */
package dev.tcpstates.jfr.analysis;
