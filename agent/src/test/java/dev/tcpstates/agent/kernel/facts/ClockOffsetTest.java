// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Offsets of time namespaces as in time_namespaces(7). */
class ClockOffsetTest {
  @TempDir private Path root;

  private long offset(String own, String ofChildren, String offsets) throws IOException {
    Path process = Files.createDirectories(root.resolve("proc/self/ns")).getParent();
    Files.createSymbolicLink(process.resolve("ns/time"), Path.of(own));
    Files.createSymbolicLink(process.resolve("ns/time_for_children"), Path.of(ofChildren));
    Files.writeString(process.resolve("timens_offsets"), offsets);
    return KernelFacts.clockOffset(root, "self");
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "86400, 0, 86400000000000", "-2, 999999999, -1000000001"})
  void theMonotonicClocksOffsetCounts(long seconds, long nanos, long expected) throws IOException {
    String offsets =
        String.format(Locale.ROOT, "monotonic  %11d %9d%nboottime  5 0%n", seconds, nanos);
    assertEquals(expected, offset("time:[4026532000]", "time:[4026532000]", offsets));
  }

  @Test
  void whatIsOfChildrenOnlyDoesNotCount() throws IOException {
    assertEquals(0, offset("time:[4026531834]", "time:[4026532000]", "monotonic 5 0\n"));
  }

  @Test
  void aKernelWithoutTimeNamespaces() {
    assertEquals(0, KernelFacts.clockOffset(root, "self"));
  }
}
