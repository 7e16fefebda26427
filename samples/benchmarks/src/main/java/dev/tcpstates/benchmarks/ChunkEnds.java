// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.util.List;

/**
 * What a chunk's end costs on JFR's thread in the mode EXACT. There the agent drains the ring and
 * lists the sockets. At full churn a chunk is full about twice a second.
 */
final class ChunkEnds implements Section {
  private static final int PAIRS = 4;

  /** The thread that ends chunks and emits periodic events. */
  private static final String THREAD = "JFR Periodic";

  /** The sockets that are there besides the churn. */
  private record Sockets(String id, int open, int timeWaits) {
    String title() {
      return String.format("%,d open sockets, %,d in TIME_WAIT elsewhere", open, timeWaits);
    }
  }

  @Override
  public void run(Bench bench) throws Exception {
    int many = bench.scale().of(700, 50_000, 50_000);
    int timeWaits = bench.scale().of(1_000, 100_000, 100_000);
    List<Sockets> cases =
        List.of(
            new Sockets("few", 10, 0),
            new Sockets("open", many, 0),
            new Sockets("timeWait", 10, timeWaits));
    List<Variant> both = List.of(Variant.JFR, Variant.ON);
    for (int round = 0; round < bench.scale().of(1, 1, 2); round++) {
      for (Sockets sockets : Bench.shuffled(cases)) {
        for (Variant variant : Bench.shuffled(bench.scale().of(List.of(Variant.ON), both, both))) {
          // They last for a minute in another namespace; the kernel's table has those of all.
          try (LoadJvm other =
              sockets.timeWaits == 0 ? null : LoadJvm.blocking(bench, Variant.NONE, PAIRS)) {
            if (other != null) {
              other.run(sockets.timeWaits);
            }
            measure(bench, sockets, variant);
          }
        }
        System.err.print(".");
      }
    }
  }

  private static void measure(Bench bench, Sockets sockets, Variant variant) throws Exception {
    String size = bench.scale().of("1M", "12M", "12M"); // 12M is JFR's default
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, variant)
            .jvm(LoadJvm.HEAP)
            .jvm("-XX:FlightRecorderOptions:maxchunksize=" + size)
            .start(Load.class, "kind=blocking", "pairs=" + PAIRS)) {
      OpenSockets.open(bench, jvm, sockets.open);
      jvm.run(bench.scale().warmUp());
      double before = Processes.cpuNanos(jvm.pid(), THREAD);
      long from = System.currentTimeMillis();
      LoadJvm.Ran ran = jvm.runFor(bench.scale().of(2, 5, 20));
      double nanos = Processes.cpuNanos(jvm.pid(), THREAD) - before;
      long to = System.currentTimeMillis();
      jvm.end();
      int chunks = RecordingCounts.chunks(jvm.recording(), from * 1_000_000, to * 1_000_000);
      String id = "chunks." + sockets.id + ".";
      String title = "JFR's periodic thread, " + sockets.title() + ": ";
      Variant base = Variant.JFR;
      Results results = bench.results();
      double micros = nanos / ran.connections() / 1_000;
      results.add(id + "connection", title + "CPU time per connection, µs", base, variant, micros);
      double rate = chunks / (ran.wallNanos() / 1e9);
      results.add(id + "count", title + "chunk ends per second", null, variant, rate);
      if (variant == Variant.ON) { // without the agent, hardly any chunk is full
        double millis = nanos / chunks / 1e6;
        results.add(id + "end", title + "CPU time per chunk end, ms", null, variant, millis);
      }
    }
  }
}
