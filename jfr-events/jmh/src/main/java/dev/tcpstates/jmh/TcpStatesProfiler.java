// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import java.io.File;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.profile.ProfilerException;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.IterationType;

/**
 * A profiler for JMH, {@code -prof tcpstates}: how many TCP connections an operation opens, and
 * which lines of code open them. It starts the forked JVMs with the agent. In the host's JVM
 * ({@code -f 0}) it works if that was started with {@code -javaagent:tcpstates-agent.jar}.
 *
 * <p>It records the measurement iterations, the {@code @Setup} and {@code @TearDown} methods of
 * level Invocation included. Secondary results, each per operation:
 *
 * <ul>
 *   <li>{@code tcp.connects}: connects of this side, failed ones included
 *   <li>{@code tcp.handshakes}: those that were established; {@code tcp.handshake.time}: how long
 *       one took on average, from SYN_SENT to ESTABLISHED
 *   <li>{@code tcp.failed}: those that failed
 *   <li>{@code tcp.accepts}: connections to listeners of this JVM
 *   <li>{@code tcp.retransmits}: retransmitted segments
 *   <li>{@code tcp.resets}: connections that ended by a reset
 *   <li>{@code tcp.stuck}: sockets that the operations opened and that are stuck at the end of the
 *       iteration, such as those in CLOSE_WAIT. JMH runs the {@code @TearDown} methods before it
 *       ends an iteration, those of level Trial in the last one
 *   <li>{@code tcp.lines}: the opening lines, as text
 * </ul>
 *
 * <p>If the agent polls the sockets (mode SAMPLED), there are only {@code tcp.connects}, {@code
 * tcp.accepts} and {@code tcp.lines}, as Java code opened the sockets.
 */
public class TcpStatesProfiler implements ExternalProfiler, InternalProfiler {
  private final ProfilerOptions options;
  private Path agent;
  private IterationRecording recording;

  /**
   * For JMH.
   *
   * @param options {@code key=value} pairs, separated by {@code ;}: {@code agent} is the path of
   *     the agent's jar, instead of the one in this jar; {@code options} are the agent's options;
   *     {@code lines} is how many opening lines are printed, 10 by default
   * @throws ProfilerException if an option is not valid
   */
  public TcpStatesProfiler(String options) throws ProfilerException {
    this.options = ProfilerOptions.parse(options);
  }

  @Override
  public String getDescription() {
    return "TCP connections per operation, and the lines of code that open them";
  }

  @Override
  public Collection<String> addJVMInvokeOptions(BenchmarkParams params) {
    return List.of();
  }

  @Override
  public Collection<String> addJVMOptions(BenchmarkParams params) {
    if (options.agent() == null && AgentJar.isIn(params.getJvmArgs())) {
      return List.of();
    }
    if (agent == null) {
      agent = options.agent() == null ? AgentJar.unpack() : options.agent();
    }
    String given = options.agentOptions();
    String quiet = given.startsWith("log=") || given.contains(",log=") ? "" : "log=warn";
    String separator = given.isEmpty() || quiet.isEmpty() ? "" : ",";
    return List.of("-javaagent:" + agent + "=" + quiet + separator + given);
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (iteration.getType() == IterationType.MEASUREMENT) {
      recording = IterationRecording.start();
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    if (recording == null) {
      return List.of();
    }
    try (IterationRecording ended = recording) {
      recording = null;
      return ended.count().results(result.getMetadata().getAllOps(), options.lines());
    }
  }

  @Override
  public void beforeTrial(BenchmarkParams params) {}

  @Override
  public Collection<? extends Result<?>> afterTrial(
      BenchmarkResult result, long pid, File standardOut, File standardError) {
    return List.of();
  }

  @Override
  public boolean allowPrintOut() {
    return true;
  }

  @Override
  public boolean allowPrintErr() {
    return true;
  }
}
