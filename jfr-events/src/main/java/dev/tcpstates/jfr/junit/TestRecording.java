// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.analysis.RecordingLimits;
import dev.tcpstates.jfr.read.JvmRecording;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * The flight recording around one test. Reading it is a barrier: Flight Recorder ends a chunk, and
 * at each chunk end the agent drains the ring buffer. So the recording has every transition up to
 * the call.
 *
 * <p>Thread-safe.
 */
final class TestRecording implements AutoCloseable {
  /** A dump takes milliseconds; a JVM that needs longer than this hangs. */
  static final Duration BARRIER_LIMIT = Duration.ofSeconds(30);

  private final Recording recording;
  private final Path file;

  /** Sockets that had a transition, or if sampled an opening, before the test started. */
  private final Set<Long> earlier = new HashSet<>();

  private String sampled;
  private volatile SkipNotice skipNotice;

  private record Read(TcpRecording recording, Lives lives) {}

  private TestRecording(Recording recording, Path file) {
    this.recording = recording;
    this.file = file;
  }

  /**
   * Starts a recording.
   *
   * @param file where {@link #keep} puts the recording
   * @throws CantRecordException if the agent is missing or does not work
   */
  static TestRecording start(Path file) throws CantRecordException {
    if (!FlightRecorder.isAvailable()) {
      throw new CantRecordException("Flight Recorder is switched off in this JVM");
    }
    Recording recording = JvmRecording.start("tcpstates " + file.getFileName(), event -> {});
    if (recording == null) {
      throw new CantRecordException(
          "there is no agent in this JVM; start it with -javaagent:tcpstates-agent.jar (in Maven,"
              + " the goal tcpstates:prepare-agent does that)");
    }
    TestRecording started = new TestRecording(recording, file);
    boolean recorded = false;
    try {
      String problem = started.whyNotRecorded();
      if (problem != null) {
        throw new CantRecordException(problem);
      }
      recorded = true;
      return started;
    } finally {
      if (!recorded) {
        started.close();
      }
    }
  }

  private String whyNotRecorded() {
    Read read = upToNow();
    List<AgentInfo> agent = read.recording().agentStates();
    if (agent.isEmpty()) {
      return "the agent in this JVM emitted no AgentState event";
    }
    RecordingLimits limits = read.lives().limits();
    sampled = limits.isSampled() ? limits.sampled().get(0) : null;
    AgentInfo last = agent.get(agent.size() - 1);
    return last.attached() ? null : last.reason();
  }

  /**
   * How the agent polls and what is therefore not recorded; null if it records every transition.
   */
  String sampled() {
    return sampled;
  }

  /** From now on, a test is skipped if its assertion can't be proven, and the reason printed. */
  void skipUnproven(SkipNotice notice) {
    skipNotice = notice;
  }

  boolean skipsUnproven() {
    return skipNotice != null;
  }

  /** What prints the reason; null unless {@link #skipsUnproven}. */
  SkipNotice skipNotice() {
    return skipNotice;
  }

  /** Where {@link #keep} puts the recording. */
  Path file() {
    return file;
  }

  /** Excludes the sockets up to now from the test's. */
  synchronized void fromNow() {
    TcpRecording recorded = upToNow().recording();
    recorded.timelines().forEach(timeline -> earlier.add(timeline.socketId()));
    recorded.connections().forEach(connection -> earlier.add(connection.socketId()));
    if (sampled != null) {
      earlier.addAll(recorded.socketOpens().keySet());
    }
  }

  /** The test's sockets up to now. */
  synchronized Moment moment() {
    Read read = upToNow();
    return new Moment(read.recording(), read.lives(), Set.copyOf(earlier), file);
  }

  /**
   * Reads the recording in another thread, so that the limit holds even if Flight Recorder hangs,
   * and an interrupt of the test's thread does not close the file during the reading.
   */
  private Read upToNow() {
    FutureTask<Read> reading = new FutureTask<>(this::read);
    Thread thread = new Thread(reading, "tcpstates barrier");
    thread.setDaemon(true);
    thread.start();
    try {
      return reading.get(BARRIER_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "Flight Recorder did not dump the recording within " + BARRIER_LIMIT.toSeconds() + " s",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading the recording", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io
          ? new UncheckedIOException("the recording can't be read", io)
          : new IllegalStateException("the recording can't be read", e.getCause());
    }
  }

  private Read read() throws IOException {
    Path dump = Files.createTempFile("tcpstates", ".jfr");
    try {
      recording.dump(dump);
      Lives lives = new Lives();
      TcpRecording read = RecordingReader.read(dump, lives);
      lives.end();
      return new Read(read, lives);
    } finally {
      Files.delete(dump);
    }
  }

  /** Writes what was recorded up to now to the file. */
  void keep() throws IOException {
    Files.createDirectories(file.getParent());
    recording.dump(file);
  }

  @Override
  public void close() {
    recording.close();
  }
}
