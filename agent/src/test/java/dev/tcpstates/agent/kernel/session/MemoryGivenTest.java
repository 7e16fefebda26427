// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.wire.Layout.Given;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MemoryGivenTest {
  /** The kernel's BPF_OBJ_NAME_LEN, with the zero. */
  private static final int NAME_LENGTH = 16;

  private static ByteBuffer maps(Object... namesAndSizes) {
    ByteBuffer maps =
        ByteBuffer.allocate(namesAndSizes.length / 2 * Given.BYTES).order(ByteOrder.nativeOrder());
    for (int i = 0; i < namesAndSizes.length; i += 2) {
      int at = i / 2 * Given.BYTES;
      maps.put(at, ((String) namesAndSizes[i]).getBytes(StandardCharsets.US_ASCII));
      maps.putLong(at + Given.SIZE, (int) namesAndSizes[i + 1]);
    }
    return maps;
  }

  /** The greatest user id is that of nobody in particular: 4294967295, or -1. */
  @Test
  void nameFits() {
    for (int uid : new int[] {0, 1000, 65534, -1}) {
      assertTrue(MemoryGiven.name('r', uid).length() < NAME_LENGTH);
      MemoryGiven given = MemoryGiven.read(maps(MemoryGiven.name('r', uid), 4096));
      assertEquals(4096, given.of(uid));
    }
  }

  @Test
  void sumsByUser() {
    MemoryGiven given =
        MemoryGiven.read(
            maps("tcpnr000003e8", 4096, "tcpnp000003e8", 100, "tcpnr00000001", 8, "tcpnetwork", 9));
    assertEquals(4196, given.of(1000));
    assertEquals(8, given.of(1));
    assertEquals(0, given.of(2));
    assertEquals(4204, given.all());
    given.add(1000, 4);
    assertEquals(4200, given.of(1000));
  }
}
