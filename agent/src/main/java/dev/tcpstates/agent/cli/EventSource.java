// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.LiveJvm;
import dev.tcpstates.agent.cli.live.Pid;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.jfr.TcpEventHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Parameters;

/** Where a command's events come from: recordings, or a JVM that runs. */
final class EventSource {
  @Parameters(
      arity = "1..*",
      paramLabel = "<recording>|<pid>",
      description =
          "recordings (.jfr) and directories of them; or the process id of a JVM, to look at until"
              + " Ctrl-C (the agent is attached to it, if it isn't, and detached at the end)")
  private List<String> sources;

  /** Whether a JVM that runs is looked at. */
  boolean isLive() {
    return sources.size() == 1
        && sources.get(0).matches(Pid.PATTERN)
        && !Files.exists(Path.of(sources.get(0)));
  }

  /**
   * Reads all there is, or what comes until the user has enough.
   *
   * @param settings of JFR, for what is needed of a JVM that runs
   * @return one of {@link Exit}
   */
  int read(Main parent, Output out, TcpEventHandler handler, String... settings) {
    if (isLive()) {
      return new LiveJvm(parent.jar(), Long.parseLong(sources.get(0)))
          .follow(List.of(settings), handler, out);
    }
    return new RecordingInput(parent.terminal())
        .read(sources.stream().map(Path::of).toList(), handler);
  }
}
