// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the decoder believes of the records, against the BTF of the object that is shipped. */
class LayoutTest {
  private final Btf btf = Btf.of("/dev/tcpstates/bpf/tcpstates.bpf.o");

  LayoutTest() throws Exception {}

  @Test
  void header() throws Exception {
    assertSame("tcp_header", Layout.Header.class);
  }

  @Test
  void transition() throws Exception {
    assertSame("tcp_transition", TransitionView.Offsets.class);
  }

  @Test
  void end() throws Exception {
    assertSame("tcp_end", Layout.End.class);
  }

  @Test
  void stateTimes() throws Exception {
    assertSame("tcp_state_times", ConnectionView.StateTimes.class);
  }

  @Test
  void connection() throws Exception {
    assertSame("tcp_connection", ConnectionView.Offsets.class);
  }

  @Test
  void retransmit() throws Exception {
    assertSame("tcp_retransmit", RetransmitView.Offsets.class);
  }

  @Test
  void reset() throws Exception {
    assertSame("tcp_reset", ResetView.Offsets.class);
  }

  @Test
  void snapshot() throws Exception {
    assertSame("tcp_snapshot", SnapshotView.Offsets.class);
  }

  @Test
  void timeWait() throws Exception {
    assertSame("tcp_time_wait", Layout.TimeWait.class);
  }

  @Test
  void mark() throws Exception {
    assertSame("tcp_socket", Layout.Mark.class);
  }

  @Test
  void ports() throws Exception {
    assertSame("tcp_ports", Layout.Ports.class);
  }

  @Test
  void counters() throws Exception {
    assertSame("tcp_counters", Layout.CpuCounters.class);
  }

  @Test
  void control() throws Exception {
    assertSame("tcp_control", Layout.Control.class);
  }

  /** Both ways: a field that only one side knows is a difference too. */
  private void assertSame(String struct, Class<?> layout) throws Exception {
    Map<String, Integer> ours = new TreeMap<>();
    for (Field field : layout.getDeclaredFields()) {
      String name = field.getName();
      ours.put(name.equals("BYTES") ? Btf.SIZE : name.toLowerCase(Locale.ROOT), field.getInt(null));
    }
    assertEquals(new TreeMap<>(btf.struct(struct)), ours);
  }
}
