// SPDX-License-Identifier: Apache-2.0
/**
 * Reads flight recordings. {@link dev.tcpstates.jfr.read.TcpRecordings} reads one event after the
 * other, {@link dev.tcpstates.jfr.read.RecordingReader} a whole recording into memory. {@link
 * dev.tcpstates.jfr.read.JvmRecording} makes one.
 *
 * <p>Events and their fields are found by name. A recording of another version can be read: what it
 * lacks has the default that each record documents. The event classes are not loaded, because a JVM
 * can register an event of one name only once.
 */
package dev.tcpstates.jfr.read;
