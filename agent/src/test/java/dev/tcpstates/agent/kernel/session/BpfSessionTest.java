// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.FakeLibBpf;
import dev.tcpstates.agent.kernel.wire.Layout.Control;
import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import dev.tcpstates.agent.kernel.wire.RecordType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of the steps, and the message for the user if one fails. */
class BpfSessionTest {
  private final FakeLibBpf lib = new FakeLibBpf();

  @BeforeEach
  void kernelWithBtf() {
    assumeTrue(
        Files.exists(Path.of("/sys/kernel/btf/vmlinux")), "without BTF it is another message");
  }

  @Test
  void settingsAreWrittenBeforeTheProgramsAreAttached() throws Exception {
    BpfSession session = open(1 << 20);
    assertEquals(
        List.of(
            "open",
            "size records 1048576",
            "size counters 3",
            "load",
            "map 1 at 0 to write",
            "map 4 at 0 to write",
            "map 3 at 0 to write",
            "map 2 at 0 to write",
            "map 2 at 4096",
            "wakeups",
            "duplicate 2",
            "attach tcp_state",
            "attach tcp_state_again",
            "attach tcp_retransmit",
            "attach tcp_retransmit_again",
            "attach tcp_retransmit_synack",
            "attach tcp_reset_sent",
            "attach tcp_reset_sent_again",
            "attach tcp_reset_received",
            "attach tcp_reset_received_again",
            "iterate open_sockets",
            "iterate sockets_now",
            "release"),
        lib.calls);
    assertEquals(ProcessHandle.current().pid(), lib.control.getInt(Control.PID));
    assertEquals(
        (long) Files.getAttribute(Path.of("/proc/self/ns/pid"), "unix:ino"),
        lib.control.getLong(Control.PIDNS_INO));
    assertEquals(
        (long) Files.getAttribute(Path.of("/proc/self/ns/net"), "unix:ino"),
        Integer.toUnsignedLong(lib.control.getInt(Control.NETNS_INO)));
    assertEquals(0, lib.control.getInt(Control.RECORDING));
    session.recording(Set.of(RecordType.TRANSITIONS));
    assertEquals(1, lib.control.getInt(Control.RECORDING));
    session.recording(EnumSet.allOf(RecordType.class));
    assertEquals(63, lib.control.getInt(Control.RECORDING));
    session.recording(Set.of());
    assertEquals(0, lib.control.getInt(Control.RECORDING));

    lib.calls.clear();
    session.close();
    session.close();
    assertEquals(
        List.of(
            "close 1002",
            "no more wakeups",
            "close",
            "unmap 4096",
            "unmap 768",
            "unmap 131072",
            "unmap 4096",
            "unmap " + (4096 + (1 << 20) + 4096)),
        lib.calls);
  }

  @Test
  void countersAreReadWhereTheProgramsWriteThem() throws Exception {
    BpfSession session = open(4096);
    lib.count(0, CpuCounters.SOCKETS + 8 * Long.BYTES, 5); // CLOSE_WAIT
    lib.count(2, CpuCounters.SOCKETS + 8 * Long.BYTES, -2);
    lib.count(0, CpuCounters.TRANSITIONS, 60);
    lib.count(1, CpuCounters.TRANSITIONS, 30);
    lib.count(2, CpuCounters.TRANSITIONS, 10);
    lib.count(0, CpuCounters.RECORDS_LOST, 1);
    lib.count(1, CpuCounters.SKIPPED, 2);
    lib.count(2, CpuCounters.NO_MEMORY, 4);
    lib.count(0, CpuCounters.CONNECTIONS_LOST, 6);
    lib.count(1, CpuCounters.RETRANSMITS_LOST, 7);
    lib.count(2, CpuCounters.RESETS_LOST, 8);
    lib.count(0, CpuCounters.ENDS_LOST, 5);
    lib.count(2, CpuCounters.RETRANSMITS_SKIPPED, 9);
    assertEquals(3, session.sockets(8));
    assertEquals(100, session.transitions());
    assertEquals(new Losses(1, 2, 4, 0, 6, 7, 8, 5, 0, 9), session.losses());
  }

