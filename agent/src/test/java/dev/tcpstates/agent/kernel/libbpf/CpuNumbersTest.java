// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists of CPUs as the kernel prints them (Documentation/admin-guide/cputopology.rst). */
class CpuNumbersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0|1", "0-1|2", "0-127|128", "0-3,8-11|12", "0,64|65"})
  void theHighestNumberCounts(String list, int numbers) {
    assertEquals(numbers, JnaLibBpf.cpuNumbers(list + "\n"));
  }
}
