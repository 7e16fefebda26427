// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.EmptyAgent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Where everything is: the JDK under measurement, the agents, the loads, a place for files. */
final class Bench {
  private final Path folder;
  private final Jdk jdk;
  private final Path work;
  private final Path emptyAgent;

  private Bench(Path folder, Jdk jdk, Path work, Path emptyAgent) {
    this.folder = folder;
    this.jdk = jdk;
    this.work = work;
    this.emptyAgent = emptyAgent;
  }

  /**
   * Makes what is missing.
   *
   * @param folder {@code samples/benchmarks}
   */
  static Bench in(Path folder, Jdk jdk) throws IOException {
    Path work = Files.createTempDirectory(folder.resolve("target"), "work");
    Path jar = work.resolve("empty-agent.jar");
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", EmptyAgent.class.getName());
    // As ours: what a JVM does for agents with these abilities is not the agent's cost.
    attributes.putValue("Can-Redefine-Classes", "true");
    attributes.putValue("Can-Retransform-Classes", "true");
    String name = EmptyAgent.class.getName().replace('.', '/') + ".class";
    try (OutputStream to = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(to, manifest);
        InputStream in = EmptyAgent.class.getClassLoader().getResourceAsStream(name)) {
      out.putNextEntry(new JarEntry(name));
      in.transferTo(out);
    }
    return new Bench(folder, jdk, work, jar);
  }

  /** The same with another JDK. */
  Bench with(Jdk other) {
    return new Bench(folder, other, work, emptyAgent);
  }

  Jdk jdk() {
    return jdk;
  }

  Path agentJar() {
    return folder.resolve("../../agent/target/tcpstates-agent.jar").normalize();
  }

  Path emptyAgentJar() {
    return emptyAgent;
  }

  Path openTelemetryJar() {
    return folder.resolve("target/agents/opentelemetry-javaagent.jar");
  }

  /** A file of the benchmarks themselves. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** The loads, and the libraries of those that need some. */
  String classPath() {
    return folder.resolve("target/classes") + ":" + folder.resolve("target/libraries") + "/*";
  }

  /** The benchmarks of JMH, and the classes that they look into, outside the agent's jar. */
  String jmhClassPath() {
    return folder.resolve("target/jmh")
        + ":"
        + folder.resolve("../../agent/target/classes").normalize()
        + ":"
        + folder.resolve("../../jfr-events/target/classes").normalize()
        + ":"
        + folder.resolve("target/libraries")
        + "/*";
  }

  /** The loads alone. */
  String ownClassPath() {
    return folder.resolve("target/classes").toString();
  }

  /** A file that there is not yet. */
  Path newFile(String suffix) throws IOException {
    Path file = Files.createTempFile(work, "", suffix);
    Files.delete(file);
    return file;
  }

  /** Deletes all files but the results. */
  void cleanUp() throws IOException {
    Directories.delete(work);
  }
}
