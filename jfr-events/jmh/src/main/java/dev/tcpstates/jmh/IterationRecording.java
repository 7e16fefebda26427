// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import dev.tcpstates.jfr.read.JvmRecording;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.jfr.EventSettings;
import jdk.jfr.Recording;

/** The flight recording of one iteration, in the JVM that runs it. */
final class IterationRecording implements AutoCloseable {
  private final Recording recording;

  private IterationRecording(Recording recording) {
    this.recording = recording;
  }

  /**
   * Starts one.
   *
   * @throws IllegalStateException if this JVM has no agent
   */
  static IterationRecording start() {
    // The opening stacks are in the OpenSite events.
    Recording recording =
        JvmRecording.start("tcpstates profiler", EventSettings::withoutStackTrace);
    if (recording == null) {
      throw new IllegalStateException(
          "There is no agent in this JVM, so -prof tcpstates can't count connections. Without"
              + " forks (-f 0), start it with -javaagent:tcpstates-agent.jar");
    }
    return new IterationRecording(recording);
  }

  /** Counts what happened up to now. */
  Counts count() {
    Counts counts = read();
    if (counts.endsLater()) {
      // A thread of a server may be about to close what only its client has closed.
      try {
        Thread.sleep(Counts.STUCK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      counts = read();
    }
    return counts;
  }

  private Counts read() {
    try {
      Path file = Files.createTempFile("tcpstates", ".jfr");
      try {
        recording.dump(file);
        Counts counts = new Counts();
        counts.addProblems(TcpRecordings.of(file).read(counts));
        counts.end();
        return counts;
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the recording of the iteration can't be read", e);
    }
  }

  @Override
  public void close() {
    recording.close();
  }
}
