// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * The JVM that made a recording, from the JDK's event {@code jdk.JVMInformation}.
 *
 * @param pid process id in the JVM's own PID namespace
 * @param startTime when the JVM was started; null if the recording lacks it
 * @param version the JVM's version; null if the recording lacks it
 * @param mainClass main class or jar; null if the recording lacks it
 */
public record JvmInfo(long pid, Instant startTime, String version, String mainClass) {}
