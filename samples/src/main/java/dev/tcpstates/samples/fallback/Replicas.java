// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.fallback;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.samples.Recorded;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/**
 * Connects to a service that has three addresses, and uses the first that answers. The first one
 * refuses, the second one does not answer, the third one works. The user notices that it is slow,
 * and the log only says that it is connected: the failed attempts are the reason.
 */
public final class Replicas {
  private static final int CONNECT_TIMEOUT_MILLIS = 300;

  public static void main(String[] args) throws Exception {
    try (Service service = new Service()) {
      connect(service.addresses()).close();
    }
    showAttempts();
  }

  private static Socket connect(List<InetSocketAddress> addresses) throws IOException {
    IOException last = null;
    for (InetSocketAddress address : addresses) {
      Socket socket = new Socket(Proxy.NO_PROXY); // a timeout may be 1 ms shorter through SOCKS
      try {
        socket.connect(address, CONNECT_TIMEOUT_MILLIS); // THE ATTEMPTS: what fails is forgotten
        return socket;
      } catch (IOException e) {
        socket.close();
        last = e;
      }
    }
    throw new IOException("none of " + addresses, last);
  }

  private static void showAttempts() throws IOException {
    System.out.println("Attempts to connect to the service:\n");
    for (ConnectionInfo attempt : Recorded.upToNow().connections()) {
      if (attempt.openedBy().contains(Replicas.class.getName() + ".connect")) {
        System.out.printf(
            "  %s  %-21s after %8s, by %s%n",
            attempt.address(),
            attempt.established() ? "connected" : attempt.end(),
            Recorded.millis(
                attempt.established()
                    ? attempt.handshakeTime()
                    : Duration.between(attempt.startTime(), attempt.endTime())),
            Recorded.line(attempt.openedBy()));
      }
    }
  }

  private Replicas() {}
}
