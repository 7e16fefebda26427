// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.TcpState;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints the settings of recordings. */
@Command(
    name = "jfc",
    description = {
      "Prints JFR settings for recordings (.jfc). JDK Mission Control can import them.",
      "",
      "They record all TCP events as they are without settings. low: connections and leaks, without"
          + " each transition. full: all events, and the periodic ones every second."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar jfc > tcpstates.jfc",
      "  java -XX:StartFlightRecording:settings=default,settings=tcpstates.jfc ..."
    })
final class JfcCommand extends BaseCommand {
  /** The settings beside the default ones. */
  private enum Variant {
    LOW,
    FULL
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "low|full",
      description = "other settings, of low cost or with everything")
  private Variant variant;

  @Override
  public Integer call() {
    String name =
        variant == null
            ? "tcpstates.jfc"
            : "tcpstates-" + variant.name().toLowerCase(Locale.ROOT) + ".jfc";
    // The settings are beside the classes of jfr-events, for those who use the library alone.
    return printResource(TcpState.class, name);
  }
}
