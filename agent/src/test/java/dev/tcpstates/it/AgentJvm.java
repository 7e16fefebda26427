// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM that runs a workload, by default with the packaged agent. */
public final class AgentJvm {
  private static final Path JAR = Path.of("target/tcpstates-agent.jar").toAbsolutePath();
  private static final long TIMEOUT_SECONDS = 120;

  /** Saves a third of the CPU time of a JVM that ends at once. */
  static final String NO_C2 = "-XX:TieredStopAtLevel=1";

  private final Jdk jdk;
  private final Path directory;
  private final List<String> prefix = new ArrayList<>();
  private final List<String> jvmArguments = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private Path agentJar = JAR;
  private String classPath = Path.of("target/test-classes").toAbsolutePath().toString();
  private boolean agent = true;
  private String options = "";
  private String recordingOptions = "";
  private boolean recording;

  /**
   * @param directory where the recording and the outputs go
   */
  public AgentJvm(Jdk jdk, Path directory) {
    this.jdk = jdk;
    this.directory = directory;
  }

  /** The packaged jar. */
  public static Path jar() {
    return JAR;
  }

  /** Puts a command before {@code java}, such as {@code setpriv} with its arguments. */
  public AgentJvm under(String... command) {
    prefix.addAll(List.of(command));
    return this;
  }

  /** Leaves the agent out. */
  public AgentJvm withoutAgent() {
    agent = false;
    return this;
  }

  /** Takes another jar for the agent. */
  public AgentJvm agentJar(Path other) {
    agentJar = other;
    return this;
  }

  /** Replaces the tests' class path. */
  public AgentJvm classPath(Path... entries) {
    classPath =
        Stream.of(entries).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    return this;
  }

  /** The agent's options: {@code key=value,key=value}. */
  public AgentJvm options(String newOptions) {
    options = newOptions;
    return this;
  }

  /** Further arguments of the JVM. */
  public AgentJvm jvm(String... arguments) {
    jvmArguments.addAll(List.of(arguments));
    return this;
  }

  /** Sets a variable of its environment. */
  public AgentJvm environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Records from the start to the exit. */
  public AgentJvm record() {
    return record("");
  }

  /**
   * Records from the start to the exit.
   *
   * @param settings more of -XX:StartFlightRecording's, such as {@code
   *     +tcpstates.StateChange#threshold=10ms}
   */
  public AgentJvm record(String settings) {
    recording = true;
    recordingOptions = settings.isEmpty() ? "" : "," + settings;
    return this;
  }

  /** Runs a main class of the tests' class path to its end. */
  public Result run(Class<?> main, String... arguments) throws IOException, InterruptedException {
    Running running = start(main, arguments);
    return running.await();
  }

  /** Starts a main class of the tests' class path. */
  public Running start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(jdk.tool("java"));
    command.addAll(jvmArguments);
    if (agent) {
      command.add("-javaagent:" + agentJar + (allOptions().isEmpty() ? "" : "=" + allOptions()));
    }
    Path file = directory.resolve("recording.jfr");
    if (recording) {
      // Its two lines at start go to standard output.
      command.add("-Xlog:jfr+startup=error");
      command.add("-XX:StartFlightRecording:filename=" + file + recordingOptions);
    }
    command.add("-cp");
    command.add(classPath);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    // What the build was given must not reach the JVMs under test.
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    builder.environment().putAll(environment);
    return new Running(builder.start(), out, err, file);
  }

  private String allOptions() {
    if (!NodeMode.isOn() || options.contains("source=") || options.contains("node=")) {
      return options;
    }
    return "source=node,node=" + NodeMode.socket() + (options.isEmpty() ? "" : "," + options);
  }

  /** A JVM that runs. */
  public record Running(Process process, Path out, Path err, Path recording)
      implements AutoCloseable {
    /** Waits for its end. */
    public Result await() throws IOException, InterruptedException {
      return await(TIMEOUT_SECONDS);
    }

    /** Waits for its end, but no longer than so many seconds. */
    public Result await(long seconds) throws IOException, InterruptedException {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        // The JVM then prints what its threads do.
        new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
        process.waitFor(2, TimeUnit.SECONDS);
        process.destroyForcibly().waitFor();
        throw new IllegalStateException(
            "no end after "
                + seconds
                + " s; standard error: "
                + Files.readString(err)
                + "; standard output: "
                + Files.readString(out));
      }
      return new Result(
          process.exitValue(), Files.readString(out), Files.readString(err), recording);
    }

    /** Its standard output so far. */
    public String output() throws IOException {
      return Files.readString(out);
    }

    /** Writes a line to its standard input. */
    public void send(String line) throws IOException {
      process.outputWriter().write(line + "\n");
      process.outputWriter().flush();
    }

    /** Waits until its standard output has a line that starts so, and returns what follows. */
    public String awaitLine(String start) throws IOException, InterruptedException {
      return awaitLine(start, TIMEOUT_SECONDS);
    }

    /** The same, but for no longer than so many seconds. */
    public String awaitLine(String start, long seconds) throws IOException, InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (System.nanoTime() < deadline) {
        for (String line : Files.readString(out).split("(?<=\n)")) {
          if (line.startsWith(start) && line.endsWith("\n")) {
            return line.substring(start.length()).strip();
          }
        }
        if (!process.isAlive()) {
          break;
        }
        Thread.sleep(20);
      }
      throw new IllegalStateException(
          "no line \"" + start + "\"; standard error: " + Files.readString(err));
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /** What a JVM left behind. */
  public record Result(int exit, String out, String err, Path recording) {
    /** This result, if the exit code is 0. */
    public Result ok() {
      if (exit != 0) {
        throw new AssertionError("exit code " + exit + "; standard error: " + err);
      }
      return this;
    }
  }
}
