// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.sampled;

import static dev.tcpstates.agent.kernel.diag.FakeKernel.TCP_CLOSE_WAIT;
import static dev.tcpstates.agent.kernel.diag.FakeKernel.TCP_ESTABLISHED;
import static dev.tcpstates.agent.kernel.diag.FakeKernel.TCP_FIN_WAIT2;
import static dev.tcpstates.agent.kernel.diag.FakeKernel.TCP_LAST_ACK;
import static dev.tcpstates.agent.kernel.diag.FakeKernel.TCP_LISTEN;
import static dev.tcpstates.agent.kernel.diag.FakeKernel.TCP_SYN_SENT;
import static dev.tcpstates.agent.kernel.diag.FakeKernel.TCP_TIME_WAIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.diag.Descriptors;
import dev.tcpstates.agent.kernel.diag.DiagException;
import dev.tcpstates.agent.kernel.diag.FakeKernel;
import dev.tcpstates.agent.kernel.diag.FakeKernel.Socket;
import dev.tcpstates.agent.kernel.diag.SockDiag;
import dev.tcpstates.jfr.TcpState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which of the machine's sockets are this JVM's, and when they have ended. */
class SocketSamplerTest {
  private static final int USER = 1000;
  private static final int OTHER_USER = 1001;
  private static final int PORT = 8080;

  private final FakeKernel kernel = new FakeKernel();
  private final FakeDescriptors descriptors = new FakeDescriptors();
  private final Map<Long, Long> hooks = new HashMap<>();
  private final SocketSampler sampler =
      new SocketSampler(
          new SockDiag(kernel), descriptors, cookie -> hooks.getOrDefault(cookie, 0L));
  private final Map<Long, SampledSocket> ended = new TreeMap<>();
  private final Map<Long, Long> endedAt = new TreeMap<>();
  private final Map<Long, Integer> timeWaits = new TreeMap<>();

  /** The descriptors of this process, whose user is {@link #USER}. */
  private static final class FakeDescriptors extends Descriptors {
    final Map<Integer, Long> cookies = new TreeMap<>();
    final Set<Integer> notTcp = new TreeSet<>();
    int tried;

    @Override
    public void forEach(Visitor visitor) {
      tried++;
      cookies.forEach(visitor::socket);
    }

    @Override
    public boolean isTcp(int fd) {
      return !notTcp.contains(fd);
    }

    @Override
    public int user() {
      return USER;
    }
  }

  private Socket opened(long cookie) {
    hooks.put(cookie, System.nanoTime());
    return kernel.add(new Socket(cookie));
  }

  private Set<Long> sample() throws DiagException {
    ended.clear();
    sampler.sample(
        (socket, time) -> {
          ended.put(socket.socketId(), socket);
          endedAt.put(socket.socketId(), time);
        });
    return own();
  }

  private Set<Long> own() {
    Set<Long> cookies = new TreeSet<>();
    sampler.forEach(socket -> cookies.add(socket.socketId()));
    return cookies;
  }

  private SampledSocket get(long cookie) {
    List<SampledSocket> found = new ArrayList<>();
    sampler.forEach(
        socket -> {
          if (socket.socketId() == cookie) {
            found.add(socket);
          }
        });
    return found.get(0);
  }

  @Test
  void ownIsWhatTheHooksReported() throws DiagException {
    opened(1);
    opened(2).local(2, "10.0.0.1");
    kernel.add(new Socket(3));
    assertEquals(Set.of(1L, 2L), sample());
    assertFalse(get(1).isAdopted());
  }

  @Test
  void ownIsWhatADescriptorRefersTo() throws DiagException {
    kernel.add(new Socket(1));
    kernel.add(new Socket(2)); // another process's, of the same user
    descriptors.cookies.put(7, 1L);
    assertEquals(Set.of(1L), sample());
    assertTrue(get(1).isAdopted());
    assertEquals(0, get(1).opened());
  }

