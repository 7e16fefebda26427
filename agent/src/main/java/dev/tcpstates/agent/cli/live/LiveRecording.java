// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.analysis.Words;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A recording of a running JVM, of a given length, in a temporary folder of that JVM. The close
 * deletes it.
 */
public final class LiveRecording implements AutoCloseable {
  private static final String FILE = "recording.jfr";

  /** The most that JFR keeps on disk for this recording; its default is 250 MB. */
  private static final String MAX_SIZE = "1G";

  /** All events of the agent, the periodic ones each second, and what the reading needs. */
  private static final List<String> SETTINGS =
      Stream.concat(
              Stream.of(
                      "StateChange",
                      "Connection",
                      "Retransmit",
                      "Reset",
                      "SocketOpen",
                      "OpenSite",
                      "SocketState",
                      "StateCount",
                      "StuckSocket",
                      "ListenQueue",
                      "Throughput",
                      "RecordsLost",
                      "AgentState")
                  .map(name -> "tcpstates." + name + "#enabled=true"),
              Stream.of(
                  "tcpstates.StateCount#period=1s",
                  "tcpstates.StuckSocket#period=1s",
                  "tcpstates.Throughput#period=1s",
                  "tcpstates.ListenQueue#period=endChunk",
                  DataLoss.NAME + "#enabled=true",
                  "jdk.JVMInformation#enabled=true"))
          .toList();

  private final Path jar;
  private final RunningJvm jvm;
  private Path folder;

  public LiveRecording(Path jar, long pid) {
    this.jar = jar;
    this.jvm = new RunningJvm(pid);
  }

  /**
   * Records, until a signal or the JVM's end if that comes earlier.
   *
   * @param length 0 or more; zero for what is open now
   * @param extraSettings of events besides the agent's usual ones
   * @return the file
   */
  public Path record(Duration length, List<String> extraSettings) {
    Properties properties = jvm.systemProperties();
    Path temporary =
        Path.of(properties.getProperty("user.dir"))
            .resolve(properties.getProperty("java.io.tmpdir"));
    EarlyEnd.awaitAnswer();
    folder = createFolder(jvm.seenFromHere(temporary));
    // The JVM writes it also if it ends first.
    Path target = temporary.resolve(folder.getFileName()).resolve(FILE);
    Instant started;
    try (LiveSession session = new LiveSession(jar, jvm, folder)) {
      session.start(
          List.of("maxsize=" + MAX_SIZE, "dumponexit=true", "filename=\"" + target + "\""),
          Stream.concat(SETTINGS.stream(), extraSettings.stream()).toList());
      started = Instant.now();
      if (!length.isZero()) {
        System.err.println(
            "recording process "
                + jvm.pid()
                + " for "
                + Words.duration(length)
                + "; Ctrl-C ends it earlier");
        jvm.onExit(EarlyEnd::wake);
        EarlyEnd.sleep(length);
      }
      if (jvm.isAlive()) {
        session.stop();
      }
    }
    for (Path file : List.of(folder.resolve(FILE), target)) {
      if (Files.exists(file)) {
        requireStart(file, started);
        return file;
      }
    }
    throw new CommandException(
        Exit.INPUT, "process " + jvm.pid() + " has written no recording to " + target);
  }

  /**
   * JFR deletes the oldest chunks of a recording that becomes too large.
   *
   * @param started a time after the start of the recording
   * @throws CommandException if the recording lacks its start
   */
  static void requireStart(Path file, Instant started) {
    Instant first;
    try {
      first = TcpRecordings.of(file).start().orElse(started);
    } catch (IOException e) {
      throw new CommandException(Exit.INPUT, "can't read " + file + ": " + e);
    }
    if (first.isAfter(started)) {
      throw new CommandException(
          Exit.INPUT,
          "Flight Recorder has deleted the start of the recording, which grew larger than "
              + MAX_SIZE
              + "B; record for a shorter time (--for)");
    }
  }

  /** The folder is the JVM's, and nobody else may put something in its place. */
  private Path createFolder(Path parent) {
    try {
      Path created =
          Files.createTempDirectory(
              parent,
              "tcpstates-",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      UserPrincipal owner = Files.getOwner(Path.of("/proc", Long.toString(jvm.pid())));
      if (!owner.equals(Files.getOwner(created))) {
        Files.setOwner(created, owner);
      }
      return created;
    } catch (IOException e) {
      throw new CommandException(
          Exit.FAILED, "can't create a folder for the recording in " + parent + ": " + e);
    }
  }

  @Override
  public void close() {
    if (folder == null) {
      return;
    }
    try {
      Files.deleteIfExists(folder.resolve(FILE));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      System.err.println("can't delete " + folder + ": " + e);
    }
  }
}
