// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The libraries that open sockets in the tests, for the class path of a JVM under test. */
final class Libraries {
  /** What the agent brings itself, and so must be its own, and what runs the tests. */
  private static final List<String> NOT_THEIRS =
      List.of("byte-buddy", "jna-", "junit", "opentest4j", "apiguardian", "spotbugs", "surefire");

  private static final Path REPOSITORY_ROOT = Path.of("..").toAbsolutePath().normalize();

  private Libraries() {}

  /** The tests' classes and the libraries. */
  static Path[] classPath() {
    return Stream.concat(
            Stream.of(Path.of("target/test-classes").toAbsolutePath()),
            Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(Libraries::isTheirs))
        .toArray(Path[]::new);
  }

  private static boolean isTheirs(Path entry) {
    String name = entry.getFileName().toString();
    return name.endsWith(".jar")
        && !entry.startsWith(REPOSITORY_ROOT)
        && NOT_THEIRS.stream().noneMatch(name::contains);
  }
}
