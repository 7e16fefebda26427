// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A JDK of this machine that the agent must work on. */
public record Jdk(Path home, int feature) {
  private static final Path INSTALLED = Path.of("/usr/lib/jvm");

  /**
   * One of each feature release from 17 on: the JDK that runs the tests, and those installed where
   * Linux distributions put them.
   */
  public static List<Jdk> all() {
    Map<Integer, Jdk> jdks = new TreeMap<>();
    try (Stream<Path> installed =
        Files.isDirectory(INSTALLED) ? Files.list(INSTALLED) : Stream.empty()) {
      Stream.concat(Stream.of(Path.of(System.getProperty("java.home"))), installed)
          .filter(home -> Files.isExecutable(home.resolve("bin/javac")))
          .map(Jdk::of)
          .filter(jdk -> jdk.feature >= 17)
          .forEach(jdk -> jdks.putIfAbsent(jdk.feature, jdk));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(jdks.values());
  }

  private static Jdk of(Path home) {
    Properties release = new Properties();
    try (InputStream in = Files.newInputStream(home.resolve("release"))) {
      release.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = release.getProperty("JAVA_VERSION").replace("\"", "");
    return new Jdk(home, Integer.parseInt(version.split("[.+-]")[0]));
  }

  /** A program of this JDK. */
  public String tool(String name) {
    return home.resolve("bin").resolve(name).toString();
  }

  @Override
  public String toString() {
    return "JDK " + feature;
  }
}
