// SPDX-License-Identifier: Apache-2.0
/**
 * The model of a socket's life, {@link dev.tcpstates.jfr.analysis.SocketModel}, and analyses based
 * on it: {@link dev.tcpstates.jfr.analysis.Summarizer} sums recordings up, {@link
 * dev.tcpstates.jfr.analysis.StackWeights} weighs the code that opened the sockets, {@link
 * dev.tcpstates.jfr.analysis.Check} checks recordings against rules. Each is a {@link
 * dev.tcpstates.jfr.TcpEventHandler} and needs one reading, in memory that grows with the sockets
 * that are open at a time and with the lines of code that open sockets, but not with the recording.
 */
package dev.tcpstates.jfr.analysis;
