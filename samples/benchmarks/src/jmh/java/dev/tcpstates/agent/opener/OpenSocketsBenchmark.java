// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.SocketListener;
import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What the opening thread and the reader's thread do for each socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
// As the agent opens them to itself.
@Fork(
    jvmArgsAppend = {
      "--add-opens=java.base/java.io=ALL-UNNAMED",
      "--add-opens=java.base/java.lang=ALL-UNNAMED",
      "--add-opens=java.base/java.net=ALL-UNNAMED"
    })
public class OpenSocketsBenchmark {
  private static final int STACK_DEPTH = 64;
  private static final int MOST_DESCRIPTORS = 1_000;

  /** Sockets that are open all the time. */
  @Param({"10", "50000"})
  int open;

  private ServerSocket socket;
  private int fd;
  private long cookie;
  private OpenSockets sockets;

  @Setup(Level.Trial)
  public void open() throws IOException {
    socket = new ServerSocket(0);
    fd =
        IntStream.range(0, MOST_DESCRIPTORS)
            .filter(number -> SocketCookie.cookie(number) != 0)
            .findFirst()
            .orElseThrow();
    StackRule rule = new StackRule(List.of(), List.of());
    sockets = new OpenSockets(STACK_DEPTH, rule, this::nextCookie, (id, site, number) -> null);
    for (int i = 0; i < open; i++) {
      sockets.opened(fd, SocketListener.CONNECT);
    }
  }

  /** Asks the kernel as the agent does, of one and the same socket. */
  private long nextCookie(int number) {
    return SocketCookie.cookie(number) == 0 ? 0 : ++cookie;
  }

  @TearDown(Level.Trial)
  public void close() throws IOException {
    socket.close();
  }

  /** The open hook, and the socket's end. */
  @Benchmark
  public Object openAndEnd() {
    sockets.opened(fd, SocketListener.CONNECT);
    return sockets.ended(cookie);
  }

  /** The part of it that is the system call. */
  @Benchmark
  public long cookie() {
    return SocketCookie.cookie(fd);
  }

  /** A record's socket: who opened it. */
  @Benchmark
  public Object join() {
    return sockets.findReported(ThreadLocalRandom.current().nextInt(1, open + 1));
  }
}
