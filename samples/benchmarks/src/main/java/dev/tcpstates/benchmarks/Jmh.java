// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The hot paths of the JVM's side one by one, under JMH. */
final class Jmh implements Section {
  @Override
  public void run(Bench bench) throws Exception {
    List<String> arguments =
        bench
            .scale()
            .of(
                List.of("-wi", "0", "-i", "2", "-r", "50ms", "-p", "open=10"),
                List.of(),
                List.of("-wi", "3", "-w", "1s", "-i", "4", "-r", "1s"));
    if (arguments.isEmpty()) {
      bench.results().note("a " + bench.scale() + " run leaves JMH out");
      return;
    }
    Path json = bench.newFile(".json");
    // The classes that they measure are outside the agent's jar here.
    String classPath =
        String.join(
            ":",
            bench.file("target/jmh").toString(),
            bench.file("../../agent/target/classes").toString(),
            bench.file("../../jfr-events/target/classes").toString(),
            bench.file("target/libraries") + "/*");
    List<String> command = new ArrayList<>(List.of(bench.jdk().java(), "-cp", classPath));
    command.addAll(List.of("org.openjdk.jmh.Main", "-f", "1", "-foe", "true"));
    command.addAll(List.of("-rf", "json", "-rff", json.toString()));
    command.addAll(arguments);
    Processes.run(bench, command);
    String title = "Hot paths of the JVM's side, under JMH, ns";
    for (JsonElement element : JsonParser.parseString(Files.readString(json)).getAsJsonArray()) {
      JsonObject result = element.getAsJsonObject();
      String row =
          result
              .get("benchmark")
              .getAsString()
              .replaceAll(".*\\.(\\w+)Benchmark\\.(\\w+)", "$1: $2");
      if (result.has("params")) {
        row += " " + result.get("params").toString().replaceAll("[{}\"]", "").replace(':', '=');
      }
      for (JsonElement fork : result.getAsJsonObject("primaryMetric").getAsJsonArray("rawData")) {
        for (JsonElement score : fork.getAsJsonArray()) {
          bench.results().add("jmh", title, null, row, score.getAsDouble());
        }
      }
      System.err.print(".");
    }
  }
}
