// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Many threads that connect at once, and then close at once. */
final class AtOnce {
  private AtOnce() {}

  /** So many platform threads, and on a JDK that has them as many virtual threads after them. */
  static void run(int threads, InetAddress address, int port) throws Exception {
    run(Thread::new, threads, address, port);
    if (Runtime.version().feature() >= 21) {
      run(virtual(), threads, address, port);
    }
  }

  /** By reflection, for this is compiled for a JDK without them. */
  private static ThreadFactory virtual() throws ReflectiveOperationException {
    Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
    return (ThreadFactory)
        Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
  }

  private static void run(ThreadFactory factory, int threads, InetAddress address, int port)
      throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(threads);
    List<FutureTask<Void>> connections = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Ending ending = Ending.values()[i % Ending.values().length];
      Callable<Void> connection =
          () -> {
            barrier.await(30, TimeUnit.SECONDS);
            try (Socket socket = new Socket(address, port)) {
              barrier.await(30, TimeUnit.SECONDS);
              ending.play(socket);
            }
            return null;
          };
      connections.add(new FutureTask<>(connection));
    }
    connections.forEach(connection -> factory.newThread(connection).start());
    for (FutureTask<Void> connection : connections) {
      connection.get();
    }
  }
}
