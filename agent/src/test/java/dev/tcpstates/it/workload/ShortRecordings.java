// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * Makes recordings of {@code tcpstates.StateChange} and nothing else, one after the other, each of
 * connections that begin as soon as it has.
 *
 * <p>Arguments: of how many connections; the files.
 */
public final class ShortRecordings {
  /** While nothing is recorded, the agent looks at what there is less often than this. */
  private static final int IDLE_MILLIS = 1_500;

  /** And more often than this while something is. */
  private static final int RECORDING_MILLIS = 500;

  private ShortRecordings() {}

  public static void main(String[] args) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      for (int i = 1; i < args.length; i++) {
        Thread.sleep(IDLE_MILLIS);
        try (Recording recording = new Recording()) {
          for (EventType type : FlightRecorder.getFlightRecorder().getEventTypes()) {
            recording.disable(type.getName());
          }
          recording.enable("tcpstates.StateChange");
          recording.start();
          connect(server, Integer.parseInt(args[0]));
          Thread.sleep(RECORDING_MILLIS);
          recording.stop();
          recording.dump(Path.of(args[i]));
        }
      }
    }
  }

  /** Makes connections one after the other, each of which both sides close. */
  static void connect(ServerSocket server, int connections) throws Exception {
    for (int i = 0; i < connections; i++) {
      try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
          Socket accepted = server.accept()) {
        client.shutdownOutput();
        accepted.getInputStream().read();
        accepted.shutdownOutput();
        client.getInputStream().read();
      }
    }
  }
}
