// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.leak;

import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.samples.Recorded;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks weather stations for the temperature. A station closes the connection after its answer. The
 * bug: if the answer is not a number, this program does not close it.
 */
public final class WeatherMap {
  /** For a later inspection. So not even the garbage collector closes them. */
  private final List<Socket> suspicious = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    int asked = 0;
    try (Stations stations = new Stations("12", "14", "broken", "9", "", "11", "broken", "10")) {
      WeatherMap map = new WeatherMap();
      for (int port : stations.ports()) {
        map.temperature(port);
        asked++;
      }
      stations.awaitHungUp();
      System.out.printf(
          "%d stations were asked, %d gave no temperature.%n%n", asked, map.suspicious.size());
      showLeaks();
    }
  }

  private Integer temperature(int port) throws IOException {
    Socket station = new Socket("127.0.0.1", port); // opens a connection
    String answer = new BufferedReader(new InputStreamReader(station.getInputStream())).readLine();
    try {
      int temperature = Integer.parseInt(answer);
      station.close();
      return temperature;
    } catch (NumberFormatException e) {
      suspicious.add(station); // THE LEAK: and this leaves it open
      return null;
    }
  }

  private static void showLeaks() throws IOException {
    List<SocketTimeline> leaks =
        Recorded.upToNow().timelines().stream()
            .filter(socket -> socket.lastState() == TcpState.CLOSE_WAIT)
            .toList();
    System.out.printf(
        "%d sockets are in CLOSE_WAIT: the station has closed the connection,%n", leaks.size());
    System.out.printf("and only this program can end it.%n%n");
    for (SocketTimeline socket : leaks) {
      Transition last = socket.transitions().get(socket.transitions().size() - 1);
      System.out.printf(
          "  %s:%d > %s:%d  opened by %s in thread \"%s\"%n",
          last.localAddress(),
          last.localPort(),
          last.address(),
          last.port(),
          Recorded.line(socket.openedBy()),
          socket.openThread());
    }
  }
}
