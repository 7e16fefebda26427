// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tcpstates.agent.bpf.Layout.Control;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
            "load",
            "map 1 at 0 to write",
            "map 2 at 0 to write",
            "map 2 at 4096",
            "wakeups",
            "attach tcp_state",
            "attach tcp_state_again",
            "iterate open_sockets",
            "iterate sockets_now",
            "iterate marked_sockets of 2"),
        lib.calls);
    assertEquals(ProcessHandle.current().pid(), lib.control.getInt(Control.PID));
    assertEquals(
        (long) Files.getAttribute(Path.of("/proc/self/ns/pid"), "unix:ino"),
        lib.control.getLong(Control.PIDNS_INO));
    assertEquals(0, lib.control.getInt(Control.RECORDING));
    session.recording(true, false);
    assertEquals(1, lib.control.getInt(Control.RECORDING));
    session.recording(true, true);
    assertEquals(3, lib.control.getInt(Control.RECORDING));
    session.recording(false, false);
    assertEquals(0, lib.control.getInt(Control.RECORDING));

    lib.calls.clear();
    session.close();
    session.close();
    assertEquals(
        List.of(
            "no more wakeups", "close", "unmap 4096", "unmap 4096", "unmap " + (4096 + (2 << 20))),
        lib.calls);
  }

  @Test
  void countersAreReadWhereTheProgramsWriteThem() throws Exception {
    BpfSession session = BpfSession.open(lib, 4096);
    lib.control.putLong(Control.SOCKETS + 8 * Long.BYTES, 3); // CLOSE_WAIT
    lib.control.putLong(Control.TRANSITIONS, 100);
    lib.control.putLong(Control.RECORDS_LOST, 1);
    lib.control.putLong(Control.SKIPPED, 2);
    lib.control.putLong(Control.NO_MEMORY, 4);
    lib.control.putLong(Control.CONNECTIONS_LOST, 6);
    lib.control.putLong(Control.ENDS_LOST, 5);
    assertEquals(3, session.sockets(8));
    assertEquals(100, session.transitions());
    assertEquals(new Losses(1, 2, 4, 0, 6, 5, 0), session.losses());
  }

  @Test
  void aRingSmallerThanAPageIsAPage() throws Exception {
    BpfSession.open(lib, 1024);
    assertTrue(lib.calls.contains("size records 4096"), lib.calls.toString());
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
    lib.control.putLong(Control.TRANSITIONS, 7);
    assertEquals(7, session.transitions());
    session.close();
    assertEquals(count("open"), count("close"));
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
