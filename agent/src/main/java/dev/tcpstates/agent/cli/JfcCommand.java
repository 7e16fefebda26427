// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.jfr.TcpState;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a settings file for recordings. */
@Command(
    name = "jfc",
    synopsisHeading = "usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    description = {
      "Prints settings for recordings, which JDK Mission Control imports too: the usual ones, or"
          + " those of low cost, or of all there is."
    },
    footer = {
      "",
      "Example:",
      "  java -jar tcpstates-agent.jar jfc > tcpstates.jfc",
      "  java -XX:StartFlightRecording:settings=default,settings=tcpstates.jfc ..."
    })
final class JfcCommand implements Callable<Integer> {
  /** Which settings there are beside the usual ones. */
  private enum Variant {
    LOW,
    FULL
  }

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "low|full",
      description = "instead of the usual ones")
  private Variant variant;

  @Override
  public Integer call() {
    String name =
        variant == null
            ? "tcpstates.jfc"
            : "tcpstates-" + variant.name().toLowerCase(Locale.ROOT) + ".jfc";
    // Beside the classes of the library, which is where its own users find them.
    try (InputStream in = TcpState.class.getResourceAsStream(name)) {
      in.transferTo(System.out);
      System.out.flush();
      return Exit.OK;
    } catch (IOException | NullPointerException e) {
      throw new CommandException(
          Exit.DEFECT, "the agent's jar can't be read (" + e + "); fetch or build it again");
    }
  }
}
