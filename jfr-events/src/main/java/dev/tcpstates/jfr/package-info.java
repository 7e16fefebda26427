// SPDX-License-Identifier: Apache-2.0
/**
 * Turns flight recordings back into TCP connections. {@link dev.tcpstates.jfr.TcpRecordings} reads
 * one record after the other, {@link dev.tcpstates.jfr.RecordingReader} a recording as a whole.
 *
 * <p>Events and their fields are found by name. So a recording of another version can be read (what
 * it lacks has the default that each type names), and the event classes are never loaded: a JVM may
 * hold each of them only once.
 */
package dev.tcpstates.jfr;
