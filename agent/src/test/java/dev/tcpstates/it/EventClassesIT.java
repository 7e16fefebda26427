// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.ExitSeven;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** The event classes are defined so that Flight Recorder takes all of them, with their settings. */
@NeedsBpf
class EventClassesIT {
  private static final String NO_RETRANSFORM = "-XX:FlightRecorderOptions:retransform=false";

  @TempDir private Path directory;

  @OnEachJdk
  void attachedWhileARecordingRunsNothingIsPrinted(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent().record())) {
      int server = shell.number("listen server");
      Tool.agent(jdk, "attach", Long.toString(shell.pid())).ok();
      shell.run("connect client " + server);
      String output = shell.running().output();
      assertFalse(output.contains("[warning]"), output);
      shell.end();
    }
  }

  @OnEachJdk
  void withoutRetransformationAllIsRecorded(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory).jvm(NO_RETRANSFORM).record().run(ExitSeven.class);
    assertEquals(7, result.exit(), result.err());
    TcpRecording recording = RecordingReader.read(result.recording());
    assertEquals(ExitSeven.SOCKETS, recording.timelines().size());
    for (SocketTimeline timeline : recording.timelines()) {
      assertTrue(timeline.complete(), timeline::toString);
    }
    AgentInfo last = recording.agentStates().get(recording.agentStates().size() - 1);
    assertNull(last.missing());
    assertEquals(0, last.suppressedErrors());
  }

  /** JDK 17 can't instrument an event class whose settings are defined later. */
  @OnEachJdk
  void whatFlightRecorderDropsIsReported(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .agentJar(withOtherOrder())
            .jvm(NO_RETRANSFORM)
            .record()
            .run(ExitSeven.class);
    assertEquals(7, result.exit(), result.err());
    TcpRecording recording = RecordingReader.read(result.recording());
    AgentInfo last = recording.agentStates().get(recording.agentStates().size() - 1);
    if (jdk.feature() > 17) {
      assertNull(last.missing());
      assertEquals(ExitSeven.SOCKETS, recording.timelines().size());
      return;
    }
    String missing =
        "StateChange, Connection, Retransmit, Reset (Flight Recorder can't instrument the class)";
    assertEquals(missing, last.missing());
    assertTrue(
        result.err().contains("tcpstates-agent: WARN not recorded: " + missing + ". "),
        result.err());
  }

  /** A copy of the jar that defines the settings after the events. */
  private Path withOtherOrder() throws IOException {
    Path copy = directory.resolve("other-order.jar");
    try (JarFile jar = new JarFile(AgentJvm.jar().toFile());
        OutputStream to = Files.newOutputStream(copy);
        JarOutputStream out = new JarOutputStream(to)) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        byte[] bytes = jar.getInputStream(entry).readAllBytes();
        out.putNextEntry(new JarEntry(entry.getName()));
        out.write(entry.getName().equals("boot/classes") ? reordered(bytes) : bytes);
      }
    }
    return copy;
  }

  private static byte[] reordered(byte[] classes) {
    List<String> names = List.of(new String(classes, StandardCharsets.UTF_8).split(","));
    return Stream.of(false, true)
        .flatMap(settings -> names.stream().filter(name -> name.endsWith("Control") == settings))
        .collect(Collectors.joining(","))
        .getBytes(StandardCharsets.UTF_8);
  }
}
