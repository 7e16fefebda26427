// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

/** Here there is no agent. */
class TcpMetricsTest {
  @Test
  void withoutTheAgentNothingIsAttached() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    new TcpMetrics().bindTo(registry);
    assertEquals(0, registry.get("tcpstates.attached").gauge().value());
    assertEquals(1, registry.getMeters().size());
  }
}