  @Test
  void descriptorsAreNotTriedForSocketsThatAreKnownToBeForeign() throws DiagException {
    for (int i = 1; i <= 100; i++) {
      kernel.add(new Socket(i));
      kernel.add(new Socket(1_000 + i).user(OTHER_USER));
    }
    assertEquals(Set.of(), sample());
    assertEquals(1, descriptors.tried);
    for (int i = 0; i < 5; i++) {
      sample();
    }
    assertEquals(1, descriptors.tried);
  }

  @Test
  void aSocketOfAnotherUserIsFoundWhenDescriptorsAreListed() throws DiagException {
    kernel.add(new Socket(1).user(0)); // as a service manager hands it over
    descriptors.cookies.put(3, 1L);
    assertEquals(Set.of(), sample());
    sampler.sampleDescriptors((socket, time) -> {}, (fd, cookie, socket) -> {});
    assertEquals(Set.of(1L), own());
    assertEquals(Set.of(1L), sample());
  }

  @Test
  void listsEveryDescriptorOfATcpSocket() throws DiagException {
    opened(1);
    hooks.put(2L, System.nanoTime()); // not connected: not in the kernel's tables
    descriptors.cookies.putAll(Map.of(5, 1L, 6, 1L, 7, 2L, 8, 3L));
    descriptors.notTcp.add(8);
    Map<Integer, Long> listed = new TreeMap<>();
    Set<Integer> used = new TreeSet<>();
    sampler.sampleDescriptors(
        (socket, time) -> {},
        (fd, cookie, socket) -> {
          listed.put(fd, cookie);
          if (socket != null) {
            assertEquals(cookie, socket.socketId());
            used.add(fd);
          }
        });
    assertEquals(Map.of(5, 1L, 6, 1L, 7, 2L), listed);
    assertEquals(Set.of(5, 6), used);
  }

  @Test
  void aConnectionThatWaitsForAcceptIsItsListeners() throws DiagException {
    opened(1).state(TCP_LISTEN).ports(PORT, 0).local(10, "::");
    kernel.add(new Socket(2).ports(PORT, 40001).noDescriptor());
    kernel.add(new Socket(3).ports(PORT, 40002).noDescriptor().state(TCP_CLOSE_WAIT));
    kernel.add(new Socket(4).ports(PORT, 40003).request());
    kernel.add(new Socket(5).ports(PORT + 1, 40004).noDescriptor());
    assertEquals(Set.of(1L, 2L, 3L, 4L), sample());
    for (long child : new long[] {2, 3, 4}) {
      assertEquals(1, get(child).listenerId());
      assertFalse(get(child).isOrphan());
    }
    assertEquals(TcpState.NEW_SYN_RECV.kernelValue(), get(4).state());
  }

  @Test
  void aConnectionThatWaitsForAcceptIsNobodysIfAnotherProcessListensToo() throws DiagException {
    opened(1).state(TCP_LISTEN).ports(PORT, 0).local(2, "127.0.0.1");
    kernel.add(new Socket(2).state(TCP_LISTEN).ports(PORT, 0).local(2, "127.0.0.1"));
    kernel.add(new Socket(3).ports(PORT, 40001).noDescriptor());
    kernel.add(new Socket(4).ports(PORT, 40002).request());
    assertEquals(Set.of(1L), sample());
  }

  @Test
  void aListenerAtAnotherAddressDoesNotMatter() throws DiagException {
    opened(1).state(TCP_LISTEN).ports(PORT, 0).local(2, "127.0.0.1");
    kernel.add(new Socket(2).state(TCP_LISTEN).ports(PORT, 0).local(2, "127.0.0.2"));
    kernel.add(new Socket(3).ports(PORT, 40001).noDescriptor());
    assertEquals(Set.of(1L, 3L), sample());
  }

