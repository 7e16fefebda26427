// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A JVM that runs a load, in a network namespace of its own: it starts with no connection in
 * TIME_WAIT and with all ports, whatever ran before.
 */
final class LoadJvm implements AutoCloseable {
  /** Connections that were made. */
  record Ran(long connections, double wallNanos, double cpuNanos) {
    /** CPU time of a connection, in µs. */
    double cpuMicros() {
      return cpuNanos / connections / 1_000;
    }

    /** Wall time of the load per connection, in µs. */
    double wallMicros() {
      return wallNanos / connections / 1_000;
    }

    long transitions() {
      return RecordingCounts.TRANSITIONS_PER_CONNECTION * connections;
    }
  }

  /** A fixed size, so that the collector has the same work in each JVM. */
  static final String[] HEAP = {"-Xms512m", "-Xmx512m"};

  /** The states SYN_SENT to FIN_WAIT2, CLOSE_WAIT, LAST_ACK and CLOSING in /proc. */
  private static final Set<String> CLOSING = Set.of("02", "03", "04", "05", "08", "09", "0B");

  private static final long LIMIT_SECONDS = 180;
  private static final long AGENT_SECONDS = 20;
  private static final int CLOSING_TRIES = 100;
  private static final int PAUSE_MILLIS = 100;

  private final Process process;
  private final BufferedReader out;
  private final Path err;
  private final Path recording;
  private final List<LoadJvm> peers = new ArrayList<>();
  private String readyLine;

  private LoadJvm(Process process, Path err, Path recording) {
    this.process = process;
    this.out = process.inputReader();
    this.err = err;
    this.recording = recording;
  }

  /** Pairs of threads, one of which connects to the other with blocking sockets. */
  static LoadJvm blocking(Bench bench, Variant variant, int pairs) throws Exception {
    return new Builder(bench, variant)
        .jvm(HEAP)
        .start(Load.class, "kind=blocking", "pairs=" + pairs);
  }

  /** A JVM to be started. */
  static final class Builder {
    private final Bench bench;
    private final Variant variant;
    private final List<String> jvmArguments = new ArrayList<>();
    private final List<String> prefix = new ArrayList<>();
    private String agentOptions = "";
    private String settings = "";

    Builder(Bench bench, Variant variant) {
      this.bench = bench;
      this.variant = variant;
      prefix.addAll(
          List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", ""));
    }

    /** Adds arguments of the JVM. */
    Builder jvm(String... arguments) {
      jvmArguments.addAll(List.of(arguments));
      return this;
    }

    /** Takes all capabilities from it, so the agent polls. As root still, it can read its files. */
    Builder sampled(String pollInterval) {
      prefix.addAll(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
      agentOptions = "required=sampled,pollInterval=" + pollInterval;
      return this;
    }

    /** Gives options to the agent. */
    Builder agent(String options) {
      agentOptions = options;
      return this;
    }

    /** Of these events of the agent, records only those that are named. */
    Builder recordOnly(List<String> events) {
      for (String event : List.of("StateChange", "Connection", "SocketOpen")) {
        settings += events.contains(event) ? "" : ",+tcpstates." + event + "#enabled=false";
      }
      return this;
    }

    /** Starts it, and returns when the load and the agent are ready. */
    LoadJvm start(Class<?> main, String... arguments) throws Exception {
      Path recording = bench.newFile(".jfr");
      Path err = bench.newFile(".err");
      List<String> command = new ArrayList<>(prefix);
      command.add(bench.jdk().java());
      command.addAll(variant.jvmArguments(bench, agentOptions, recording, settings));
      command.addAll(jvmArguments);
      command.addAll(List.of("-cp", bench.classPath(), main.getName()));
      command.addAll(List.of(arguments));
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
      Processes.clean(builder);
      LoadJvm jvm = new LoadJvm(builder.start(), err, recording);
      try {
        jvm.readyLine = jvm.answer();
        jvm.require(jvm.readyLine.startsWith("ready"), "not ready but " + jvm.readyLine);
        if (variant.isOurs()) {
          jvm.awaitAgent(agentOptions.contains("sampled") ? "WARN sampling" : "recording");
        }
        return jvm;
      } catch (Exception e) {
        jvm.close();
        throw e;
      }
    }
  }

  /** Its start may end after that of the application. */
  private void awaitAgent(String does) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(AGENT_SECONDS);
    while (!Files.readString(err).contains("tcpstates-agent: " + does)) {
      require(System.nanoTime() < deadline, "the agent has not logged " + does);
      Thread.sleep(10);
    }
  }

