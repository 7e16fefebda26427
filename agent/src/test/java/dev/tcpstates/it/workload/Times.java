// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;

/**
 * Connections with a look at the clocks before and after each {@code connect} and {@code close},
 * and with an event of its own around {@code connect}. The recording starts right before.
 *
 * <p>Arguments: how many, where to dump the recording.
 */
public final class Times {
  /** What a line with the clocks starts with. */
  public static final String LINE = "times ";

  /** The event around {@code connect}. */
  @Name("workload.Connect")
  public static final class Connect extends Event {
    int localPort;
  }

  /** A moment by both of Java's clocks. */
  private record Moment(Instant instant, long nanos) {
    static Moment now() {
      return new Moment(Instant.now(), System.nanoTime());
    }

    @Override
    public String toString() {
      return instant + " " + nanos;
    }
  }

  private Times() {}

  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ServerSocket server = new ServerSocket(0, 50, loopback);
    Moment.now(); // loads what it takes
    try (Recording recording = new Recording()) {
      recording.start();
      for (int i = 0; i < Integer.parseInt(args[0]); i++) {
        connect(server);
      }
      Kernel.awaitClosed(server.getLocalPort());
      recording.dump(Path.of(args[1]));
    }
  }

  private static void connect(ServerSocket server) throws IOException {
    Connect event = new Connect();
    Moment beforeConnect = Moment.now();
    event.begin();
    Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
    event.end();
    Moment afterConnect = Moment.now();
    event.localPort = client.getLocalPort();
    event.commit();
    try (Socket accepted = server.accept()) {
      Moment beforeClose = Moment.now();
      client.close();
      Moment afterClose = Moment.now();
      accepted.getInputStream().read();
      System.out.println(
          LINE
              + event.localPort
              + " "
              + beforeConnect
              + " "
              + afterConnect
              + " "
              + beforeClose
              + " "
              + afterClose);
    }
  }
}
