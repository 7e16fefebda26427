// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.TcpState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The errors are Linux's numbers (asm-generic/errno.h), the ends what TCP's state machine says. */
class ConnectionEndTest {
  @ParameterizedTest
  @CsvSource({
    "SYN_SENT, 111, REFUSED",
    "SYN_SENT, 110, TIMEOUT",
    "ESTABLISHED, 110, TIMEOUT",
    "SYN_SENT, 113, UNREACHABLE",
    "SYN_SENT, 101, UNREACHABLE",
    "SYN_SENT, 0, ABANDONED",
    "SYN_SENT, 99, NO_LOCAL_PORT",
    "SYN_SENT, 98, NO_LOCAL_PORT",
    "SYN_SENT, 13, DENIED",
    "SYN_SENT, 1, DENIED",
    "ESTABLISHED, 104, RESET_BY_REMOTE",
    "CLOSE_WAIT, 32, RESET_BY_REMOTE",
    "FIN_WAIT2, 104, RESET_BY_REMOTE",
    "LAST_ACK, 0, FIN",
    "FIN_WAIT2, 0, FIN",
    "CLOSING, 0, FIN",
    "ESTABLISHED, 0, RESET_BY_LOCAL",
    "CLOSE_WAIT, 0, RESET_BY_LOCAL",
    "SYN_RECV, 0, RESET_BY_LOCAL",
    "ESTABLISHED, 71, ERROR"
  })
  void endIsToldFromStateAndError(TcpState oldState, int error, String end) {
    assertEquals(end, ConnectionEnd.of(oldState.kernelValue(), error, false));
  }

  @Test
  void resetInsteadOfTimeWait() {
    assertEquals("RESET_BY_LOCAL", ConnectionEnd.of(TcpState.FIN_WAIT2.kernelValue(), 0, true));
  }
}
