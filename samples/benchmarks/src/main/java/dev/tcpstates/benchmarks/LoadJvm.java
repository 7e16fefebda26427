// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A JVM that runs a load, in a network namespace of its own: so it starts with no connection in
 * TIME_WAIT and with all ports, whatever ran before.
 */
final class LoadJvm implements AutoCloseable {
  /** A run of so many connections. */
  record Ran(long connections, double wallNanos, double cpuNanos) {}

  /** Of a fixed size, so that the collector has the same to do in each JVM. */
  static final String[] HEAP = {"-Xms512m", "-Xmx512m"};

  private static final long LIMIT_SECONDS = 180;
  private static final long AGENT_SECONDS = 20;
  private static final int LAST_RECORDS_MILLIS = 100;

  private final Process process;
  private final BufferedReader out;
  private final Path err;
  private final Path recording;
  private String readyLine;

  private LoadJvm(Process process, Path err, Path recording) {
    this.process = process;
    this.out = process.inputReader();
    this.err = err;
    this.recording = recording;
  }

  /** Of a JVM to be started. */
  static final class Builder {
    private final Bench bench;
    private final Variant variant;
    private final List<String> jvmArguments = new ArrayList<>();
    private String settings = "";
    private LoadJvm sibling;

    Builder(Bench bench, Variant variant) {
      this.bench = bench;
      this.variant = variant;
    }

    /** Further arguments of the JVM. */
    Builder jvm(String... arguments) {
      jvmArguments.addAll(List.of(arguments));
      return this;
    }

    /** Puts it into the network namespace of another, which is the one to be measured. */
    Builder beside(LoadJvm other) {
      sibling = other;
      return this;
    }

    /** Leaves out those of our events whose names are not given. */
    Builder recordOnly(String... events) {
      StringBuilder text = new StringBuilder();
      for (String event : List.of("StateChange", "Connection", "SocketOpen")) {
        if (!List.of(events).contains(event)) {
          text.append(",+tcpstates.").append(event).append("#enabled=false");
        }
      }
      settings = text.toString();
      return this;
    }

    /** Starts it, and returns when its first line has come. */
    LoadJvm start(Class<?> main, String... arguments) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>();
      if (sibling == null) {
        command.addAll(List.of("unshare", "--net", "sh", "-c"));
        command.addAll(List.of("ip link set lo up && exec \"$@\"", "sh"));
      } else {
        command.addAll(sibling.inItsNetwork());
      }
      Path recording = bench.newFile(".jfr");
      command.add(bench.jdk().java());
      command.addAll(variant.jvmArguments(bench, recording, settings));
      command.addAll(jvmArguments);
      command.addAll(List.of("-cp", bench.classPath(), main.getName()));
      command.addAll(List.of(arguments));
      Path err = bench.newFile(".err");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
      Processes.clean(builder);
      LoadJvm jvm = new LoadJvm(builder.start(), err, recording);
      try {
        jvm.ready();
        if (variant.isOurs()) {
          jvm.awaitAgent();
        }
        return jvm;
      } catch (IOException | InterruptedException | RuntimeException e) {
        jvm.close();
        throw e;
      }
    }
  }

  private void ready() throws IOException, InterruptedException {
    readyLine = answer();
    require(readyLine.startsWith("ready"), "not ready but " + readyLine);
  }

  /** It may come up beside the application. */
  private void awaitAgent() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(AGENT_SECONDS);
    while (!Files.readString(err).contains("tcpstates-agent: recording")) {
      require(System.nanoTime() < deadline, "the agent does not record");
      Thread.sleep(10);
    }
  }

  /** What followed {@code ready}. */
  String readyWith() {
    return readyLine.substring("ready".length()).strip();
  }

  long pid() {
    return process.pid(); // each command becomes the next
  }

  /** What to put before a command that is to run in this JVM's network namespace. */
  List<String> inItsNetwork() {
    return List.of("nsenter", "--net=/proc/" + pid() + "/ns/net");
  }

  Path recording() {
    return recording;
  }

  /** Says something to the load and returns the answer. */
  String ask(String command) throws IOException, InterruptedException {
    tell(command);
    return answer();
  }

  private void tell(String command) throws IOException {
    process.outputWriter().write(command + "\n");
    process.outputWriter().flush();
  }

  private String answer() throws IOException, InterruptedException {
    CompletableFuture<String> line =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return out.readLine();
              } catch (IOException e) {
                return null;
              }
            });
    try {
      String answer = line.get(LIMIT_SECONDS, TimeUnit.SECONDS);
      require(answer != null, "the load has ended");
      return answer;
    } catch (TimeoutException e) {
      throw failure("no answer within " + LIMIT_SECONDS + " s");
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  /** So many connections. */
  Ran run(long connections) throws IOException, InterruptedException {
    return ran("run " + connections);
  }

  /** As many connections as go in so many seconds. */
  Ran runFor(long seconds) throws IOException, InterruptedException {
    return ran("seconds " + seconds);
  }

  private Ran ran(String command) throws IOException, InterruptedException {
    double cpu = CpuClock.nanos(pid());
    String answer = ask(command);
    cpu = CpuClock.nanos(pid()) - cpu;
    String[] words = answer.split(" ");
    require(words.length == 3 && words[0].equals("ran"), answer);
    return new Ran(Long.parseLong(words[1]), Double.parseDouble(words[2]), cpu);
  }

  /** Ends it as a program ends; its recording is written then. */
  void end() throws IOException, InterruptedException {
    Connections.awaitClosed(pid());
    Thread.sleep(LAST_RECORDS_MILLIS);
    tell("end");
    require(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it does not end");
    require(process.exitValue() == 0, "exit code " + process.exitValue());
  }

  private void require(boolean right, String otherwise) throws IOException {
    if (!right) {
      throw failure(otherwise);
    }
  }

  private IOException failure(String what) throws IOException {
    return new IOException(what + "; its standard error: " + Files.readString(err));
  }

  /** Kills it if it runs, and deletes its files. */
  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    Files.deleteIfExists(recording);
    Files.deleteIfExists(err);
  }
}
