// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A JDK of this machine, 17 or later. */
record Jdk(Path home, int feature, String version) {
  private static final Path INSTALLED = Path.of("/usr/lib/jvm");

  /** One of each feature release, the oldest first: the one that runs this, and those installed. */
  static List<Jdk> all() throws IOException {
    Map<Integer, Jdk> jdks = new TreeMap<>();
    try (Stream<Path> installed =
        Files.isDirectory(INSTALLED) ? Files.list(INSTALLED).sorted() : Stream.empty()) {
      for (Path home :
          Stream.concat(Stream.of(Path.of(System.getProperty("java.home"))), installed).toList()) {
        if (Files.isExecutable(home.resolve("bin/javac"))) {
          Jdk jdk = of(home);
          if (jdk.feature >= 17) {
            jdks.putIfAbsent(jdk.feature, jdk);
          }
        }
      }
    }
    return List.copyOf(jdks.values());
  }

  static Jdk of(Path home) throws IOException {
    Properties release = new Properties();
    try (InputStream in = Files.newInputStream(home.resolve("release"))) {
      release.load(in);
    }
    String version = release.getProperty("JAVA_VERSION").replace("\"", "");
    String vendor = release.getProperty("IMPLEMENTOR", "").replace("\"", "");
    return new Jdk(
        home, Integer.parseInt(version.split("[.+-]")[0]), (version + " " + vendor).strip());
  }

  boolean hasVirtualThreads() {
    return feature >= 21;
  }

  String java() {
    return home.resolve("bin/java").toString();
  }
}
