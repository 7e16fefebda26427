// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** A user without privileges, and copies of what it needs where it can read them. */
final class Unprivileged {
  private final Path home;

  /**
   * @param home a folder for the copies
   */
  Unprivileged(Path home) throws IOException {
    this.home = home;
    allow(Files.copy(AgentJvm.jar(), home.resolve("agent.jar")));
    copy(Path.of("target/test-classes"), home.resolve("classes"));
    allow(home);
  }

  /** A JVM of this user, with these capabilities by name. */
  AgentJvm jvm(Jdk jdk, Path directory, String... capabilities) throws IOException {
    String all = Stream.of(capabilities).map(name -> ",+" + name).reduce("-all", String::concat);
    return jvmUnder(
        jdk,
        directory,
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--bounding-set=" + all,
        "--inh-caps=" + all,
        "--ambient-caps=" + all);
  }

  /** A JVM under a command that makes it any user. */
  AgentJvm jvmUnder(Jdk jdk, Path directory, String... command) throws IOException {
    allow(directory);
    return new AgentJvm(jdk, directory)
        .under(command)
        .agentJar(jar())
        .classPath(home.resolve("classes"));
  }

  /** The copy of the agent's jar. */
  Path jar() {
    return home.resolve("agent.jar");
  }

  private static void allow(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      allow(Files.copy(file, to.resolve(from.relativize(file).toString())));
    }
  }
}
