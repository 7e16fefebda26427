// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Benchmarks whose operations open a known number of connections. */
@State(Scope.Benchmark)
@Fork(1)
public class Connecting {
  /** Outlives the benchmark, for a collection would close them. */
  private static final List<Socket> LEAKED = new ArrayList<>();

  private ServerSocket listener;

  /** The server closes a connection as soon as it has got a byte. */
  @Setup
  public void listen() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread server = new Thread(this::serve, "server");
    server.setDaemon(true);
    server.start();
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (Socket accepted = listener.accept()) {
        accepted.getInputStream().read();
      } catch (IOException e) {
        // The client has reset its connection, or the benchmark has ended.
      }
    }
  }

  @TearDown
  public void close() throws IOException {
    listener.close();
  }

  private Socket connect() throws IOException {
    return new Socket(listener.getInetAddress(), listener.getLocalPort());
  }

  private static void ask(Socket connection) throws IOException {
    connection.getOutputStream().write('?');
    if (connection.getInputStream().read() >= 0) {
      throw new IOException("an answer");
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @Warmup(iterations = 1, time = 1)
  @Measurement(iterations = 2, time = 1)
  public void three() throws IOException {
    for (int i = 0; i < 3; i++) {
      try (Socket connection = connect()) {
        ask(connection);
      }
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 1, batchSize = 10)
  @Measurement(iterations = 2, batchSize = 10)
  public void leak() throws IOException {
    Socket connection = connect();
    LEAKED.add(connection);
    ask(connection);
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 0)
  @Measurement(iterations = 2, batchSize = 10)
  public void refusedAndReset() throws IOException {
    int unused;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = closed.getLocalPort();
    }
    try {
      new Socket(InetAddress.getLoopbackAddress(), unused).close();
      throw new IOException("connected");
    } catch (ConnectException e) {
      // as it should be
    }
    try (Socket connection = connect()) {
      connection.setSoLinger(true, 0);
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 0)
  @Measurement(iterations = 1, batchSize = 10)
  public int none() {
    return LEAKED.size();
  }
}
