// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A machine with many JVMs that have the agent, with programs of their own and with the node
 * program: time in all BPF programs per transition, of an owned socket and of one that no agent
 * owns; the kernel's memory per JVM; and the start of many JVMs at once.
 */
final class ManyJvms implements Section {
  static final String FOREIGN = "jvms.foreign";
  static final String NODE_ROW = "node program, ";

  private static final int PAIRS = 2;
  private static final String RING = ",ringSize=64KB";
  private static final String[] SMALL = {"-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"};

  @Override
  public void run(Bench bench) throws Exception {
    List<Integer> counts = bench.scale() == Scale.SMOKE ? List.of(1, 3) : List.of(1, 10, 50);
    for (int round = 0; round < bench.scale().of(1, 1, 3); round++) {
      try (BpfStats stats = BpfStats.on(bench)) {
        for (int jvms : counts) {
          measure(bench, stats, jvms, null);
          try (NodeProcess node = NodeProcess.start(bench)) {
            measure(bench, stats, jvms, node);
          }
          System.err.print(".");
        }
      }
    }
    startMany(bench, bench.scale().of(4, 50, 200));
  }

  private static LoadJvm.Builder jvm(Bench bench, NodeProcess node) {
    return new LoadJvm.Builder(bench, Variant.OFF)
        .jvm(SMALL)
        .agent((node == null ? "source=own,required=true" : node.options()) + RING);
  }

  private static void measure(Bench bench, BpfStats stats, int jvms, NodeProcess node)
      throws Exception {
    String row = (node == null ? "own programs, " : NODE_ROW) + jvms;
    List<LoadJvm> all = new ArrayList<>();
    try (LoadJvm foreign = LoadJvm.blocking(bench, Variant.NONE, PAIRS)) {
      double before = kernelBytes(bench);
      for (int i = 0; i < jvms; i++) {
        all.add(jvm(bench, node).start(Load.class, "kind=blocking", "pairs=" + PAIRS));
      }
      bench
          .results()
          .add(
              "jvms.memory",
              "Memory of BPF programs and maps per JVM, ring of 64 KB, by the number of JVMs, KB",
              (String) null,
              row,
              (kernelBytes(bench) - before) / jvms / 1024);
      for (LoadJvm busy : List.of(all.get(0), foreign)) {
        busy.run(bench.scale().warmUp());
        double nanos = nanos(stats, all, node);
        double transitions = busy.run(bench.scale().connections()).transitions();
        double each = (nanos(stats, all, node) - nanos) / transitions;
        bench
            .results()
            .add(
                busy == foreign ? FOREIGN : "jvms.owned",
                "Time in all agents' programs per transition of "
                    + (busy == foreign ? "a foreign" : "an owned")
                    + " socket, by the number of JVMs with the agent, ns",
                (String) null,
                row,
                each);
      }
    } finally {
      for (LoadJvm one : all) {
        one.close();
      }
    }
  }

  /** Memory of all BPF programs and maps of the machine, as the kernel accounts for it. */
  private static double kernelBytes(Bench bench) throws Exception {
    double sum = 0;
    for (String what : List.of("prog", "map")) {
      String all = Processes.run(bench, List.of("bpftool", "-j", what, "show"));
      for (JsonElement element : JsonParser.parseString(all).getAsJsonArray()) {
        JsonObject one = element.getAsJsonObject();
        sum += one.has("bytes_memlock") ? one.get("bytes_memlock").getAsDouble() : 0;
      }
    }
    return sum;
  }

  private static double nanos(BpfStats stats, List<LoadJvm> jvms, NodeProcess node)
      throws Exception {
    if (node != null) {
      return stats.pinned(node.pins(), KernelTime.OUR_PROGRAMS).nanos();
    }
    double sum = 0;
    for (LoadJvm one : jvms) {
      sum += stats.of(one.pid(), KernelTime.OUR_PROGRAMS).nanos();
    }
    return sum;
  }

