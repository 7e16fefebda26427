// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.HttpServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long Jetty takes to answer wrk: over connections that last, and with one for each request.
 */
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
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    for (Mode mode : MODES) {
      for (int round = 0; round < scale.httpRounds(); round++) {
        for (Variant variant : Rounds.shuffled(scale.httpVariants())) {
          one(bench, scale, results, mode, variant);
        }
        Progress.dot();
      }
    }
  }

  private static void one(Bench bench, Scale scale, Results results, Mode mode, Variant variant)
      throws IOException, InterruptedException {
    try (Bcc bcc = variant == Variant.BCC ? Bcc.start(bench) : null;
        LoadJvm jvm =
            new LoadJvm.Builder(bench, variant).jvm(LoadJvm.HEAP).start(HttpServer.class)) {
      if (scale.httpWarmUpSeconds() > 0) {
        wrk(bench, jvm, mode, scale.httpWarmUpSeconds());
      }
      Matcher result = wrk(bench, jvm, mode, scale.httpSeconds());
      double requests = Double.parseDouble(result.group(1));
      results.check(
          "wrk, " + mode.title + ", " + variant.label() + ": errors", 0, number(result, 2));
      String id = "http." + mode.name + ".";
      String title = "HTTP under wrk, " + mode.title + ": ";
      add(
          results,
          id + "rate",
          title + "requests per second",
          "",
          variant,
          requests / (number(result, 3) / 1e6));
      add(results, id + "p50", title + "p50", "µs", variant, number(result, 4));
      add(results, id + "p99", title + "p99", "µs", variant, number(result, 5));
      add(results, id + "p999", title + "p99.9", "µs", variant, number(result, 6));
      if (bcc != null) {
        bcc.stop();
      }
      jvm.end();
    }
  }

  private static void add(
      Results results, String id, String title, String unit, Variant variant, double value) {
    results
        .measure(id, 4, title, unit, Variant.NONE.label())
        .variantRows()
        .add(variant.label(), value);
  }

  private static double number(Matcher result, int group) {
    return Double.parseDouble(result.group(group));
  }

  private static Matcher wrk(Bench bench, LoadJvm jvm, Mode mode, int seconds)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(jvm.inItsNetwork());
    command.addAll(List.of("wrk", "-t", "1", "-c", "" + CONNECTIONS, "-d", seconds + "s"));
    command.addAll(List.of("-s", bench.file("src/main/lua/latency.lua").toString()));
    command.addAll(mode.arguments);
    command.add("http://127.0.0.1:" + jvm.readyWith() + "/");
    String output = Processes.run(bench, command);
    Matcher result = RESULT.matcher(output);
    if (!result.find()) {
      throw new IOException("wrk says " + output);
    }
    return result;
  }
}
