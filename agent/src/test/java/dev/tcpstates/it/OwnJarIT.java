// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.workload.SilentLoader;
import dev.tcpstates.it.workload.TwoCallers;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;

/** The agent finds its own jar, whoever loads it. */
@NeedsBpf
class OwnJarIT {
  private static final int SOCKETS = TwoCallers.FIRST + TwoCallers.SECOND;

  @TempDir private Path directory;

  @OnEachJdk
  void onTheBootClassPath(Jdk jdk) throws Exception {
    assertRecords(new AgentJvm(jdk, directory).jvm("-Xbootclasspath/a:" + AgentJvm.jar()));
  }

  @OnEachJdk
  void byASystemClassLoaderThatKeepsItToItself(Jdk jdk) throws Exception {
    assertRecords(
        new AgentJvm(jdk, directory)
            .jvm("-Djava.system.class.loader=" + SilentLoader.class.getName()));
  }

  private static void assertRecords(AgentJvm jvm) throws Exception {
    assertRecords(jvm.record().run(TwoCallers.class).ok().recording());
  }

  private static void assertRecords(Path file) throws Exception {
    TcpRecording recording = RecordingReader.read(file);
    assertEquals(SOCKETS, recording.timelines().size());
    recording.agentStates().forEach(state -> assertEquals(0, state.suppressedErrors()));
  }

  /** It loads agents by its own class loader, whose URLs are of the kind {@code jar:file:}. */
  @OnEachJdk
  void byJBossModules(Jdk jdk) throws Exception {
    Assumptions.assumeTrue(jdk.feature() < 24, "JBoss Modules sets a java.security.Policy");
    Path modules =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(entry -> entry.getFileName().toString().startsWith("jboss-modules"))
            .findFirst()
            .orElseThrow();
    Path file = directory.resolve("recording.jfr");
    Tool.run(
            jdk.tool("java"),
            "-Xlog:jfr+startup=error",
            "-XX:StartFlightRecording:filename=" + file,
            "-javaagent:" + modules,
            "-jar",
            modules.toString(),
            "-javaagent:" + AgentJvm.jar(),
            "-mp",
            Files.createDirectory(directory.resolve("modules")).toString(),
            "-cp",
            TestJar.of(directory.resolve("app.jar"), TwoCallers.class).toString(),
            TwoCallers.class.getName())
        .ok();
    assertRecords(file);
  }
}
