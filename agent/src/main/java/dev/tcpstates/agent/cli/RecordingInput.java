// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.Notices;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.ProgressBar;
import dev.tcpstates.agent.cli.view.Terminal;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;

/** Reads the recordings of a command line, and prints what could not be read. */
final class RecordingInput {
  private final Terminal terminal;

  RecordingInput(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Reads recordings.
   *
   * @return {@link Exit#OK}, or {@link Exit#INPUT} if a part could not be read
   * @throws CommandException if nothing could be read
   */
  int read(List<Path> paths, TcpEventHandler handler) {
    Notices notices = new Notices();
    List<ReadProblem> problems = read(paths, recordings -> recordings.read(handler, notices));
    notices.print();
    return problems.isEmpty() ? Exit.OK : Exit.INPUT;
  }

  /** A way to read recordings, which returns what it could not read. */
  interface Reading {
    List<ReadProblem> read(TcpRecordings recordings) throws IOException;
  }

  /**
   * Reads recordings in another way. The caller reports what the agent could not record.
   *
   * @return what could not be read, which has been printed
   * @throws CommandException if nothing could be read
   */
  List<ReadProblem> read(List<Path> paths, Reading reading) {
    List<ReadProblem> problems;
    ProgressBar bar = new ProgressBar(terminal);
    try {
      problems = reading.read(TcpRecordings.of(paths).progress(bar::show));
    } catch (IOException e) {
      throw new CommandException(Exit.INPUT, explain(e));
    } finally {
      bar.clear();
    }
    for (ReadProblem problem : problems) {
      System.err.println(
          problem.reason()
              + (problem.recovered() ? "; the readable part is used" : "; it is skipped"));
    }
    return problems;
  }

  private static String explain(IOException e) {
    if (e instanceof FileSystemException problem) {
      String reason = problem.getReason();
      return "can't read " + problem.getFile() + ": " + (reason == null ? name(problem) : reason);
    }
    return e.getMessage();
  }

  private static String name(FileSystemException problem) {
    return problem instanceof AccessDeniedException
        ? "this user may not read it"
        : problem.toString();
  }
}
