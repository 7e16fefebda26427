// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.micrometer;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The agent of the test's own JVM. */
final class ExactAgent {
  private ExactAgent() {}

  /** Skips the test where the agent can't have the kernel report; in CI that is a failure. */
  static void require() throws InterruptedException {
    AgentReader agent = new AgentReader();
    // The agent starts in parallel with the tests.
    for (int i = 0; i < 600 && agent.read().isEmpty(); i++) {
      Thread.sleep(100);
    }
    boolean exact =
        agent.read().stream()
            .filter(metric -> metric.get("name").equals("tcpstates.attached"))
            .anyMatch(metric -> metric.toString().contains("exact"));
    if (System.getenv("CI") == null) {
      assumeTrue(exact, "the agent needs the capabilities CAP_BPF and CAP_PERFMON (run as root)");
    }
    assertTrue(exact);
  }
}
