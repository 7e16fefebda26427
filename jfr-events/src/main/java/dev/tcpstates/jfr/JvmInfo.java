// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * The JVM that made a recording, as the JDK's own event {@code jdk.JVMInformation} tells it.
 *
 * @param pid process id, as the JVM itself knows it
 * @param startTime when the JVM was started; null if the recording lacks it
 * @param version the JVM's version; null if the recording lacks it
 * @param mainClass main class or jar; null if the recording lacks it
 */
public record JvmInfo(long pid, Instant startTime, String version, String mainClass) {

  static JvmInfo of(EventFields fields) {
    String command = fields.text("javaArguments");
    return new JvmInfo(
        fields.number("pid"),
        fields.time("jvmStartTime"),
        fields.text("jvmVersion"),
        command == null || command.isBlank() ? null : command.strip().split(" ", 2)[0]);
  }
}