  @Test
  void aRingSmallerThanAPageIsAPage() throws Exception {
    open(1024);
    assertTrue(lib.calls.contains("size records 4096"), lib.calls.toString());
  }

  @Test
  void whatTheKernelLacksIsLeftOutAndNamed() throws Exception {
    lib.typedefs.remove("btf_trace_tcp_send_reset");
    lib.typedefs.remove("btf_trace_tcp_retransmit_synack");
    BpfSession session = open(4096);
    assertEquals(1, count("load"));
    assertEquals(
        List.of(
            "attach tcp_state",
            "attach tcp_state_again",
            "attach tcp_retransmit",
            "attach tcp_retransmit_again",
            "attach tcp_reset_received",
            "attach tcp_reset_received_again"),
        lib.calls.stream().filter(call -> call.startsWith("attach")).toList());
    assertEquals(
        "Retransmit of SYN_ACK (this kernel has no tracepoint tcp_retransmit_synack);"
            + " Reset SENT (this kernel has no tracepoint tcp_send_reset)",
        session.missing());
  }

  @Test
  void nothingIsMissingWhereTheKernelHasAll() throws Exception {
    assertNull(open(4096).missing());
  }

  /** A field that another build of the kernel names otherwise. */
  @Test
  void aFieldThatTheKernelLacksIsNamed() throws Exception {
    lib.lackedFields.add("sock.sk_drops");
    assertEquals(
        "ListenQueue.drops (this kernel's struct sock has no sk_drops)", open(4096).missing());
  }

  static List<Extra> extras() {
    return List.of(Extra.values());
  }

  /** Whatever the error is, and though the kernel has a place for it. */
  @ParameterizedTest
  @MethodSource("extras")
  void anExtraThatIsRefusedCostsOnlyItself(Extra extra) throws Exception {
    lib.errno = 1;
    lib.refusedPrograms.add(extra.programs.get(extra.programs.size() - 1));
    BpfSession session = open(4096);
    assertEquals(
        extra.missing("loading BPF program " + extra.programs.get(0) + ": EPERM"),
        session.missing());
    for (Extra each : Extra.values()) {
      for (String program : each.programs) {
        assertEquals(each != extra, isAttached(program), program);
      }
    }
    assertTrue(isAttached("tcp_state"));
    // All at once, the core, and each extra by itself; those refused are given back.
    assertEquals(2 + Extra.values().length, count("load"));
    assertEquals(2, count("close"));
    session.close();
    assertEquals(count("open"), count("close"));
  }

  @ParameterizedTest
  @MethodSource("extras")
  void anExtraThatCantBeAttachedCostsOnlyItself(Extra extra) throws Exception {
    lib.errno = 12;
    String program = extra.programs.get(extra.programs.size() - 1);
    boolean iterator = extra == Extra.DESCRIPTORS || extra == Extra.TABLE;
    lib.failAt = (iterator ? "iterate " : "attach ") + program;
    BpfSession session = open(4096);
    assertEquals(extra.missing(lib.failAt + ": ENOMEM"), session.missing());
    for (Extra each : Extra.values()) {
      if (each != extra) {
        each.programs.forEach(other -> assertTrue(isAttached(other), other));
      }
    }
    assertEquals(1, count("load"));
    session.close();
    assertEquals(count("open"), count("close"));
  }

  @Test
  void allExtrasCanBeRefused() throws Exception {
    lib.errno = 1;
    for (Extra extra : Extra.values()) {
      lib.refusedPrograms.addAll(extra.programs);
    }
    BpfSession session = open(4096);
    assertEquals(Extra.values().length, session.missing().split(": EPERM\\)").length);
    assertNull(session.ownSockets());
    assertNull(session.table());
    assertFalse(session.reconcile());
    assertFalse(session.forEachSocket(id -> {}, true));
    lib.count(1, CpuCounters.TRANSITIONS, 7);
    assertEquals(7, session.transitions());
  }

