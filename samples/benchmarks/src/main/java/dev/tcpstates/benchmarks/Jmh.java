// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The hot paths of the JVM's side one by one, under JMH. */
final class Jmh implements Section {
  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    if (scale.jmh().isEmpty()) {
      results.note("JMH is left out of a " + scale.toString() + " run");
      return;
    }
    Path json = bench.newFile(".json");
    List<String> command = new ArrayList<>(List.of(bench.jdk().java()));
    command.addAll(List.of("-cp", bench.jmhClassPath(), "org.openjdk.jmh.Main"));
    command.addAll(scale.jmh());
    command.addAll(List.of("-f", "1"));
    command.addAll(List.of("-foe", "true", "-rf", "json", "-rff", json.toString()));
    Processes.run(bench, command);
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
      Measure measure =
          results.measure("jmh", 8, "Hot paths of the JVM's side, under JMH", "ns", null);
      for (JsonElement fork : result.getAsJsonObject("primaryMetric").getAsJsonArray("rawData")) {
        for (JsonElement score : fork.getAsJsonArray()) {
          measure.add(row, score.getAsDouble());
        }
      }
      Progress.dot();
    }
  }
}
