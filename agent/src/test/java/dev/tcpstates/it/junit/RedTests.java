// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.junit;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;

import dev.tcpstates.jfr.junit.TcpAssert;
import dev.tcpstates.jfr.junit.TcpConnections;
import dev.tcpstates.jfr.junit.TcpStates;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests that fail, each for another reason. */
@TcpStates
class RedTests {
  private static final Duration SHORT = Duration.ofMillis(100);

  /** Kept, or a garbage collection would close them. */
  private Socket leaked;

  private ServerSocket listener;

  private Socket connect() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    return new Socket(listener.getInetAddress(), listener.getLocalPort());
  }

  @Test
  void leaks(TcpConnections tcp) throws Exception {
    leaked = connect();
    listener.accept().close();
    assertThat(tcp.outgoing().within(SHORT)).leavesNoSocketOpen();
  }

  @Test
  void isRefused(TcpConnections tcp) throws Exception {
    connect().close();
    listener.close();
    try {
      connectTo(listener.getLocalPort());
    } catch (ConnectException e) {
      // as it should be
    }
    assertThat(tcp).hasNoFailedConnects();
  }

  private static void connectTo(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }

  @Test
  void isReset(TcpConnections tcp) throws Exception {
    Socket client = connect();
    Socket accepted = listener.accept();
    client.setSoLinger(true, 0);
    client.close();
    accepted.close();
    TcpAssert asserted = assertThat(tcp);
    asserted.hasNoFailedConnects();
    asserted.hasNoResets();
  }

  @Test
  void connectsTooOften(TcpConnections tcp) throws Exception {
    connect().close();
    connect().close();
    assertThat(tcp).connectsAtMost(1);
  }

  /** The kernel sends nothing to a broadcast address, and the socket makes no transition. */
  @Test
  void isUnreachable(TcpConnections tcp) throws Exception {
    connect().close();
    try {
      new Socket("127.255.255.255", 80).close();
    } catch (SocketException e) {
      // as it should be
    }
    assertThat(tcp).hasNoFailedConnects();
  }

  @Test
  void isAcceptedLate(TcpConnections tcp) throws Exception {
    leaked = connect();
    Thread.sleep(2 * SHORT.toMillis());
    listener.accept().close();
    assertThat(tcp).acceptWaitIsUnder(SHORT);
  }

  @Test
  void staysIdle(TcpConnections tcp) throws Exception {
    leaked = connect();
    try (Socket accepted = listener.accept()) {
      accepted.getOutputStream().write('?');
      leaked.getInputStream().read();
      assertThat(tcp).closesIdleWithin(SHORT);
    }
  }

  @Test
  void isUsedOnce(TcpConnections tcp) throws Exception {
    leaked = connect();
    leaked.getOutputStream().write('?');
    TcpAssert asserted = assertThat(tcp.within(SHORT));
    asserted.isReusedAtLeast(100, 1, 1);
    asserted.isReusedAtLeast(100, 2, 1);
  }

  @Test
  void failsOtherwise() {
    throw new IllegalStateException("not TCP's fault");
  }
}
