// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.sun.jna.Library;
import com.sun.jna.Native;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's side of the connection to the node program. */
class UnixSocketIT {
  /** HotSpot has a handler for it that does nothing where nothing is to be suspended. */
  private static final int SIGUSR2 = 12;

  private static final byte[] ANSWER = {1, 2, 3};

  /** The functions of the C library that are used. */
  interface LibC extends Library {
    LibC INSTANCE = Native.load("c", LibC.class);

    int gettid();

    int tgkill(int process, int thread, int signal);
  }

  /** A profiler sends signals to threads that wait. */
  @Test
  void signalsDoNotEndAWait(@TempDir Path folder) throws Exception {
    JnaLoader.load();
    Path path = folder.resolve("socket");
    try (UnixSocket listener = UnixSocket.listen(path);
        UnixSocket client = UnixSocket.connect(path, 60);
        UnixSocket accepted = listener.accept()) {
      CompletableFuture<Integer> waiting = new CompletableFuture<>();
      FutureTask<byte[]> received =
          new FutureTask<>(
              () -> {
                waiting.complete(LibC.INSTANCE.gettid());
                return client.receive(ANSWER.length, true).bytes();
              });
      new Thread(received, "receiver").start();
      int pid = (int) ProcessHandle.current().pid();
      int thread = waiting.get(10, TimeUnit.SECONDS);
      for (int i = 0; i < 20; i++) {
        assertEquals(0, LibC.INSTANCE.tgkill(pid, thread, SIGUSR2));
        Thread.sleep(5);
      }
      accepted.send(ANSWER, List.of());
      assertArrayEquals(ANSWER, received.get(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void nothingCameInTime(@TempDir Path folder) throws Exception {
    JnaLoader.load();
    Path path = folder.resolve("socket");
    try (UnixSocket listener = UnixSocket.listen(path);
        UnixSocket client = UnixSocket.connect(path, 1)) {
      assertNull(client.receive(1, true));
      assertNull(accept(listener).receive(1, false));
    }
  }

  private static UnixSocket accept(UnixSocket listener) throws Exception {
    return listener.accept();
  }
}
