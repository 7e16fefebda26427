// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcpStateTest {
  /** As the kernel's include/net/tcp_states.h has them. */
  @ParameterizedTest
  @CsvSource({
    "1, ESTABLISHED",
    "2, SYN_SENT",
    "3, SYN_RECV",
    "4, FIN_WAIT1",
    "5, FIN_WAIT2",
    "6, TIME_WAIT",
    "7, CLOSE",
    "8, CLOSE_WAIT",
    "9, LAST_ACK",
    "10, LISTEN",
    "11, CLOSING",
    "12, NEW_SYN_RECV",
    "13, BOUND_INACTIVE"
  })
  void kernelNumbers(int kernelValue, String name) {
    assertEquals(kernelValue, TcpState.valueOf(name).kernelValue());
    assertEquals(name, TcpState.nameOf(kernelValue));
  }

  @Test
  void thereAreThirteen() {
    assertEquals(13, TcpState.values().length);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 14, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void unknownNumbersKeepTheNumber(int kernelValue) {
    assertEquals("UNKNOWN_" + kernelValue, TcpState.nameOf(kernelValue));
  }
}
