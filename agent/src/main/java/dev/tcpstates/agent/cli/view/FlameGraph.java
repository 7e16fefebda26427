// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.StackWeights.Weighed;
import dev.tcpstates.jfr.analysis.StackWeights.Weight;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A flame graph as one self-contained HTML page: {@code flamegraph.html} with the data. */
public final class FlameGraph {
  private static final String PAGE = "flamegraph.html";
  private static final String DATA = "{\"frames\":[],\"tree\":[]}";

  /**
   * The words for a weight.
   *
   * @param unit the key of the unit in the page
   * @param none what no socket did if there are no stacks
   */
  public record Words(String title, String unit, String none) {}

  /** A frame with the same callers. There may be many, so the JSON is an array. */
  private static final class Node {
    final int frame;
    final Map<Integer, Node> callees = new LinkedHashMap<>();
    long weight;

    Node(int frame) {
      this.frame = frame;
    }

    void write(StringBuilder json) {
      json.append('[').append(frame).append(',').append(weight).append(",[");
      boolean first = true;
      for (Node callee : callees.values()) {
        json.append(first ? "" : ",");
        callee.write(json);
        first = false;
      }
      json.append("]]");
    }
  }

  private final Words words;
  private final String recording;
  private final Map<String, Integer> frames = new LinkedHashMap<>();
  private final Node root;

  public FlameGraph(Weight weight, List<String> recordings, List<Weighed> stacks) {
    words = words(weight);
    recording = String.join(", ", recordings);
    root = new Node(number("all"));
    stacks.forEach(this::add);
  }

  public static Words words(Weight weight) {
    if (weight instanceof Weight.TimeIn in) {
      return new Words("Time in " + in.state(), "us", "was in " + in.state());
    }
    return weight instanceof Weight.Bytes
        ? new Words("Bytes", "bytes", "sent or received a byte")
        : new Words("Connections", "connections", "made or accepted a connection");
  }

  private int number(String frame) {
    return frames.computeIfAbsent(frame, name -> frames.size());
  }

  private void add(Weighed stack) {
    Node node = root;
    node.weight += stack.weight();
    for (String frame : FoldedStacks.frames(stack.opener())) {
      node = node.callees.computeIfAbsent(number(frame), Node::new);
      node.weight += stack.weight();
    }
  }

  /**
   * Returns the page.
   *
   * @param incomplete whether something is missing from the recording
   */
  public String html(boolean incomplete) {
    StringBuilder tree = new StringBuilder();
    root.write(tree);
    String data =
        "{\"title\":"
            + RecordWriter.json(words.title())
            + ",\"recording\":"
            + RecordWriter.json(recording)
            + ",\"unit\":"
            + RecordWriter.json(words.unit())
            + ",\"incomplete\":"
            + incomplete
            + ",\"frames\":"
            + RecordWriter.json(List.copyOf(frames.keySet()))
            + ",\"tree\":"
            + tree
            + "}";
    // No name of a frame can end the script element.
    return resource(PAGE)
        .replace("/*flame.css*/", resource("flame.css"))
        .replace("/*flame.js*/", resource("flame.js"))
        .replace(DATA, data.replace("<", "\\u003c"));
  }

  /** Returns a file beside this class. */
  static String resource(String name) {
    try (InputStream in = FlameGraph.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
