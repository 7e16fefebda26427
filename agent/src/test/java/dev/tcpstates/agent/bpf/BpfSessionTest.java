// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tcpstates.agent.bpf.Layout.Control;
import dev.tcpstates.agent.bpf.Layout.CpuCounters;
import dev.tcpstates.jfr.TcpState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of things, and what the user is told when one fails. */
class BpfSessionTest {
  private final FakeLibBpf lib = new FakeLibBpf();

  @BeforeEach
  void kernelWithBtf() {
    assumeTrue(
        Files.exists(Path.of("/sys/kernel/btf/vmlinux")), "without BTF it is another message");
  }

  @Test
  void settingsAreWrittenBeforeTheProgramsAreAttached() throws Exception {
    BpfSession session = BpfSession.open(lib, 1 << 20);
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
            "iterate marked_sockets of 2"),
        lib.calls);
    assertEquals(ProcessHandle.current().pid(), lib.control.getInt(Control.PID));
    assertEquals(
        (long) Files.getAttribute(Path.of("/proc/self/ns/pid"), "unix:ino"),
        lib.control.getLong(Control.PIDNS_INO));
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
            "no more wakeups",
            "close",
            "unmap 4096",
            "unmap 768",
            "unmap 131072",
            "unmap 4096",
            "unmap " + (4096 + (2 << 20))),
        lib.calls);
  }

  @Test
  void countersAreReadWhereTheProgramsWriteThem() throws Exception {
    BpfSession session = BpfSession.open(lib, 4096);
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
    BpfSession.open(lib, 1024);
    assertTrue(lib.calls.contains("size records 4096"), lib.calls.toString());
  }

  @Test
  void whatTheKernelLacksIsLeftOutAndNamed() throws Exception {
    lib.typedefs.remove("btf_trace_tcp_send_reset");
    lib.typedefs.remove("btf_trace_tcp_retransmit_synack");
    BpfSession session = BpfSession.open(lib, 4096);
    assertEquals(
        List.of(
            "without tcp_retransmit_synack",
            "without tcp_reset_sent",
            "without tcp_reset_sent_again"),
        lib.calls.subList(1, 4));
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
    assertNull(BpfSession.open(lib, 4096).missing());
  }

  /** A kernel whose verifier knows better than its BTF. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheKernelRefusesOfTheOptionalStopsNothingElse(boolean atAttach) throws Exception {
    lib.typedefs.remove("btf_trace_tcp_receive_reset");
    lib.errno = 22;
    lib.log = "func 'tcp_send_reset' doesn't have 3-th argument\nprocessed 12 insns\n";
    String refused = "tcp_reset_sent_again";
    if (atAttach) {
      lib.failAt = "attach " + refused;
    } else {
      lib.unknownProgram = refused;
    }
    BpfSession session = BpfSession.open(lib, 4096);
    for (String other :
        List.of("attach tcp_state_again", "attach tcp_retransmit_synack", "iterate sockets_now")) {
      assertTrue(lib.calls.contains(other), lib.calls.toString());
    }
    assertEquals(atAttach, lib.calls.contains("attach tcp_reset_sent"));
    String[] missing = session.missing().split("; (?=Reset)");
    assertEquals(2, missing.length, session.missing());
    assertEquals("Reset RECEIVED (this kernel has no tracepoint tcp_receive_reset)", missing[0]);
    assertTrue(missing[1].startsWith("Reset SENT ("), missing[1]);
    assertTrue(missing[1].contains("EINVAL"), missing[1]);
    assertTrue(missing[1].contains("doesn't have 3-th argument"), missing[1]);
    assertEquals(count("open") - 1, count("close"));
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
    BpfException e = assertThrows(BpfException.class, () -> BpfSession.open(lib, 4096));
    assertTrue(e.getMessage().contains("EPERM"), e.getMessage());
    assertTrue(e.getMessage().contains("CAP_BPF and CAP_PERFMON"), e.getMessage());
    assertEquals("close", lib.calls.get(lib.calls.size() - 1));
  }

  @Test
  void theVerifiersLastLineIsTold() {
    lib.failAt = "load";
    lib.errno = 22;
    lib.log = "0: R1=ctx()\nunknown func bpf_get_socket_cookie#46\nprocessed 12 insns\n";
    BpfException e = assertThrows(BpfException.class, () -> BpfSession.open(lib, 4096));
    assertTrue(e.getMessage().contains("EINVAL"), e.getMessage());
    assertTrue(e.getMessage().contains("unknown func bpf_get_socket_cookie#46"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void withoutTheSnapshotAllElseWorks() throws Exception {
    lib.unknownProgram = "sockets_now";
    lib.errno = 22;
    lib.log = "0: R1=ctx()\nunknown func bpf_skc_to_tcp_sock#137\nprocessed 12 insns\n";
    BpfSession session = BpfSession.open(lib, 4096);
    assertTrue(session.noSnapshot().contains("unknown func bpf_skc_to_tcp_sock#137"));
    assertNull(session.snapshot());
    assertTrue(lib.calls.contains("attach tcp_state_again"), lib.calls.toString());
    assertTrue(lib.calls.contains("iterate open_sockets"), lib.calls.toString());
    assertFalse(lib.calls.contains("iterate sockets_now"), lib.calls.toString());
    // Each object but the last was given back.
    assertEquals(count("open") - 1, count("close"));
    lib.count(1, CpuCounters.TRANSITIONS, 7);
    assertEquals(7, session.transitions());
    session.close();
    assertEquals(count("open"), count("close"));
  }

  /** Counting one's way through all marks again and again would take longer than the table. */
  @Test
  void ofVeryManySocketsTheTableIsWalked() throws Exception {
    int[] walks = new int[1];
    lib.walk = pieces -> walks[0]++;
    try (BpfSession session = BpfSession.open(lib, 4096)) {
      lib.count(1, CpuCounters.SOCKETS + TcpState.ESTABLISHED.kernelValue() * Long.BYTES, 16_384);
      session.ownSockets();
      assertEquals(1, walks[0]);
      lib.count(1, CpuCounters.SOCKETS + TcpState.LISTEN.kernelValue() * Long.BYTES, 1);
      session.ownSockets();
      assertEquals(1, walks[0]);
      assertEquals(List.of("sockets_now"), lib.walked);
    }
  }

  @Test
  void ofVeryManySocketsTheMarksAreWalkedWhereTheTableIsNot() throws Exception {
    int[] walks = new int[1];
    lib.walk = pieces -> walks[0]++;
    lib.failAt = "iterate sockets_now";
    lib.errno = 12;
    try (BpfSession session = BpfSession.open(lib, 4096)) {
      lib.count(1, CpuCounters.SOCKETS + TcpState.ESTABLISHED.kernelValue() * Long.BYTES, 99_999);
      session.ownSockets();
      assertEquals(1, walks[0]);
    }
  }

  private long count(String call) {
    return lib.calls.stream().filter(call::equals).count();
  }

  @Test
  void aSnapshotThatCantBeAttachedIsDoneWithout() throws Exception {
    lib.failAt = "iterate sockets_now";
    lib.errno = 12;
    BpfSession session = BpfSession.open(lib, 4096);
    assertEquals("iterate sockets_now: ENOMEM", session.noSnapshot());
    assertNull(session.snapshot());
    assertEquals(0, count("close"));
  }

  @Test
  void aProgramThatIsNeededIsNotDoneWithout() {
    lib.unknownProgram = "tcp_state";
    lib.errno = 22;
    assertThrows(BpfException.class, () -> BpfSession.open(lib, 4096));
    assertEquals(count("open"), count("close"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "map 2 at 4096",
        "wakeups",
        "attach tcp_state_again",
        "iterate open_sockets",
        "iterate marked_sockets of 2"
      })
  void whateverFailsIsUndone(String call) {
    lib.failAt = call;
    lib.errno = 12;
    BpfException e = assertThrows(BpfException.class, () -> BpfSession.open(lib, 4096));
    assertTrue(e.getMessage().contains("ENOMEM"), e.getMessage());
    assertEquals("close", lib.calls.get(lib.calls.size() - 1));
  }
}
