// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.wire.Layout.Pages;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What the decoder believes of the records, against the BTF of the object that is shipped. */
class LayoutTest {
  /** What a JVM reads and writes; it is the same in both modes. */
  private static final List<String> SHARED =
      List.of(
          "tcp_control",
          "tcp_counters",
          "tcp_transition",
          "tcp_end",
          "tcp_connection",
          "tcp_retransmit",
          "tcp_reset",
          "tcp_snapshot",
          "tcp_time_wait");

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

  @Test
  void node() throws Exception {
    Btf node = Btf.of("/dev/tcpstates/bpf/tcpstates-node.bpf.o");
    assertSame(node, "tcp_process", Layout.Process.class);
    assertSame(node, "tcp_jvm", Layout.Jvm.class);
    assertSame(node, "tcp_given", Layout.Given.class);
    for (String struct : SHARED) {
      assertEquals(btf.struct(struct), node.struct(struct), struct);
    }
  }

  /** An agent whose number is another one is refused, so it changes with the layout. */
  @Test
  void numberOfTheSharedLayout() throws Exception {
    StringBuilder all = new StringBuilder();
    all.append(Layout.VERSION);
    for (int page : List.of(Pages.CONTROL, Pages.PORTS, Pages.COUNTERS, Pages.BYTES)) {
      all.append(' ').append(page);
    }
    for (String struct : SHARED) {
      all.append(struct).append(new TreeMap<>(btf.struct(struct)));
    }
    CRC32 checksum = new CRC32();
    checksum.update(all.toString().getBytes(StandardCharsets.UTF_8));
    assertEquals(
        String.format("0x%08x", (int) checksum.getValue()),
        String.format("0x%08x", Layout.SHARED),
        "Layout.SHARED, if the layout has changed");
  }

  /** Both ways: a field that only one side knows is a difference too. */
  private void assertSame(String struct, Class<?> layout) throws Exception {
    assertSame(btf, struct, layout);
  }

  private static void assertSame(Btf btf, String struct, Class<?> layout) throws Exception {
    Map<String, Integer> ours = new TreeMap<>();
    for (Field field : layout.getDeclaredFields()) {
      String name = field.getName();
      ours.put(name.equals("BYTES") ? Btf.SIZE : name.toLowerCase(Locale.ROOT), field.getInt(null));
    }
    assertEquals(new TreeMap<>(btf.struct(struct)), ours);
  }
}
