// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.metrics;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A Prometheus of its own, which listens on loopback. */
final class Prometheus {
  /** An instant vector's sample. */
  record Sample(Map<String, String> labels, double value) {
    String label(String name) {
      return labels.getOrDefault(name, "");
    }
  }

  private final Process process;
  private final Path log;
  private final String url;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * Starts it, and waits until it answers.
   *
   * @param directory for its data and its log
   * @param config its configuration
   */
  Prometheus(Path directory, Path config) throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    url = "http://127.0.0.1:" + port;
    log = directory.resolve("prometheus.log");
    process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        end();
        throw new AssertionError("Prometheus does not answer: " + Files.readString(log));
      }
      Thread.sleep(100);
    }
  }

  private boolean isReady() throws IOException, InterruptedException {
    try {
      return get("/-/ready").statusCode() == 200;
    } catch (ConnectException e) {
      return false;
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url + path)).build(), BodyHandlers.ofString());
  }

  /** Evaluates a query now. */
  List<Sample> query(String query) throws IOException, InterruptedException {
    String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
    HttpResponse<String> response = get("/api/v1/query?query=" + encoded);
    if (response.statusCode() != 200) {
      throw new AssertionError(query + ": " + response.body());
    }
    JsonArray result =
        JsonParser.parseString(response.body())
            .getAsJsonObject()
            .getAsJsonObject("data")
            .getAsJsonArray("result");
    List<Sample> samples = new ArrayList<>();
    result.forEach(
        sample -> {
          JsonObject object = sample.getAsJsonObject();
          Map<String, String> labels = new TreeMap<>();
          object
              .getAsJsonObject("metric")
              .entrySet()
              .forEach(label -> labels.put(label.getKey(), label.getValue().getAsString()));
          String value = object.getAsJsonArray("value").get(1).getAsString();
          samples.add(
              new Sample(
                  labels,
                  value.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(value)));
        });
    return samples;
  }

  /** Ends it. */
  void end() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
