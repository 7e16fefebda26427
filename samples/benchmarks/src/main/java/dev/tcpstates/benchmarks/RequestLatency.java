// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.HttpServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Latency of Jetty under wrk: over connections that last, and with one for each request. */
final class RequestLatency implements Section {
  private static final Pattern RESULT =
      Pattern.compile(
          "result requests=(\\d+) errors=(\\d+) micros=(\\d+) p50=(\\d+) p99=(\\d+) p999=(\\d+)");

  private static final int CONNECTIONS = 16;

  private record Mode(String name, String title, List<String> arguments) {}

  private static final List<Mode> MODES =
      List.of(
          new Mode("keepalive", "keep-alive", List.of()),
          new Mode("close", "a connection per request", List.of("-H", "Connection: close")));

  @Override
  public void run(Bench bench) throws Exception {
    List<Variant> few = List.of(Variant.NONE, Variant.OFF, Variant.ON);
    List<Variant> all = bench.scale().variants();
    for (Mode mode : MODES) {
      for (int round = 0; round < bench.scale().of(1, 1, 3); round++) {
        for (Variant variant : Bench.shuffled(bench.scale().of(all, few, all))) {
          measure(bench, mode, variant);
        }
        System.err.print(".");
      }
    }
  }

  private static void measure(Bench bench, Mode mode, Variant variant) throws Exception {
    try (Bcc bcc = variant == Variant.BCC ? Bcc.start(bench) : null;
        LoadJvm jvm =
            new LoadJvm.Builder(bench, variant).jvm(LoadJvm.HEAP).start(HttpServer.class)) {
      int warmUpSeconds = bench.scale().of(0, 2, 4); // then the server's code is compiled
      if (warmUpSeconds > 0) {
        wrk(bench, jvm, mode, warmUpSeconds);
      }
      MatchResult result = wrk(bench, jvm, mode, bench.scale().of(1, 2, 4));
      double seconds = number(result, 3) / 1e6;
      bench
          .results()
          .check("wrk, " + mode.title + ", " + variant.label() + ": errors", 0, number(result, 2));
      add(bench, mode, variant, "rate", "requests per second", number(result, 1) / seconds);
      add(bench, mode, variant, "p50", "p50, µs", number(result, 4));
      add(bench, mode, variant, "p99", "p99, µs", number(result, 5));
      add(bench, mode, variant, "p999", "p99.9, µs", number(result, 6));
      if (bcc != null) {
        bcc.stop();
      }
      jvm.end();
    }
  }

  private static void add(
      Bench bench, Mode mode, Variant variant, String what, String title, double value) {
    String id = "requests." + mode.name + "." + what;
    title = "HTTP under wrk, " + mode.title + ": " + title;
    bench.results().add(id, title, Variant.NONE, variant, value);
  }

  private static double number(MatchResult result, int group) {
    return Double.parseDouble(result.group(group));
  }

  private static MatchResult wrk(Bench bench, LoadJvm jvm, Mode mode, int seconds)
      throws Exception {
    List<String> command = new ArrayList<>(jvm.inItsNetwork());
    command.addAll(List.of("wrk", "-t", "1", "-c", "" + CONNECTIONS, "-d", seconds + "s"));
    command.addAll(List.of("-s", bench.file("src/main/lua/latency.lua").toString()));
    command.addAll(mode.arguments);
    command.add("http://127.0.0.1:" + jvm.readyWith() + "/");
    String output = Processes.run(bench, command);
    Matcher result = RESULT.matcher(output);
    if (!result.find()) {
      throw new IOException("unknown output of wrk: " + output);
    }
    return result;
  }
}
