// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.micrometer;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;

/** Reads the metrics of the agent in this JVM, whose classes are in the boot loader. */
final class AgentReader {
  private static final String NAME = "dev.tcpstates.agent.boot.AgentMetrics";

  private volatile Method read;

  /** Returns the metrics as the agent describes them; none if the agent is not there. */
  @SuppressWarnings("unchecked")
  List<Map<String, Object>> read() {
    try {
      if (read == null) {
        read = Class.forName(NAME, true, null).getMethod("read");
      }
      return (List<Map<String, Object>>) read.invoke(null);
    } catch (ReflectiveOperationException e) {
      return List.of(); // the agent may be attached later
    }
  }
}