  @Test
  void theOrphansOfAnotherProcessAtTheSamePortAreNotOwn() throws DiagException {
    opened(1).state(TCP_LISTEN).ports(PORT, 0).local(10, "::");
    kernel.add(new Socket(2).ports(PORT, 40001).noDescriptor().state(TCP_FIN_WAIT2));
    kernel.add(new Socket(3).ports(PORT, 40002).noDescriptor().state(TCP_LAST_ACK));
    assertEquals(Set.of(1L), sample());
  }

  @Test
  void ofSeveralOwnListenersTheOneWithTheAddressIsTaken() throws DiagException {
    opened(1).state(TCP_LISTEN).ports(PORT, 0).local(10, "::");
    opened(2).state(TCP_LISTEN).ports(PORT, 0).local(2, "127.0.0.1");
    opened(3).state(TCP_LISTEN).ports(PORT, 0).local(2, "127.0.0.1");
    kernel.add(new Socket(4).ports(PORT, 40001).noDescriptor());
    sample();
    assertEquals(2, get(4).listenerId());
  }

  @Test
  void anAcceptedSocketKeepsItsListener() throws DiagException {
    opened(1).state(TCP_LISTEN).ports(PORT, 0).local(10, "::");
    opened(2).ports(PORT, 40001);
    opened(3).ports(40001, PORT);
    sample();
    assertEquals(1, get(2).listenerId());
    assertEquals(0, get(3).listenerId());
    kernel.remove(1);
    sample();
    sample();
    assertEquals(1, get(2).listenerId());
  }

  @Test
  void aClosedSocketThatLingersStaysOwn() throws DiagException {
    opened(1);
    sample();
    kernel.get(1).noDescriptor().state(TCP_FIN_WAIT2);
    hooks.remove(1L);
    assertEquals(Set.of(1L), sample());
    assertTrue(get(1).isOrphan());
    assertEquals(SampledSocket.Closer.LOCAL, get(1).closer());
  }

  @Test
  void aLingeringSocketThatOnlyTheHooksKnowIsOwn() throws DiagException {
    opened(1).noDescriptor().state(TCP_LAST_ACK);
    assertEquals(Set.of(1L), sample());
    assertEquals(SampledSocket.Closer.REMOTE, get(1).closer());
  }

  @Test
  void whatIsGoneHasEnded() throws DiagException {
    opened(1).info(200, 500L).info(208, 100L).info(128, 1_000L);
    sample();
    long lastSeen = sampler.time();
    kernel.remove(1);
    assertEquals(Set.of(), sample());
    SampledSocket end = ended.get(1L);
    assertEquals(TCP_ESTABLISHED, end.state());
    assertEquals(400, end.bytesSent());
    assertEquals(1_000, end.bytesReceived());
    assertEquals(endedAt.get(1L) - lastSeen, end.uncertainty());
    assertFalse(end.isFinished());
    assertEquals(SampledSocket.Closer.NONE, end.closer());
  }

  @Test
  void endsAreReportedOnce() throws DiagException {
    opened(1);
    sample();
    kernel.remove(1);
    hooks.remove(1L);
    sample();
    assertEquals(Set.of(1L), ended.keySet());
    sample();
    assertEquals(Set.of(), ended.keySet());
  }

  @Test
  void whatIsInTimeWaitHasEndedInOrder() throws DiagException {
    opened(1);
    sample();
    kernel.get(1).timeWait(TCP_TIME_WAIT);
    assertEquals(Set.of(), sample());
    assertTrue(ended.get(1L).isFinished());
    assertEquals(SampledSocket.Closer.LOCAL, ended.get(1L).closer());
  }

  @Test
  void timeWaitsOfAllAreHandedOverWhenAskedFor() throws DiagException {
    kernel.add(new Socket(1).timeWait(TCP_TIME_WAIT));
    kernel.add(new Socket(2).timeWait(TCP_FIN_WAIT2));
    sampler.sampleWithTimeWaits((socket, time) -> {}, timeWaits::put);
    assertEquals(Map.of(1L, TCP_TIME_WAIT, 2L, TCP_FIN_WAIT2), timeWaits);
    assertEquals(Set.of(), own());
  }

