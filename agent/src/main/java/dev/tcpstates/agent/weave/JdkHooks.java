// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import java.util.List;

/**
 * Where the JDK opens TCP sockets. All of its socket classes end in these few methods, each of
 * which runs after the descriptor exists and before it can be used.
 */
final class JdkHooks {
  /**
   * One method, and the call that is put before each of its returns.
   *
   * @param type the class
   * @param name the method, for people
   * @param method its name in the class file
   * @param descriptor how its descriptor begins
   * @param call the method of SocketHooks that is called
   * @param callDescriptor that method's descriptor
   * @param ofResult whether the call's first argument is the result, of which a copy is left
   * @param slots the local variables that are the call's further arguments
   */
  record JdkHook(
      String type,
      String name,
      String method,
      String descriptor,
      String call,
      String callDescriptor,
      boolean ofResult,
      List<Integer> slots) {
    boolean isIn(String otherMethod, String otherDescriptor) {
      return otherMethod.equals(method) && otherDescriptor.startsWith(descriptor);
    }
  }

  private static final String FAMILY = "Ljava/net/ProtocolFamily;";
  private static final String FD = "Ljava/io/FileDescriptor;";
  private static final String PROVIDER = "Ljava/nio/channels/spi/SelectorProvider;";
  private static final String SOCKET = "Ljava/net/SocketImpl;";

  static final List<JdkHook> ALL =
      List.of(
          // Socket, SocketChannel, AsynchronousSocketChannel
          new JdkHook(
              "sun.nio.ch.Net",
              "socket",
              "socket",
              "(" + FAMILY + "Z)" + FD,
              "connecting",
              "(" + FD + "Z)V",
              true,
              List.of(1)),
          // ServerSocket, ServerSocketChannel, AsynchronousServerSocketChannel; JDK 17 and 21 have
          // a second argument
          new JdkHook(
              "sun.nio.ch.Net",
              "serverSocket",
              "serverSocket",
              "(" + FAMILY,
              "listening",
              "(" + FD + ")V",
              true,
              List.of()),
          new JdkHook(
              "sun.nio.ch.NioSocketImpl",
              "accept",
              "accept",
              "(" + SOCKET + ")V",
              "accepted",
              "(" + SOCKET + ")V",
              false,
              List.of(1)),
          // System.inheritedChannel
          new JdkHook(
              "sun.nio.ch.ServerSocketChannelImpl",
              "inherited channel",
              "<init>",
              "(" + PROVIDER + FAMILY + FD,
              "inheritedListener",
              "(" + FAMILY + FD + ")V",
              false,
              List.of(2, 3)),
          // ServerSocketChannel.accept, System.inheritedChannel
          new JdkHook(
              "sun.nio.ch.SocketChannelImpl",
              "accepted channel",
              "<init>",
              "(" + PROVIDER + FAMILY + FD,
              "accepted",
              "(" + FAMILY + FD + ")V",
              false,
              List.of(2, 3)),
          new JdkHook(
              "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
              "accepted channel",
              "<init>",
              "(Lsun/nio/ch/Port;" + FD,
              "accepted",
              "(" + FD + ")V",
              false,
              List.of(2)));

  private JdkHooks() {}
}
