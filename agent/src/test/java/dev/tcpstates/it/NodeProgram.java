// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The node program, with a BPF file system and a socket that are the test's own. */
final class NodeProgram implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 60;

  private final Jdk jdk;
  private final Path folder;
  private final Path mount;
  private final Path log;
  private final List<String> under;
  private Path jar = AgentJvm.jar();
  private Process process;

  private NodeProgram(Jdk jdk, Path folder, List<String> under)
      throws IOException, InterruptedException {
    this.jdk = jdk;
    this.under = under;
    this.folder = Files.createDirectories(folder);
    this.mount = Files.createDirectory(folder.resolve("bpf"));
    this.log = folder.resolve("log.txt");
    // JVMs of other users must get to the socket.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Tool.run("mount", "-t", "bpf", "bpf", mount.toString()).ok();
  }

  /** Starts it, and waits until it listens. */
  static NodeProgram start(Jdk jdk, Path folder, String... options) throws Exception {
    return startUnder(List.of(), jdk, folder, options);
  }

  /** The same, with a command before it. */
  static NodeProgram startUnder(List<String> under, Jdk jdk, Path folder, String... options)
      throws Exception {
    KernelTier.require();
    KernelTier.requireRoot();
    NodeProgram node = new NodeProgram(jdk, folder, under);
    try {
      node.restart(options);
      return node;
    } catch (Exception | AssertionError e) {
      node.close();
      throw e;
    }
  }

  /** Starts it again, and waits until it listens. */
  void restart(String... options) throws Exception {
    List<String> command = command();
    command.addAll(List.of(options));
    int before = lines().size();
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    await(lines -> lines.stream().skip(before).anyMatch(line -> line.startsWith("listening at")));
  }

  /** The next start takes another jar. */
  NodeProgram jar(Path other) {
    jar = other;
    return this;
  }

  /** Removes the pins, and returns what the command prints. */
  String uninstall() throws Exception {
    return run("--uninstall").ok().out();
  }

  /** Runs the command, which must end by itself, with further options. */
  Tool run(String... options) throws Exception {
    List<String> command = command();
    command.addAll(List.of(options));
    return Tool.run(command.toArray(String[]::new));
  }

  private List<String> command() {
    List<String> command = new ArrayList<>(under);
    command.addAll(
        List.of(
            jdk.tool("java"),
            AgentJvm.NO_C2,
            "-jar",
            jar.toString(),
            "node",
            "--socket",
            socket().toString(),
            "--pins",
            pins().toString()));
    return command;
  }

  Path socket() {
    return folder.resolve("node.sock");
  }

  Path pins() {
    return mount.resolve("tcpstates");
  }

  /** How many releases have pins. */
  int versions() throws IOException {
    try (Stream<Path> versions = Files.list(pins())) {
      return (int) versions.count();
    }
  }

  /** How many files it has open. */
  long descriptors() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
      return files.count();
    }
  }

  /** The agent's options for a JVM that must be served by it. */
  String options() {
    return "source=node,required=true,node=" + socket();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it as systemd does. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("SIGTERM does not end it");
    }
  }

  /** What it has printed so far. */
  List<String> lines() throws IOException {
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  /** Waits until what it prints is so. */
  void await(Predicate<List<String>> condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (!condition.test(lines())) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError("the node program says: " + String.join("\n", lines()));
      }
      Thread.sleep(20);
    }
  }

  /** Waits until so many JVMs are registered. */
  void awaitJvms(int count) throws IOException, InterruptedException {
    await(
        lines ->
            lines.stream()
                .filter(line -> line.contains("JVMs: "))
                .reduce((first, last) -> last)
                .filter(line -> line.endsWith("JVMs: " + count))
                .isPresent());
  }

  @Override
  public void close() throws IOException {
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
    new ProcessBuilder("umount", "--lazy", mount.toString()).start().onExit().join();
  }
}
