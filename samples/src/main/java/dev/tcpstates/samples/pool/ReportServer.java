// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.pool;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.samples.Recorded;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Makes reports from a database, in six threads with two connections. The bug: a thread keeps its
 * connection while it renders, which needs none. So the pool is empty, and the database idle.
 */
public final class ReportServer {
  private static final int THREADS = 6;
  private static final int CONNECTIONS = 2;
  private static final int RENDERING_MILLIS = 200;

  public static void main(String[] args) throws Exception {
    try (Database database = new Database();
        Pool pool = new Pool(database.address(), CONNECTIONS)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Thread thread = new Thread(() -> report(pool));
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    System.out.printf("%d threads made reports with %d connections.%n%n", THREADS, CONNECTIONS);
    showConnections();
    showWaits();
  }

  private static void report(Pool pool) {
    try {
      Socket connection = pool.take(); // the third thread waits here
      connection.getOutputStream().write('?');
      connection.getInputStream().read();
      Thread.sleep(RENDERING_MILLIS); // THE HOLD: rendering needs no connection
      pool.giveBack(connection);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** TCP is not the problem: few connections, opened quickly, open for long, with few bytes. */
  private static void showConnections() throws IOException {
    System.out.println("The connections:\n");
    for (ConnectionInfo connection : Recorded.upToNow().connections()) {
      if (connection.isOutgoing()) {
        System.out.printf(
            "  %s:%d > %s:%d  connected in %s, open for %s, opened by %s%n",
            connection.localAddress(),
            connection.localPort(),
            connection.address(),
            connection.port(),
            Recorded.millis(connection.handshakeTime()),
            Recorded.millis(connection.timeEstablished()),
            Recorded.line(connection.openedBy()));
      }
    }
  }

  /** Which threads waited: JFR's own event has each wait of 20 ms or more. */
  private static void showWaits() throws IOException {
    System.out.println("\nThe waits for one of them:\n");
    for (RecordedEvent event : RecordingFile.readAllEvents(Recorded.file())) {
      if (event.getEventType().getName().equals("jdk.ThreadPark")) {
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        for (int i = 0; i + 1 < frames.size(); i++) {
          if (isTake(frames.get(i))) {
            System.out.printf(
                "  %s in %s:%d%n",
                Recorded.millis(event.getDuration()),
                frames.get(i + 1).getMethod().getType().getName()
                    + "."
                    + frames.get(i + 1).getMethod().getName(),
                frames.get(i + 1).getLineNumber());
          }
        }
      }
    }
  }

  private static boolean isTake(RecordedFrame frame) {
    return frame.getMethod().getType().getName().equals(Pool.class.getName())
        && frame.getMethod().getName().equals("take");
  }

  private ReportServer() {}
}
