// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints rules by which other agents read the MBeans of the metrics. */
@Command(
    name = "metrics-rules",
    description = {
      "Prints rules by which another agent exports the metrics from this agent's MBeans.",
      "",
      "otel: for the OpenTelemetry Java agent. jmx_exporter: for Prometheus' jmx_exporter. Both"
          + " need the option metrics=on of this agent for all of the metrics. Neither has"
          + " histograms."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar metrics-rules otel > tcp.yaml",
      "  java -javaagent:opentelemetry-javaagent.jar -Dotel.jmx.config=tcp.yaml ...",
      "  java -jar tcpstates-agent.jar metrics-rules jmx_exporter > tcp.yaml",
      "  java -javaagent:jmx_prometheus_javaagent.jar=9404:tcp.yaml ..."
    })
final class MetricsRulesCommand extends BaseCommand {
  /** The agents that the rules are for. */
  private enum Reader {
    OTEL,
    JMX_EXPORTER
  }

  @Parameters(index = "0", paramLabel = "otel|jmx_exporter", description = "the other agent")
  private Reader reader;

  @Override
  public Integer call() {
    String name = "metrics-" + reader.name().toLowerCase(Locale.ROOT) + ".yaml";
    return printResource(MetricsRulesCommand.class, name);
  }
}
