// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.junit;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;

import dev.tcpstates.it.workload.Storm;
import dev.tcpstates.jfr.junit.TcpConnections;
import dev.tcpstates.jfr.junit.TcpStates;
import org.junit.jupiter.api.Test;

/** More than a small ring holds. Nothing is wrong with these connections. */
@TcpStates
class StormTests {
  @Test
  void allIsWell(TcpConnections tcp) throws Exception {
    Storm.main(new String[] {"8", "100"});
    assertThat(tcp).hasNoResets();
  }
}