  /** Starts another JVM in the network namespace of this one, which closes it. */
  LoadJvm peer(Bench bench) throws Exception {
    Builder builder = new Builder(bench, Variant.NONE);
    builder.prefix.clear();
    builder.prefix.addAll(inItsNetwork());
    LoadJvm peer = builder.start(Load.class, "kind=none");
    peers.add(peer);
    return peer;
  }

  /** What followed {@code ready}. */
  String readyWith() {
    return readyLine.substring("ready".length()).strip();
  }

  long pid() {
    return process.pid(); // each command of the prefix becomes the next one
  }

  /** CPU time of the agent's threads, in ns. */
  double agentNanos() throws IOException {
    return threadNanos("tcpstates");
  }

  /**
   * CPU time of some threads, in ns.
   *
   * @param name what their names begin with
   */
  double threadNanos(String name) throws IOException {
    return Processes.cpuNanos(pid(), name);
  }

  /** The words before a command that is to run in this JVM's network namespace. */
  List<String> inItsNetwork() {
    return List.of("nsenter", "--net=/proc/" + pid() + "/ns/net");
  }

  Path recording() {
    return recording;
  }

  /** Sends a command to the load and returns the answer. */
  String ask(String command) throws Exception {
    send(command);
    return answer();
  }

  private void send(String command) throws IOException {
    process.outputWriter().write(command + "\n");
    process.outputWriter().flush();
  }

  private String answer() throws Exception {
    try {
      String answer =
          CompletableFuture.supplyAsync(() -> out.lines().findFirst().orElse(null))
              .get(LIMIT_SECONDS, TimeUnit.SECONDS);
      require(answer != null, "the load has ended");
      return answer;
    } catch (TimeoutException e) {
      throw failure("no answer within " + LIMIT_SECONDS + " s");
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  /** Makes so many connections. */
  Ran run(long connections) throws Exception {
    return ran("run " + connections);
  }

  /** Makes connections for so many seconds. */
  Ran runFor(long seconds) throws Exception {
    return ran("seconds " + seconds);
  }

  private Ran ran(String command) throws Exception {
    double cpu = Processes.cpuNanos(pid());
    String answer = ask(command);
    cpu = Processes.cpuNanos(pid()) - cpu;
    String[] words = answer.split(" ");
    require(words.length == 3 && words[0].equals("ran"), answer);
    return new Ran(Long.parseLong(words[1]), Double.parseDouble(words[2]), cpu);
  }

  /** Ends it as a program ends, which writes its recording, and reads that. */
  RecordingCounts endAndCount() throws Exception {
    end();
    return RecordingCounts.of(recording);
  }

  /** Ends it as a program ends, once its connections are closed. */
  void end() throws Exception {
    for (int i = 0; i < CLOSING_TRIES && isClosing(); i++) { // on a busy machine it takes time
      Thread.sleep(PAUSE_MILLIS);
    }
    Thread.sleep(PAUSE_MILLIS); // for the last records
    send("end");
    require(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it does not end");
    require(process.exitValue() == 0, "exit code " + process.exitValue());
  }

  private boolean isClosing() throws IOException {
    for (String table : List.of("tcp", "tcp6")) {
      try (Stream<String> rows = Files.lines(Path.of("/proc/" + pid() + "/net/" + table))) {
        if (rows.anyMatch(row -> CLOSING.contains(row.strip().split(" +")[3]))) {
          return true;
        }
      }
    }
    return false;
  }

  private void require(boolean right, String otherwise) throws IOException {
    if (!right) {
      throw failure(otherwise);
    }
  }

  private IOException failure(String what) throws IOException {
    return new IOException(what + "; its standard error: " + Files.readString(err));
  }

  /** Kills it and its peers if they run, and deletes their files. */
  @Override
  public void close() throws IOException {
    for (LoadJvm peer : peers) {
      peer.close();
    }
    process.destroyForcibly().onExit().join();
    Files.deleteIfExists(recording);
    Files.deleteIfExists(err);
  }
}
