// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.diag.FakeKernel.Socket;
import dev.tcpstates.agent.kernel.sampled.SampledSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SockDiagTest {
  private static final int ALL = 0xfff;
  private static final int LISTEN = 1 << FakeKernel.TCP_LISTEN;

  private final FakeKernel kernel = new FakeKernel();
  private final SockDiag diag = new SockDiag(kernel);

  private Map<Long, Integer> states(int states) throws DiagException {
    Map<Long, Integer> found = new TreeMap<>();
    diag.dump(states, SockDiag.INFO, socket -> found.put(socket.cookie(), socket.state()));
    return found;
  }

  @Test
  void listsBothFamiliesOverManyDatagrams() throws DiagException {
    for (int i = 1; i <= 100; i++) {
      kernel.add(new Socket(i).local(i % 2 == 0 ? 2 : 10, i % 2 == 0 ? "127.0.0.1" : "::1"));
    }
    assertEquals(100, states(ALL).size());
  }

  @Test
  void asksForTheStatesOnly() throws DiagException {
    kernel.add(new Socket(1).state(FakeKernel.TCP_LISTEN));
    kernel.add(new Socket(2).state(FakeKernel.TCP_CLOSE_WAIT));
    assertEquals(Map.of(1L, FakeKernel.TCP_LISTEN), states(LISTEN));
  }

  @Test
  void readsEveryField() throws DiagException {
    Socket socket =
        kernel
            .add(new Socket(0x1234_5678_9abc_def0L))
            .ports(0xff01, 443)
            .queues(7, 11)
            .user(65534)
            .info(68, 1_500) // tcpi_rtt
            .info(80, 42) // tcpi_snd_cwnd
            .info(100, 3) // tcpi_total_retrans
            .info(120, 5L << 32) // tcpi_bytes_acked
            .info(128, 6L << 32) // tcpi_bytes_received
            .info(136, 8) // tcpi_segs_out
            .info(140, 9) // tcpi_segs_in
            .info(148, -1) // tcpi_min_rtt
            .info(200, 1L << 40) // tcpi_bytes_sent
            .info(208, 77L); // tcpi_bytes_retrans
    socket.local = "::ffff:10.1.2.3";
    socket.remote = "2001:db8::1";
    socket.inode = 0x7fffffff;
    List<Long> cookies = new ArrayList<>();
    diag.dump(
        ALL,
        SockDiag.INFO,
        seen -> {
          cookies.add(seen.cookie());
          assertEquals(FakeKernel.TCP_ESTABLISHED, seen.state());
          assertEquals(0xff01, seen.localPort());
          assertEquals(443, seen.remotePort());
          assertEquals(0, seen.localAddress(0));
          assertEquals(0xffff_0a01_0203L, seen.localAddress(1));
          assertEquals(0x2001_0db8_0000_0000L, seen.remoteAddress(0));
          assertEquals(1, seen.remoteAddress(1));
          assertEquals(7, seen.receiveQueue());
          assertEquals(11, seen.sendQueue());
          assertEquals(65534, seen.user());
          assertEquals(0x7fffffff, seen.inode());
          assertFalse(seen.isTimeWait());
          assertTrue(seen.hasInfo());
          assertEquals(1_500, seen.smoothedRtt());
          assertEquals(42, seen.congestionWindow());
          assertEquals(3, seen.retransmits());
          assertEquals(5L << 32, seen.bytesAcknowledged());
          assertEquals(6L << 32, seen.bytesReceived());
          assertEquals(8, seen.segmentsSent());
          assertEquals(9, seen.segmentsReceived());
          assertEquals(0xffff_ffffL, seen.minimumRtt());
          assertEquals(1L << 40, seen.bytesSent());
          assertEquals(77, seen.bytesRetransmitted());
          assertEquals(DiagSocket.UNKNOWN, seen.drops()); // not asked for
        });
    assertEquals(List.of(socket.cookie), cookies);
  }

  @Test
  void readsIpv4AsMapped() throws DiagException {
    kernel.add(new Socket(1).local(2, "192.0.2.1"));
    check(
        ALL,
        seen -> {
          assertEquals(0, seen.localAddress(0));
          assertEquals(0xffff_c000_0201L, seen.localAddress(1));
          assertEquals(seen.localAddress(1), seen.remoteAddress(1));
        });
  }

  @Test
  void whatAnOlderKernelsInfoHasNotIsUnknown() throws DiagException {
    Socket socket = kernel.add(new Socket(1)).info(128, 5L).info(120, 9L);
    socket.infoLength = 160; // Linux 4.9
    check(
        ALL,
        seen -> {
          assertEquals(5, seen.bytesReceived());
          assertEquals(9, seen.bytesAcknowledged());
          assertEquals(DiagSocket.UNKNOWN, seen.bytesSent());
          assertEquals(DiagSocket.UNKNOWN, seen.bytesRetransmitted());
        });
  }

  @Test
  void readsTheDropsOfListeners() throws DiagException {
    Socket socket = kernel.add(new Socket(1)).state(FakeKernel.TCP_LISTEN);
    socket.drops = 5;
    List<Long> drops = new ArrayList<>();
    diag.dump(LISTEN, SockDiag.MEMORY, seen -> drops.add(seen.drops()));
    assertEquals(List.of(5L), drops);
  }

  private void check(int states, Consumer<DiagSocket> checks) throws DiagException {
    int[] seen = new int[1];
    diag.dump(
        states,
        SockDiag.INFO,
        socket -> {
          seen[0]++;
          checks.accept(socket);
        });
    assertEquals(1, seen[0]);
  }

  @Test
  void asksOnceMoreWhereTheKernelFoundItInconsistent() throws DiagException {
    kernel.add(new Socket(1));
    kernel.inconsistent = 1;
    assertEquals(1, states(ALL).size());
    assertEquals(3, kernel.dumps); // IPv4 twice, IPv6 once
  }

  @Test
  void givesUpOnADumpThatStaysInconsistent() throws DiagException {
    kernel.add(new Socket(1));
    kernel.inconsistent = Integer.MAX_VALUE;
    assertEquals(1, states(ALL).size());
    assertEquals(6, kernel.dumps);
  }

  @Test
  void asksOnceMoreWhereTheAnswerWasTooLongForTheBuffer() throws DiagException {
    for (int i = 1; i <= 500; i++) {
      kernel.add(new Socket(i));
    }
    kernel.datagramBytes = 150_000;
    assertEquals(500, states(ALL).size());
  }

  @Test
  void passesOverAnswersToOtherRequests() throws DiagException {
    kernel.add(new Socket(1));
    kernel.noise = 3;
    assertEquals(1, states(ALL).size());
    assertNotNull(diag.find(10, id(kernel.get(1))));
  }

  @Test
  void saysWhyItWasRefused() {
    kernel.refusal = 1;
    DiagException e = assertThrows(DiagException.class, () -> states(ALL));
    assertEquals(1, e.errno());
    assertEquals("listing sockets by NETLINK_SOCK_DIAG: EPERM", e.getMessage());
    assertTrue(SockDiag.explain(e).contains("seccomp"), SockDiag.explain(e));
  }

  @Test
  void workAgainAfterARefusal() throws DiagException {
    kernel.add(new Socket(1));
    kernel.refusal = 12;
    assertThrows(DiagException.class, () -> states(ALL));
    kernel.refusal = 0;
    assertEquals(1, states(ALL).size());
  }

  private static byte[] id(Socket socket) {
    FakeKernel one = new FakeKernel();
    one.add(socket);
    List<SampledSocket> sampled = new ArrayList<>();
    try {
      new SockDiag(one).dump(ALL, SockDiag.INFO, seen -> sampled.add(new SampledSocket(seen, 1)));
    } catch (DiagException e) {
      throw new AssertionError(e);
    }
    return sampled.get(0).id();
  }

  @Test
  void findsOneSocketByItsCookie() throws DiagException {
    kernel.add(new Socket(1L << 40 | 5).local(2, "127.0.0.1")).info(200, 99L);
    kernel.add(new Socket(6).local(10, "2001:db8::7"));
    DiagSocket found = diag.find(2, id(kernel.get(1L << 40 | 5)));
    assertEquals(1L << 40 | 5, found.cookie());
    assertEquals(99, found.bytesSent());
    assertEquals(6, diag.find(10, id(kernel.get(6))).cookie());
  }

  @Test
  void findsNothingInThePlaceOfASocketThatIsGone() throws DiagException {
    byte[] id = id(new Socket(1));
    kernel.add(new Socket(2)); // the same ports and addresses
    assertNull(diag.find(10, id));
  }
}
