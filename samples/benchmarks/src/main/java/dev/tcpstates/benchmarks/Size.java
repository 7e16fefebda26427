// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Bytes: in the file, on the heap, in memory, of the jar. */
final class Size implements Section {
  static final String FILE = "size.file";
  static final String TRANSITIONS = "StateChange alone";
  static final String BCC = "bcc tcpstates, text";

  private static final int PAIRS = 4;

  /**
   * After a collection, what is in use is what can be reached; a buffer that a thread has taken to
   * allocate in would count as a whole.
   */
  private static final String[] EXACT_HEAP = {
    "-XX:+UseSerialGC", "-XX:SoftRefLRUPolicyMSPerMB=0", "-XX:-UseTLAB"
  };

  private record Kind(String label, List<String> events, double perConnection) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(TRANSITIONS, List.of("StateChange"), RecordingCounts.TRANSITIONS_PER_CONNECTION),
          new Kind(
              "StateChange, Connection and SocketOpen",
              List.of("StateChange", "Connection", "SocketOpen"),
              RecordingCounts.TRANSITIONS_PER_CONNECTION));

  private static final List<Kind> OTHERS =
      List.of(
          new Kind("Connection", List.of("Connection"), 2),
          new Kind("SocketOpen", List.of("SocketOpen"), 2));

  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    for (int round = 0; round < scale.sizeRounds(); round++) {
      Measure perTransition =
          results
              .measure(FILE, 6, "Bytes of the file per transition", "B", BCC)
              .rows(KINDS.stream().map(Kind::label).toList());
      for (Kind kind : Rounds.shuffled(KINDS)) {
        perTransition.add(kind.label, bytesPerEvent(bench, scale, results, kind));
      }
      perTransition.add(BCC, bytesPerRow(bench, scale));
      Measure perEvent = results.measure("size.event", 6, "Bytes of the file per event", "B", null);
      for (Kind kind : OTHERS) {
        perEvent.add(kind.label, bytesPerEvent(bench, scale, results, kind));
      }
      // Without a recording, whose own memory comes and goes.
      for (Variant variant : List.of(Variant.NONE, Variant.OFF)) {
        results
            .measure("size.socket", 6, "Heap per open socket", "B", Variant.NONE.label())
            .add(variant.label(), heapPerSocket(bench, scale, variant));
      }
      for (Variant variant :
          Rounds.shuffled(
              List.of(Variant.NONE, Variant.JFR, Variant.EMPTY_AGENT, Variant.OFF, Variant.ON))) {
        idle(bench, scale, results, variant);
      }
      Progress.dot();
    }
    results
        .measure("size.jar", 6, "The agent's jar", "MB", null)
        .add("tcpstates-agent.jar", Files.size(bench.agentJar()) / 1e6);
  }

  /** By how much the file grows from so many connections to twice as many. */
  private static double bytesPerEvent(Bench bench, Scale scale, Results results, Kind kind)
      throws IOException, InterruptedException {
    long connections = scale.sizeConnections();
    long more = fileSize(bench, results, kind, 2 * connections);
    long less = fileSize(bench, results, kind, connections);
    return (more - less) / (kind.perConnection * connections);
  }

  private static long fileSize(Bench bench, Results results, Kind kind, long connections)
      throws IOException, InterruptedException {
    try (LoadJvm jvm =
        load(bench, Variant.ON)
            .recordOnly(kind.events.toArray(String[]::new))
            .start(Load.class, arguments())) {
      jvm.run(connections);
      jvm.end();
      RecordingCounts counts = RecordingCounts.of(jvm.recording());
      for (String event : kind.events) {
        double expected =
            switch (event) {
              case "StateChange" ->
                  RecordingCounts.TRANSITIONS_PER_CONNECTION * connections + PAIRS;
              case "SocketOpen" -> 2 * connections + PAIRS;
              default -> 2 * connections;
            };
        results.check("file with " + kind.label + ": " + event, expected, counts.count(event));
      }
      return Files.size(jvm.recording());
    }
  }

  private static LoadJvm.Builder load(Bench bench, Variant variant) {
    return new LoadJvm.Builder(bench, variant).jvm(LoadJvm.HEAP);
  }

  private static String[] arguments() {
    return new String[] {"kind=blocking", "pairs=" + PAIRS};
  }

  private static double bytesPerRow(Bench bench, Scale scale)
      throws IOException, InterruptedException {
    try (Bcc bcc = Bcc.start(bench);
        LoadJvm jvm = load(bench, Variant.NONE).start(Load.class, arguments())) {
      jvm.run(scale.sizeConnections());
      bcc.stop();
      return (double) bcc.bytes() / bcc.rows();
    }
  }

  private static double heapPerSocket(Bench bench, Scale scale, Variant variant)
      throws IOException, InterruptedException {
    try (LoadJvm jvm = load(bench, variant).jvm(EXACT_HEAP).start(Load.class, "kind=none");
        LoadJvm peer = load(bench, Variant.NONE).beside(jvm).start(Load.class, "kind=none")) {
      int port = Integer.parseInt(peer.ask("accept"));
      String connect = "connect 127.0.0.1 " + port + " ";
      jvm.ask(connect + 100); // what the first bring with them is not what each costs
      double before = Double.parseDouble(jvm.ask("heap"));
      jvm.ask(connect + scale.held());
      return (Double.parseDouble(jvm.ask("heap")) - before) / scale.held();
    }
  }

  private static void idle(Bench bench, Scale scale, Results results, Variant variant)
      throws IOException, InterruptedException {
    String base = Variant.EMPTY_AGENT.label();
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, variant)
            .jvm("-Xmx512m")
            .jvm(EXACT_HEAP)
            .start(Load.class, "kind=none")) {
      Thread.sleep(scale.settleMillis());
      results
          .measure("size.idle.rss", 6, "Resident memory of an idle JVM", "MB", base)
          .variantRows()
          .add(variant.label(), Processes.residentBytes(jvm.pid()) / 1e6);
      results
          .measure("size.idle.heap", 6, "Heap in use of an idle JVM", "MB", base)
          .variantRows()
          .add(variant.label(), Double.parseDouble(jvm.ask("heap")) / 1e6);
    }
  }
}
