// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.Control;
import dev.tcpstates.agent.kernel.wire.RecordType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FilterTableTest {
  /** Every kind of record. */
  private static final int ALL = 63;

  private final ByteBuffer control = memory(Control.BYTES);
  private final ByteBuffer ports = memory(Layout.Ports.BYTES);
  private final FilterTable table = new FilterTable(new ControlMap(control), ports);

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static SocketFilter filter(String key, String value) {
    return SocketFilter.ALL.with(key, value);
  }

  private int local(int port) {
    return ports.get(Layout.Ports.LOCAL + port);
  }

  private int remote(int port) {
    return ports.get(Layout.Ports.REMOTE + port);
  }

  @Test
  void withoutFiltersTheKernelLooksAtNothing() {
    table.set(Map.of());
    table.set(Map.of(RecordType.RESETS, SocketFilter.ALL));
    assertEquals(0, control.getInt(Control.FILTERED));
    assertEquals(0, local(80));
  }

  @Test
  void eachKindOfRecordHasItsOwn() {
    SocketFilter transitions = filter("localPorts", "80;8080-8081").with("loopback", "false");
    SocketFilter connections = filter("remotePorts", "65535").with("family", "6");
    table.set(Map.of(RecordType.TRANSITIONS, transitions, RecordType.CONNECTIONS, connections));
    assertEquals(1, control.getInt(Control.FILTERED));
    assertEquals(ALL, local(80));
    assertEquals(ALL - 1, local(79));
    assertEquals(ALL - 1, local(0), "no port yet is not one of these");
    assertEquals(ALL, local(8081));
    assertEquals(ALL - 1, local(8082));
    assertEquals(ALL, remote(65535));
    assertEquals(ALL - 2, remote(80));
    assertEquals(ALL - 2, remote(0));
    assertEquals(ALL - 2, control.getInt(Control.IPV4));
    assertEquals(ALL, control.getInt(Control.IPV6));
    assertEquals(ALL - 1, control.getInt(Control.LOOPBACK));

    table.set(Map.of(RecordType.TRANSITIONS, SocketFilter.ALL));
    assertEquals(0, control.getInt(Control.FILTERED));
  }

  @Test
  void bothOfTwoFiltersMustLetPass() {
    SocketFilter options = filter("localPorts", "80-90").with("family", "4");
    SocketFilter setting = filter("localPorts", "85-99;1").with("loopback", "false");
    assertEquals("localPorts=85-90,family=4,loopback=false", options.and(setting).toString());
    assertEquals(options, options.and(SocketFilter.ALL));
    assertEquals(options, SocketFilter.ALL.and(options));
  }
}
