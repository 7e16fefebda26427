// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;

/**
 * A socket just opened, with the truth about who opened it: from it come the values that the tests
 * expect of the recording.
 *
 * @param at the frame that opened it, as {@code pkg.Class.method:line}
 * @param thread name of the opening thread
 */
public record Opened<T>(T socket, String at, String thread) {
  /** The start of a line that reports a socket. */
  public static final String LINE = "opened ";

  /** Must stand on the line that opens the socket: {@code Opened.here(new Socket(host, port))}. */
  public static <T> Opened<T> here(T socket) {
    String at =
        StackWalker.getInstance()
            .walk(frames -> frames.skip(1).findFirst())
            .map(f -> f.getClassName() + "." + f.getMethodName() + ":" + f.getLineNumber())
            .orElseThrow();
    return new Opened<>(socket, at, Thread.currentThread().getName());
  }

  /** Reports the socket to the test on standard output, once both addresses are known. */
  public Opened<T> log(String role) throws IOException {
    return log(role, remotePort());
  }

  /** The same for a socket that has not got its peer, and perhaps never will. */
  public Opened<T> log(String role, int remotePort) throws IOException {
    log(role, localPort(), remotePort, at, thread);
    return this;
  }

  /** Reports a socket whose opener is not known, or is not what is tested. */
  static void logUnknown(String role, int localPort, int remotePort) {
    log(role, localPort, remotePort, "unknown", "unknown");
  }

  private static void log(String role, int localPort, int port, String at, String thread) {
    // One string, so that lines of several threads stay whole.
    System.out.print(LINE + String.join("|", role, "" + localPort, "" + port, at, thread) + "\n");
    System.out.flush();
  }

  public int localPort() throws IOException {
    if (socket instanceof Socket s) {
      return s.getLocalPort();
    }
    if (socket instanceof ServerSocket s) {
      return s.getLocalPort();
    }
    return port(((NetworkChannel) socket).getLocalAddress());
  }

  private int remotePort() throws IOException {
    if (socket instanceof Socket s) {
      return s.getPort();
    }
    if (socket instanceof SocketChannel s) {
      return port(s.getRemoteAddress());
    }
    if (socket instanceof AsynchronousSocketChannel s) {
      return port(s.getRemoteAddress());
    }
    return 0;
  }

  private static int port(SocketAddress address) {
    return address == null ? 0 : ((InetSocketAddress) address).getPort();
  }
}
