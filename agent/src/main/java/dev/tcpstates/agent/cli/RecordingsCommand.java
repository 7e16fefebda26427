// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.LiveRecording;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** A command that evaluates recordings as a whole, or a recording that it makes of a JVM. */
abstract class RecordingsCommand extends BaseCommand {

  @Parameters(
      arity = "0..*",
      paramLabel = Source.LABEL,
      description = {
        Source.NAMES
            + ", which is recorded for --for (the agent is attached if necessary, and then detached"
            + " at the end). Without an argument, the JVMs are listed"
      })
  private List<String> words;

  @Option(
      names = "--for",
      paramLabel = "<time>",
      description =
          "how long to record a running JVM, such as 10s or 5min (default: 30s; for the command"
              + " sockets 0s); Ctrl-C ends the recording, and the command prints its result")
  private Duration length;

  private Source source;

  Duration defaultLength() {
    return Duration.ofSeconds(30);
  }

  /** Returns settings of events that a recording of a running JVM needs besides the usual ones. */
  List<String> extraSettings() {
    return List.of();
  }

  private Source source() {
    source = source == null ? Source.of(words, this) : source;
    return source;
  }

  /** Returns what is evaluated, for people. */
  final List<String> names() {
    return source().isLive()
        ? List.of("process " + source().jvm())
        : source().recordings().stream().map(Path::toString).toList();
  }

  /**
   * Returns the recordings of each JVM by themselves.
   *
   * @return empty if they are those of one JVM, or a running JVM is named
   */
  final List<TcpRecordings.OfJvm> severalJvms() {
    if (source().isLive() || source().recordings().size() == 1 && isFile()) {
      return List.of();
    }
    List<TcpRecordings.OfJvm> jvms = RecordingInput.perJvm(source().recordings());
    return jvms.stream().filter(TcpRecordings.OfJvm::readable).count() > 1 ? jvms : List.of();
  }

  /** Returns the recordings of each JVM by themselves, even if there is only one. */
  final List<TcpRecordings.OfJvm> eachJvm() {
    if (source().isLive()) {
      throw wrongUsage("--format csv needs recordings; of a running JVM, use json");
    }
    return RecordingInput.perJvm(source().recordings());
  }

  private boolean isFile() {
    return !Files.isDirectory(source().recordings().get(0));
  }

  /** Evaluates the recordings of several JVMs, each by itself. */
  final void readEach(List<TcpRecordings.OfJvm> jvms, RecordingInput.JvmReading reading) {
    if (length != null) {
      throw noLength();
    }
    new RecordingInput(terminal()).readEach(jvms, reading);
  }

  private ParameterException noLength() {
    return wrongUsage("--for needs a running JVM; a recording has its length");
  }

  /** Evaluates the recordings, or a new one of the running JVM. */
  final <R> R evaluate(Function<List<Path>, R> evaluation) {
    if (!source().isLive()) {
      if (length != null) {
        throw noLength();
      }
      return evaluation.apply(source().recordings());
    }
    try (LiveRecording live = new LiveRecording(jar(), source().jvm().pid())) {
      Path file = live.record(length == null ? defaultLength() : length, extraSettings());
      return evaluation.apply(List.of(file));
    }
  }

  /**
   * Reads the recordings, and prints what could not be read.
   *
   * @return what could not be read
   */
  final List<ReadProblem> read(TcpEventHandler... handlers) {
    return evaluate(
        paths -> new RecordingInput(terminal()).read(paths, reading -> reading.read(handlers)));
  }
}
