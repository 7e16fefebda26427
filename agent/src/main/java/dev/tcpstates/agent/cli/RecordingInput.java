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
import java.util.Arrays;
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
  int read(List<Path> paths, TcpEventHandler... handlers) {
    Notices notices = new Notices();
    TcpEventHandler[] all = Arrays.copyOf(handlers, handlers.length + 1);
    all[handlers.length] = notices;
    List<ReadProblem> problems = read(paths, recordings -> recordings.read(all));
    notices.print(problems.isEmpty());
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

  /**
   * Returns the recordings of each JVM by themselves.
   *
   * @throws CommandException if a path can't be read
   */
  static List<TcpRecordings.OfJvm> perJvm(List<Path> paths) {
    try {
      return TcpRecordings.of(paths).perJvm();
    } catch (IOException e) {
      throw new CommandException(Exit.INPUT, explain(e));
    }
  }

  /** Evaluates the recordings of one JVM. */
  interface JvmReading {
    /**
     * Reads them.
     *
     * @throws IOException if nothing could be read
     */
    void read(TcpRecordings recordings) throws IOException;

    /** Takes note that nothing could be read. */
    void unreadable(TcpRecordings recordings, String reason);
  }

  /** Reads the recordings of each JVM, one JVM after the other, and shows the progress. */
  void readEach(List<TcpRecordings.OfJvm> jvms, JvmReading reading) {
    long size = jvms.stream().mapToLong(jvm -> size(jvm.recordings())).sum();
    long before = 0;
    ProgressBar bar = new ProgressBar(terminal);
    try {
      for (TcpRecordings.OfJvm jvm : jvms) {
        long done = before;
        TcpRecordings recordings =
            jvm.recordings().progress((bytes, ofBytes) -> bar.show(done + bytes, size));
        try {
          reading.read(recordings);
        } catch (IOException e) {
          reading.unreadable(recordings, explain(e));
        }
        before += size(recordings);
      }
    } finally {
      bar.clear();
    }
  }

  private static long size(TcpRecordings recordings) {
    return recordings.files().stream().mapToLong(file -> file.toFile().length()).sum();
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
