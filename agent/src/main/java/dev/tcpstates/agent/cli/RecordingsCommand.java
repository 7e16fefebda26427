// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.TcpEventHandler;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A command that evaluates recordings as a whole. */
abstract class RecordingsCommand extends BaseCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "<recording>",
      description = "recordings (.jfr), or directories of them")
  private List<Path> recordings;

  final List<Path> recordings() {
    return recordings;
  }

  /**
   * Reads the recordings, and prints what could not be read.
   *
   * @return what could not be read
   */
  final List<ReadProblem> read(TcpEventHandler handler) {
    return new RecordingInput(terminal()).read(recordings, reading -> reading.read(handler));
  }
}
