// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** Starts a recording and opens sockets, from many threads, as the first thing it does. */
public final class EarlySockets {
  public static final int THREADS = 16;

  private EarlySockets() {}

  /** Argument: where to write the recording. Prints whether the interrupted thread still was. */
  public static void main(String[] arguments) throws Exception {
    try (Recording recording = new Recording(Configuration.getConfiguration("default"))) {
      recording.start();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        threads.add(new Thread(EarlySockets::exchange, "early-" + i));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      recording.stop();
      recording.dump(Path.of(arguments[0]));
    }
  }

  private static void exchange() {
    Thread.currentThread().interrupt();
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      boolean interrupted = Thread.interrupted();
      try (Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
          Socket accepted = listener.accept()) {
        accepted.getOutputStream().write(1);
        System.out.println(client.getInputStream().read() + " " + interrupted);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
