// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.RecordType;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The filters as the kernel reads them, in the memory that it shares: of each port and each kind of
 * address, which records are wanted. Changed in place, so a transition in this very moment is
 * judged by the old or the new filter, in each test.
 */
final class FilterTable {
  private final ControlMap control;
  private final ByteBuffer ports;

  FilterTable(ControlMap control, ByteBuffer ports) {
    this.control = control;
    this.ports = ports;
  }

  /**
   * Sets all filters.
   *
   * @param filters of each kind of record; of one that is missing, all pass
   */
  void set(Map<RecordType, SocketFilter> filters) {
    if (filters.values().stream().allMatch(SocketFilter::isAll)) {
      control.includeAll();
      return;
    }
    for (int port = 0; port < Layout.Ports.REMOTE; port++) {
      int one = port;
      ports.put(Layout.Ports.LOCAL + port, (byte) bits(filters, f -> f.localPorts().contains(one)));
      ports.put(
          Layout.Ports.REMOTE + port, (byte) bits(filters, f -> f.remotePorts().contains(one)));
    }
    control.include(
        bits(filters, SocketFilter::ipv4),
        bits(filters, SocketFilter::ipv6),
        bits(filters, SocketFilter::loopback));
  }

  private static int bits(Map<RecordType, SocketFilter> filters, Predicate<SocketFilter> test) {
    int bits = 0;
    for (RecordType type : RecordType.values()) {
      if (test.test(filters.getOrDefault(type, SocketFilter.ALL))) {
        bits |= type.bit;
      }
    }
    return bits;
  }
}