  /** Starts so many JVMs at once, and waits until each records. */
  private static void startMany(Bench bench, int jvms) throws Exception {
    String id = "jvms.start";
    String title = "Time until " + jvms + " JVMs that start at once are all ready, s";
    String none = "no agent";
    String own = "own programs";
    String served = "node program";
    bench.results().order(List.of(none, own, served));
    for (String variant : Bench.shuffled(List.of(none, own, served))) {
      if (variant.equals(served)) {
        try (NodeProcess node = NodeProcess.start(bench)) {
          double cpu = Processes.cpuNanos(node.process().pid());
          double seconds = seconds(jvms, () -> start(jvm(bench, node)));
          cpu = Processes.cpuNanos(node.process().pid()) - cpu;
          bench.results().add(id, title, none, variant, seconds);
          bench
              .results()
              .add(
                  "jvms.register",
                  "CPU time of the node program per JVM, from registration to end, ms",
                  (String) null,
                  served,
                  cpu / jvms / 1e6);
        }
      } else {
        LoadJvm.Builder builder =
            variant.equals(own)
                ? jvm(bench, null)
                : new LoadJvm.Builder(bench, Variant.NONE).jvm(SMALL);
        bench.results().add(id, title, none, variant, seconds(jvms, () -> start(builder)));
      }
      System.err.print(".");
    }
  }

  private static LoadJvm start(LoadJvm.Builder builder) throws Exception {
    return builder.start(Load.class, "kind=none");
  }

  private static double seconds(int jvms, Callable<LoadJvm> start) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(jvms);
    List<LoadJvm> started = new ArrayList<>();
    try {
      long begin = System.nanoTime();
      List<Callable<LoadJvm>> all = new ArrayList<>();
      for (int i = 0; i < jvms; i++) {
        all.add(start);
      }
      for (Future<LoadJvm> one : threads.invokeAll(all)) {
        started.add(one.get());
      }
      return (System.nanoTime() - begin) / 1e9;
    } catch (ExecutionException e) {
      throw new IOException(e);
    } finally {
      threads.shutdownNow();
      for (LoadJvm one : started) {
        one.close();
      }
    }
  }

  /** The node program, with a BPF file system of its own. */
  private record NodeProcess(Bench bench, Path folder, Process process) implements AutoCloseable {
    static NodeProcess start(Bench bench) throws Exception {
      Path folder = bench.newFile(".node");
      Path mount = folder.resolve("bpf");
      Processes.run(bench, List.of("mkdir", "-p", mount.toString()));
      Processes.run(bench, List.of("mount", "-t", "bpf", "bpf", mount.toString()));
      ProcessBuilder builder =
          new ProcessBuilder(
              bench.jdk().java(),
              "-jar",
              bench.agentJar().toString(),
              "node",
              "--max-jvms-per-user",
              "256",
              "--socket",
              folder.resolve("node.sock").toString(),
              "--pins",
              mount.resolve("tcpstates").toString());
      Processes.clean(builder);
      Path log = folder.resolve("log.txt"); // nobody reads a pipe, which would fill up
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
      NodeProcess node = new NodeProcess(bench, folder, builder.start());
      while (!Files.readString(log).contains("listening at ")) {
        if (!node.process.isAlive()) {
          node.close();
          throw new IOException("the node program says: " + Files.readString(log));
        }
        Thread.sleep(10);
      }
      return node;
    }

    String options() {
      return "source=node,required=true,node=" + folder.resolve("node.sock");
    }

    Path pins() throws Exception {
      Path all = folder.resolve("bpf/tcpstates");
      try (var versions = Files.list(all)) {
        return versions.findFirst().orElseThrow();
      }
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly().onExit().join();
      new ProcessBuilder("umount", "--lazy", folder.resolve("bpf").toString())
          .start()
          .onExit()
          .join();
    }
  }
}
