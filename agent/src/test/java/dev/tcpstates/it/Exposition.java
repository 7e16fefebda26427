// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a metrics endpoint serves, and what promtool says to it.
 *
 * @param text as served
 * @param samples by name and labels, sorted by the labels' names
 */
record Exposition(String text, Map<String, Double> samples) {
  /** Promtool does not know the rule by which OpenTelemetry's names are converted. */
  private static final String KNOWN_LINT =
      "tcpstates_socket_count non-histogram and non-summary metrics should not have \"_count\""
          + " suffix";

  private static final Pattern LABEL = Pattern.compile("([a-z0-9_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Reads from a unix socket. */
  static Exposition of(Path socket, String... more) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail", "--max-time", "10"));
    command.addAll(List.of(more));
    command.addAll(List.of("--unix-socket", socket.toString(), "http://localhost/metrics"));
    String text = Tool.run(command.toArray(String[]::new)).ok().out();
    Map<String, Double> samples = new HashMap<>();
    for (String line : text.split("\n")) {
      if (!line.startsWith("#")) {
        int end = line.lastIndexOf(' ');
        String before = line.substring(0, end);
        int brace = before.indexOf('{');
        String name = brace < 0 ? before : before.substring(0, brace);
        Map<String, String> labels = new TreeMap<>();
        Matcher matcher = LABEL.matcher(before.substring(name.length()));
        while (matcher.find()) {
          labels.put(matcher.group(1), matcher.group(2));
        }
        if (samples.put(name + labels, Double.valueOf(line.substring(end + 1))) != null) {
          throw new AssertionError("twice: " + line);
        }
      }
    }
    return new Exposition(text, samples);
  }

  /** The only sample of this name whose labels contain these; {@code null} if there is none. */
  Double value(String name, String... labels) {
    Map<String, Double> found = all(name, labels);
    if (found.size() > 1) {
      throw new AssertionError("several: " + found);
    }
    return found.isEmpty() ? null : found.values().iterator().next();
  }

  double sum(String name, String... labels) {
    return all(name, labels).values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** All samples of this name whose labels contain these, such as {@code process_pid=7}. */
  Map<String, Double> all(String name, String... labels) {
    Map<String, Double> found = new TreeMap<>();
    samples.forEach(
        (key, value) -> {
          boolean wanted = key.startsWith(name + "{");
          String between = key.replace("{", ", ").replace("}", ",");
          for (String label : labels) {
            wanted &= between.contains(", " + label + ",");
          }
          if (wanted) {
            found.put(key, value);
          }
        });
    return found;
  }

  /** The lines of promtool's lint, but for those of a name that the conversion asks for. */
  List<String> lint() throws Exception {
    return lint(text);
  }

  /** The lines of promtool's lint, but for those of a name that the conversion asks for. */
  static List<String> lint(String text) throws Exception {
    Process promtool =
        new ProcessBuilder("promtool", "check", "metrics").redirectErrorStream(true).start();
    try (OutputStream in = promtool.getOutputStream()) {
      in.write(text.getBytes());
    }
    List<String> lines =
        promtool.inputReader().lines().filter(line -> !line.equals(KNOWN_LINT)).toList();
    promtool.waitFor();
    return lines;
  }
}
