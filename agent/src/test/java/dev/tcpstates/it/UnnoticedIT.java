// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Native;
import dev.tcpstates.it.workload.EmptyAgent;
import dev.tcpstates.it.workload.ExitSeven;
import dev.tcpstates.it.workload.OwnLibraries;
import dev.tcpstates.it.workload.PrintView;
import dev.tcpstates.jfr.TcpState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The application does not notice the agent. What it sees is compared with what it sees of an agent
 * that does nothing: a path on the class path is the JVM's doing.
 */
class UnnoticedIT {
  @TempDir Path directory;

  @OnEachJdk
  void sameView(Jdk jdk) throws Exception {
    KernelTier.require();
    String[] hidden = {
      "net.bytebuddy.ByteBuddy",
      "com.sun.jna.Native",
      "org.slf4j.Logger",
      "dev.tcpstates.agent.Agent",
      "dev.tcpstates.agent.Options",
      "dev.tcpstates.jfr.TcpState"
    };
    String[] folders = {
      "-Djava.io.tmpdir=" + Files.createDirectory(directory.resolve("temp")),
      "-Duser.home=" + Files.createDirectory(directory.resolve("home"))
    };
    Path empty = TestJar.ofAgent(directory.resolve("empty.jar"), EmptyAgent.class);
    AgentJvm.Result without =
        new AgentJvm(jdk, directory).agentJar(empty).jvm(folders).run(PrintView.class, hidden).ok();
    AgentJvm.Result with =
        new AgentJvm(jdk, directory).jvm(folders).run(PrintView.class, hidden).ok();

    assertTrue(with.err().matches("tcpstates-agent: recording .*\n"), with.err());
    assertEquals("", without.err());

    List<String> expected = lines(without, empty);
    assertEquals(expected, lines(with, AgentJvm.jar()));
    // The comparison is worth something only if the settings made in main count for the JVM.
    for (String line :
        List.of(
            "log manager class " + PrintView.OwnLogManager.class.getName(),
            "IPv4 true",
            "selector java.util.ServiceConfigurationError: java.lang.ClassNotFoundException:"
                + " an.application.s.Own",
            "no class net.bytebuddy.ByteBuddy",
            "thread main",
            "end")) {
      assertTrue(expected.contains(line), () -> line + " is not in " + expected);
    }
    assertEquals(List.of(), files("temp"), "left behind");
    assertEquals(List.of(), files("home"), "left behind");
  }

  private List<String> lines(AgentJvm.Result result, Path agent) {
    List<String> lines = new ArrayList<>();
    for (String line : result.out().split("\n")) {
      lines.add(line.replace(agent.toString(), "AGENT"));
    }
    return lines;
  }

  private List<Path> files(String folder) throws Exception {
    Path path = directory.resolve(folder);
    try (Stream<Path> all = Files.walk(path)) {
      return all.filter(file -> !file.equals(path)).toList();
    }
  }

  /** Settings for the application's own JNA and SLF4J count for these, and not for ours. */
  @OnEachJdk
  void ownLibraries(Jdk jdk) throws Exception {
    KernelTier.require();
    List<Path> classPath = new ArrayList<>(List.of(Path.of("target/test-classes")));
    for (Class<?> one :
        new Class<?>[] {Native.class, LoggerFactory.class, ByteBuddy.class, TcpState.class}) {
      classPath.add(Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }
    classPath.replaceAll(Path::toAbsolutePath);
    Path[] own = classPath.toArray(Path[]::new);
    Path jnaFolder = Files.createDirectory(directory.resolve("jna"));
    String[] settings = {
      "-Dslf4j.provider=" + OwnLibraries.Provider.class.getName(),
      "-Dslf4j.internal.verbosity=ERROR",
      "-Djna.tmpdir=" + jnaFolder,
      "-Djna.platform.library.path=/nowhere",
      "-Djna.boot.library.name=none"
    };
    AgentJvm.Result without =
        new AgentJvm(jdk, directory)
            .withoutAgent()
            .classPath(own)
            .jvm(settings)
            .run(OwnLibraries.class)
            .ok();
    AgentJvm.Result with =
        new AgentJvm(jdk, directory).classPath(own).jvm(settings).run(OwnLibraries.class).ok();
    String line = AgentLines.one(without, with);
    assertTrue(line.startsWith("recording "), line);
    assertTrue(without.out().contains("JNA works true"), without.out());
    assertTrue(without.out().contains("Provider$Factory"), without.out());
  }

  /** Settings that would keep JNA and SLF4J from working, were they ours. */
  @OnEachJdk
  void settingsOfOthers(Jdk jdk) throws Exception {
    KernelTier.require();
    String[] settings = {
      "-Dslf4j.provider=no.such.Provider",
      "-Dslf4j.internal.verbosity=DEBUG",
      "-Djna.boot.library.path=/nowhere",
      "-Djna.nounpack=true",
      "-Djna.noclasspath=true",
      "-Djna.nosys=false",
      "-Djna.debug_load=true",
      "-Djna.debug_load.jna=true",
      "-Djna.library.path=/nowhere",
      "-Djna.tmpdir=/nowhere"
    };
    AgentJvm.Result without =
        new AgentJvm(jdk, directory).withoutAgent().jvm(settings).run(ExitSeven.class);
    AgentJvm.Result with = new AgentJvm(jdk, directory).jvm(settings).run(ExitSeven.class);
    String line = AgentLines.one(without, with);
    assertTrue(line.startsWith("recording "), line);
  }
}
