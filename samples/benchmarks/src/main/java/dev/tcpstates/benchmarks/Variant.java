// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.nio.file.Path;
import java.util.List;

/** What a load runs under. */
enum Variant {
  NONE("no tracing"),
  JFR("JFR alone"),
  OFF("ours, recording off"),
  COUNTING("ours, metrics"),
  ON("ours, recording on"),
  BCC("bcc tcpstates"),
  EMPTY_AGENT("empty agent"),
  OPENTELEMETRY("OpenTelemetry, SDK off");

  private final String label;

  Variant(String label) {
    this.label = label;
  }

  /** The name in tables. */
  String label() {
    return label;
  }

  boolean isOurs() {
    return this == OFF || this == COUNTING || this == ON;
  }

  /**
   * The arguments that it adds to those of a JVM.
   *
   * @param options of the agent, after the {@code =}; may be empty
   * @param recording where a recording goes, if there is one
   * @param settings of the recording, beyond the default ones: empty, or beginning with a comma
   */
  List<String> jvmArguments(Bench bench, String options, Path recording, String settings) {
    // Its two lines at the start go to standard output.
    String quiet = "-Xlog:jfr+startup=error";
    // By default, a recording keeps its last 250 MB.
    String record =
        "-XX:StartFlightRecording:settings=default,maxsize=8g,filename=" + recording + settings;
    String agent = "-javaagent:" + bench.agentJar() + "=" + options;
    return switch (this) {
      case NONE, BCC -> List.of();
      case JFR -> List.of(quiet, record);
      case OFF -> List.of(agent);
      case COUNTING -> List.of(agent + (options.isEmpty() ? "" : ",") + "metrics=on");
      case ON -> List.of(agent, quiet, record);
      case EMPTY_AGENT -> List.of("-javaagent:" + bench.file("target/empty-agent.jar"));
      case OPENTELEMETRY ->
          List.of(
              "-javaagent:" + bench.file("target/agents/opentelemetry-javaagent.jar"),
              "-Dotel.sdk.disabled=true");
    };
  }
}
