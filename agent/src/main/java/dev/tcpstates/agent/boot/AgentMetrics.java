// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where libraries of the application take the agent's metrics from. Only types of the JDK: the
 * agent's own classes are seen by nobody else. Thread-safe.
 */
public final class AgentMetrics {
  private static volatile Supplier<List<Map<String, Object>>> source = List::of;

  private AgentMetrics() {}

  /** Sets what {@link #read} returns. */
  public static void source(Supplier<List<Map<String, Object>>> newSource) {
    source = newSource;
  }

  /**
   * Returns the metrics of now, each as a map: {@code name}, {@code type} (COUNTER, UPDOWNCOUNTER,
   * GAUGE or HISTOGRAM), {@code unit} and {@code description} are strings, {@code points} is a list
   * of maps. Each of these has {@code attributes}, a map of strings, and either {@code value}, a
   * Double, or {@code bounds} (double[], in s), {@code counts} (long[], one more) and {@code sum}
   * (Double, in s). Some values are from a snapshot of the sockets that is at most 10 s old.
   */
  public static List<Map<String, Object>> read() {
    return source.get();
  }
}
