// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server of the machine, on a port of the loopback interface. */
final class ServerProcess implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = 60;

  private final Process process;
  private final int port;
  private final Path log;

  /**
   * Starts it.
   *
   * @param port where it is going to listen
   * @param log where its output goes
   */
  ServerProcess(List<String> command, int port, Path log) throws IOException {
    this.process = builder(command, log).start();
    this.port = port;
    this.log = log;
  }

  private static ProcessBuilder builder(List<String> command, Path log) {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    return builder;
  }

  int port() {
    return port;
  }

  /** Waits until it takes connections. */
  void await() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (!isUp()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(process.info() + " is not up: " + Files.readString(log));
      }
      Thread.sleep(50);
    }
  }

  private boolean isUp() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    boolean interrupted = false;
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      interrupted = true;
      process.destroyForcibly();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
