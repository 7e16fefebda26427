// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A copy of a project, which Maven builds as at a user's, with the artifacts of this build. */
record CopiedProject(Path directory) {
  private static final String VERSION = "0.1.0-SNAPSHOT";
  private static final String PROJECT = "project";

  /** Not in the temporary folder, because JUnit warns of each link in it. */
  private static final Path REPOSITORY = Path.of("target/ci-test-repository").toAbsolutePath();

  /**
   * Copies a project.
   *
   * @param directory where the copy's folder is made
   */
  static CopiedProject of(Path project, Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(project)) {
      for (Path file : files.filter(file -> !file.startsWith(project.resolve("target"))).toList()) {
        Path copy = directory.resolve(PROJECT).resolve(project.relativize(file));
        Files.createDirectories(copy.getParent());
        if (Files.isRegularFile(file)) {
          Files.copy(file, copy);
        }
      }
    }
    makeRepository();
    return new CopiedProject(directory);
  }

  /** A file of the copy. */
  Path file(String name) {
    return directory.resolve(PROJECT).resolve(name);
  }

  /** Replaces a text that its pom.xml has exactly once. */
  void replaceInPom(String text, String replacement) throws IOException {
    String pom = Files.readString(file("pom.xml"));
    if (pom.split(Pattern.quote(text), -1).length != 2) {
      throw new AssertionError("not once in pom.xml: " + text);
    }
    Files.writeString(file("pom.xml"), pom.replace(text, replacement));
  }

  /**
   * A local repository with the artifacts of this build, and with links to all others in the usual
   * one. So the usual one stays as it is, and no other build finds these artifacts.
   */
  private static void makeRepository() throws IOException {
    Path usual = Path.of(System.getProperty("localRepository"));
    link(usual, REPOSITORY, "dev");
    link(usual.resolve("dev"), REPOSITORY.resolve("dev"), "tcpstates");
    install("parent", Path.of("../pom.xml"), null);
    install("jfr-events", Path.of("../jfr-events"), "tcpstates-jfr-events-" + VERSION + ".jar");
    install("agent", Path.of("../agent"), "tcpstates-agent.jar");
    install(
        "maven-plugin",
        Path.of("../agent/maven-plugin"),
        "tcpstates-maven-plugin-" + VERSION + ".jar");
  }

  private static void link(Path from, Path to, String butNot) throws IOException {
    Files.createDirectories(to);
    if (Files.isDirectory(from)) {
      try (Stream<Path> entries = Files.list(from)) {
        for (Path entry : entries.toList()) {
          Path link = to.resolve(entry.getFileName());
          if (!link.endsWith(butNot) && !Files.exists(link)) {
            Files.createSymbolicLink(link, entry);
          }
        }
      }
    }
  }

  private static void install(String name, Path module, String jar) throws IOException {
    String artifact = "tcpstates-" + name;
    Path folder = REPOSITORY.resolve("dev/tcpstates").resolve(artifact).resolve(VERSION);
    Files.createDirectories(folder);
    Path pom = Files.isDirectory(module) ? module.resolve("pom.xml") : module;
    copy(pom, folder.resolve(artifact + "-" + VERSION + ".pom"));
    if (jar != null) {
      copy(
          module.resolve("target").resolve(jar), folder.resolve(artifact + "-" + VERSION + ".jar"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Runs Maven in the copy, with these variables in the environment. */
  Command.Result maven(Path jdk, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("env"));
    environment.forEach((name, value) -> words.add(name + "=" + value));
    words.add(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString());
    words.addAll(List.of("-B", "-Dstyle.color=never", "-f", PROJECT));
    words.add("-Dmaven.repo.local=" + REPOSITORY);
    if (System.getProperty("maven.settings").equals("offline=true")) {
      words.add("-o");
    }
    words.addAll(List.of(arguments));
    return new Command(directory, jdk, words).run();
  }
}