  @Test
  void aSocketThatADumpPassedOverHasNotEnded() throws DiagException {
    opened(1);
    opened(2).state(TCP_LISTEN).ports(PORT, 0).local(10, "::");
    sample();
    kernel.passedOver.addAll(List.of(1L, 2L));
    assertEquals(Set.of(1L, 2L), sample());
    assertEquals(Set.of(), ended.keySet());
  }

  @Test
  void anAttemptThatFailedWasNeverEstablished() throws DiagException {
    opened(1).state(TCP_SYN_SENT);
    sample();
    kernel.remove(1);
    sample();
    assertFalse(ended.get(1L).wasEstablished());
  }

  @Test
  void aHalfOpenConnectionThatIsGoneWasNoSocket() throws DiagException {
    opened(1).state(TCP_LISTEN).ports(PORT, 0).local(10, "::");
    kernel.add(new Socket(2).ports(PORT, 40001).request());
    sample();
    kernel.remove(2);
    assertEquals(Set.of(1L), sample());
    assertEquals(Set.of(), ended.keySet());
  }

  @Test
  void timesAreThoseOfTheSamples() throws Exception {
    opened(1);
    sample();
    long first = sampler.time();
    assertEquals(first, get(1).since());
    Thread.sleep(20);
    sample();
    long second = sampler.time();
    assertEquals(first, get(1).since());
    assertEquals(second - first, get(1).timeEstablished());
    kernel.get(1).state(TCP_CLOSE_WAIT);
    Thread.sleep(30);
    sample();
    long third = sampler.time();
    assertEquals(third, get(1).since());
    assertEquals(third - first, get(1).timeEstablished());
    assertEquals(0, get(1).timeCloseWait());
    assertEquals(hooks.get(1L), get(1).opened());
    assertEquals(Math.max(second - first, third - second), get(1).uncertainty());
    assertEquals(0, get(1).establishedAt()); // it may have been so for long
    kernel.remove(1);
    sample();
    assertEquals(endedAt.get(1L) - third, ended.get(1L).timeCloseWait());
  }

  @Test
  void aHandshakeThatASampleSawHasAnEnd() throws DiagException {
    opened(1).state(TCP_SYN_SENT);
    sample();
    kernel.get(1).state(TCP_ESTABLISHED);
    sample();
    assertEquals(sampler.time(), get(1).establishedAt());
  }

  @Test
  void queuesAndBytesAreWithoutSynAndFin() throws DiagException {
    opened(1).state(TCP_CLOSE_WAIT).queues(4, 0).info(128, 11L); // 10 bytes and a FIN, 3 unread
    opened(2).state(TCP_SYN_SENT).queues(0, 1);
    opened(3).state(TCP_CLOSE_WAIT).queues(1, 0).info(128, 1L); // nothing but a FIN
    opened(4).state(TCP_LISTEN).queues(5, 50).ports(PORT, 0);
    sample();
    assertEquals(10, get(1).bytesReceived());
    assertEquals(3, get(1).receiveQueue());
    assertEquals(0, get(2).sendQueue());
    assertEquals(0, get(3).bytesReceived());
    assertEquals(0, get(3).receiveQueue());
    assertEquals(5, get(4).receiveQueue());
    assertEquals(50, get(4).sendQueue());
  }

  @Test
  void beforeLinux419BytesSentAreThoseThatWereAcknowledged() throws DiagException {
    opened(1).info(120, 501L).infoLength = 192;
    sample();
    assertEquals(500, get(1).bytesSent());
  }

  @Test
  void aRefusalKeepsTheSampleBefore() throws DiagException {
    opened(1);
    sample();
    kernel.refusal = 12;
    assertThrows(DiagException.class, this::sample);
    assertEquals(Set.of(1L), own());
    kernel.refusal = 0;
    assertEquals(Set.of(1L), sample());
    assertEquals(Set.of(), ended.keySet());
  }
}