  private BpfSession open(int ringSize) throws BpfException {
    return BpfSession.open(lib, ringSize, ByteBuffer.allocateDirect(1));
  }

  private boolean isAttached(String program) {
    return lib.calls.contains("attach " + program) || lib.calls.contains("iterate " + program);
  }

  /** While it can't be read, and no longer. */
  @Test
  void anIteratorThatCantBeReadIsMissing() throws Exception {
    BpfSession session = open(4096);
    lib.failAt = "read sockets_now";
    lib.errno = 12;
    assertThrows(BpfException.class, session::table);
    assertEquals(Extra.TABLE.missing("read sockets_now: ENOMEM"), session.missing());
    assertNotNull(session.ownSockets());
    lib.failAt = "";
    assertNotNull(session.table());
    assertNull(session.missing());
  }

  /** The verifier's last line, of a kernel that knows better than its BTF. */
  @Test
  void whyAnExtraIsRefusedIsNamed() throws Exception {
    lib.errno = 22;
    lib.log = "func 'tcp_send_reset' doesn't have 3-th argument\nprocessed 12 insns\n";
    lib.refusedPrograms.add("tcp_reset_sent_again");
    String missing = open(4096).missing();
    assertTrue(missing.startsWith("Reset SENT ("), missing);
    assertTrue(missing.contains("EINVAL"), missing);
    assertTrue(missing.contains("doesn't have 3-th argument"), missing);
  }

  @Test
  void reasonsAreTheRunningKernels() throws Exception {
    lib.enumeration =
        Map.of(0, "SK_RST_REASON_NOT_SPECIFIED", 9, "SK_RST_REASON_SOMETHING", 10, "OTHER");
    assertEquals(Map.of(9, "SOMETHING", 10, "OTHER"), Kernel.running(lib).resetReasons());
  }

  @Test
  void withoutPermissionTheCapabilitiesAreNamed() {
    lib.failAt = "load";
    lib.errno = 1;
    BpfException e = assertThrows(BpfException.class, () -> open(4096));
    assertTrue(e.getMessage().contains("EPERM"), e.getMessage());
    assertTrue(e.getMessage().contains("CAP_BPF and CAP_PERFMON"), e.getMessage());
    assertEquals("close", lib.calls.get(lib.calls.size() - 1));
  }

  @Test
  void theVerifiersLastLineIsTold() {
    lib.failAt = "load";
    lib.errno = 22;
    lib.log = "0: R1=ctx()\nunknown func bpf_get_socket_cookie#46\nprocessed 12 insns\n";
    BpfException e = assertThrows(BpfException.class, () -> open(4096));
    assertTrue(e.getMessage().contains("EINVAL"), e.getMessage());
    assertTrue(e.getMessage().contains("unknown func bpf_get_socket_cookie#46"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  private long count(String call) {
    return lib.calls.stream().filter(call::equals).count();
  }

  @Test
  void aProgramThatIsNeededIsNotDoneWithout() {
    lib.refusedPrograms.add("tcp_state");
    lib.errno = 22;
    assertThrows(BpfException.class, () -> open(4096));
    assertEquals(count("open"), count("close"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "size records 4096",
        "map 1 at 0 to write",
        "map 4 at 0 to write",
        "map 2 at 4096",
        "wakeups",
        "attach tcp_state"
      })
  void whateverFailsIsUndone(String call) {
    lib.failAt = call;
    lib.errno = 12;
    BpfException e = assertThrows(BpfException.class, () -> open(4096));
    assertTrue(e.getMessage().contains("ENOMEM"), e.getMessage());
    assertEquals(count("open"), count("close"));
    long mapped = lib.calls.stream().filter(one -> one.startsWith("map ")).count();
    long unmapped = lib.calls.stream().filter(one -> one.startsWith("unmap ")).count();
    assertEquals(call.startsWith("map ") ? mapped - 1 : mapped, unmapped, lib.calls::toString);
    assertEquals(count("wakeups") - (call.equals("wakeups") ? 1 : 0), count("no more wakeups"));
  }
}
