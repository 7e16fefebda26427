// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.nio.file.Path;
import java.util.List;

/** What a load runs under. */
enum Variant {
  NONE("no tracing"),
  JFR("JFR alone"),
  OFF("ours, recording off"),
  ON("ours, recording on"),
  BCC("bcc tcpstates"),
  EMPTY_AGENT("empty agent"),
  OPENTELEMETRY("OpenTelemetry, SDK off");

  private final String label;

  Variant(String label) {
    this.label = label;
  }

  /** As tables show it. */
  String label() {
    return label;
  }

  boolean isOurs() {
    return this == OFF || this == ON;
  }

  boolean records() {
    return this == JFR || this == ON;
  }

  /**
   * What it adds to the arguments of a JVM.
   *
   * @param recording where a recording goes, if there is one
   * @param settings of the recording, beyond the default ones: empty, or beginning with a comma
   */
  List<String> jvmArguments(Bench bench, Path recording, String settings) {
    List<String> recorder =
        List.of(
            // Its two lines at start go to standard output.
            "-Xlog:jfr+startup=error",
            // By itself it keeps its last 250 MB.
            "-XX:StartFlightRecording:settings=default,maxsize=8g,filename="
                + recording
                + settings);
    String agent = "-javaagent:" + bench.agentJar();
    return switch (this) {
      case NONE, BCC -> List.of();
      case JFR -> recorder;
      case OFF -> List.of(agent);
      case ON -> List.of(agent, recorder.get(0), recorder.get(1));
      case EMPTY_AGENT -> List.of("-javaagent:" + bench.emptyAgentJar());
      case OPENTELEMETRY ->
          List.of("-javaagent:" + bench.openTelemetryJar(), "-Dotel.sdk.disabled=true");
    };
  }
}
