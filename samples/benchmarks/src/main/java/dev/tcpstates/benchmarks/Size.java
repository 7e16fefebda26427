// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.nio.file.Files;
import java.util.List;

/** Bytes: in the file, on the heap, in memory, of the jar. */
final class Size implements Section {
  static final String FILE = "size.file";
  static final String TRANSITIONS = "StateChange alone";

  private static final String TOGETHER = "StateChange, Connection and SocketOpen";
  private static final String BCC = "bcc tcpstates, text";
  private static final int PAIRS = 4;
  private static final int SOCKETS = 10_000;

  /**
   * After a collection, only reachable objects are in use; the buffer in which a thread allocates
   * would count as a whole.
   */
  private static final String[] EXACT_HEAP = {
    "-XX:+UseSerialGC", "-XX:SoftRefLRUPolicyMSPerMB=0", "-XX:-UseTLAB"
  };

  @Override
  public void run(Bench bench) throws Exception {
    Results results = bench.results();
    int transitions = RecordingCounts.TRANSITIONS_PER_CONNECTION;
    List<String> rows = List.of(TRANSITIONS, TOGETHER, BCC);
    results.order(rows);
    for (int round = 0; round < bench.scale().of(1, 1, 3); round++) {
      for (String row : Bench.shuffled(rows)) {
        double bytes =
            switch (row) {
              case TRANSITIONS -> bytesPerConnection(bench, "StateChange") / transitions;
              case TOGETHER ->
                  bytesPerConnection(bench, "StateChange", "Connection", "SocketOpen")
                      / transitions;
              default -> bytesPerRow(bench);
            };
        results.add(FILE, "Bytes of the file per transition, B", BCC, row, bytes);
      }
      for (String event : List.of("Connection", "SocketOpen")) {
        double bytes = bytesPerConnection(bench, event) / 2; // one for each end
        results.add("size.event", "Bytes of the file per event, B", null, event, bytes);
      }
      // Without a recording, whose own memory comes and goes.
      for (Variant variant : List.of(Variant.NONE, Variant.OFF)) {
        double bytes = heapPerSocket(bench, variant);
        results.add("size.socket", "Heap per open socket, B", Variant.NONE, variant, bytes);
      }
      for (Variant variant :
          Bench.shuffled(
              List.of(Variant.NONE, Variant.JFR, Variant.EMPTY_AGENT, Variant.OFF, Variant.ON))) {
        idle(bench, variant);
      }
      System.err.print(".");
    }
    double megabytes = Files.size(bench.agentJar()) / 1e6;
    results.add("size.jar", "The agent's jar, MB", null, "tcpstates-agent.jar", megabytes);
  }

  private static int connections(Bench bench) {
    return bench.scale().of(1_000, 3_000, 10_000);
  }

  /** By how much the file grows from so many connections to twice as many. */
  private static double bytesPerConnection(Bench bench, String... events) throws Exception {
    int connections = connections(bench);
    double more = fileSize(bench, 2 * connections, List.of(events));
    return (more - fileSize(bench, connections, List.of(events))) / connections;
  }

  private static long fileSize(Bench bench, int connections, List<String> events) throws Exception {
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, Variant.ON)
            .jvm(LoadJvm.HEAP)
            .recordOnly(events)
            .start(Load.class, "kind=blocking", "pairs=" + PAIRS)) {
      jvm.run(connections);
      RecordingCounts counts = jvm.endAndCount();
      for (String event : events) {
        int expected =
            switch (event) {
              case "StateChange" ->
                  RecordingCounts.TRANSITIONS_PER_CONNECTION * connections + PAIRS;
              case "SocketOpen" -> 2 * connections + PAIRS;
              default -> 2 * connections;
            };
        String what = "file with " + String.join(", ", events) + ": " + event;
        bench.results().check(what, expected, counts.count(event));
      }
      return Files.size(jvm.recording());
    }
  }

  private static double bytesPerRow(Bench bench) throws Exception {
    try (Bcc bcc = Bcc.start(bench);
        LoadJvm jvm = LoadJvm.blocking(bench, Variant.NONE, PAIRS)) {
      jvm.run(connections(bench));
      bcc.stop();
      return (double) bcc.bytes() / bcc.rows();
    }
  }

  private static double heapPerSocket(Bench bench, Variant variant) throws Exception {
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, variant)
            .jvm(LoadJvm.HEAP)
            .jvm(EXACT_HEAP)
            .start(Load.class, "kind=none")) {
      String connect = "connect 127.0.0.1 " + jvm.peer(bench).ask("accept") + " ";
      jvm.ask(connect + 100); // the first sockets load classes
      double before = Double.parseDouble(jvm.ask("heap"));
      jvm.ask(connect + SOCKETS);
      return (Double.parseDouble(jvm.ask("heap")) - before) / SOCKETS;
    }
  }

  private static void idle(Bench bench, Variant variant) throws Exception {
    Variant base = Variant.EMPTY_AGENT;
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, variant)
            .jvm("-Xmx512m")
            .jvm(EXACT_HEAP)
            .start(Load.class, "kind=none")) {
      Thread.sleep(bench.scale().of(100, 1_000, 2_000));
      Results results = bench.results();
      double rss = Processes.residentBytes(jvm.pid()) / 1e6;
      results.add("size.idle.rss", "Resident memory of an idle JVM, MB", base, variant, rss);
      double heap = Double.parseDouble(jvm.ask("heap")) / 1e6;
      results.add("size.idle.heap", "Heap in use of an idle JVM, MB", base, variant, heap);
    }
  }
}
