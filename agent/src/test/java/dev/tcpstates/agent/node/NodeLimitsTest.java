// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class NodeLimitsTest {
  private static final NodeLimits LIMITS = new NodeLimits(3, 2, 1 << 20, 4 << 20, 3 << 20);

  @Test
  void jvms() {
    assertNull(LIMITS.refuseJvm(2, 1, 7));
    assertEquals(
        "3 JVMs are registered, which is the limit; start the node program with a larger"
            + " --max-jvms",
        LIMITS.refuseJvm(3, 0, 7));
    assertEquals(
        "2 JVMs of user id 7 are registered, which is the limit; start the node program with a"
            + " larger --max-jvms-per-user",
        LIMITS.refuseJvm(2, 2, 7));
  }
}
