// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.util.List;

/**
 * Where the JDK opens TCP sockets. All of its socket classes end in these few methods, each of
 * which runs after the descriptor exists and before it can be used.
 */
final class JdkHooks {
  private static final String FAMILY = "java.net.ProtocolFamily";
  private static final String DESCRIPTOR = "java.io.FileDescriptor";

  static final List<Hook> ALL =
      List.of(
          // Socket, SocketChannel, AsynchronousSocketChannel
          new Hook(
              "sun.nio.ch.Net",
              "socket",
              named("socket").and(takesArguments(2)).and(takesArgument(0, named(FAMILY))),
              SocketAdvice.Connecting.class),
          // ServerSocket, ServerSocketChannel, AsynchronousServerSocketChannel; JDK 17 and 21 have
          // a second argument
          new Hook(
              "sun.nio.ch.Net",
              "serverSocket",
              named("serverSocket").and(takesArgument(0, named(FAMILY))),
              SocketAdvice.Listening.class),
          new Hook(
              "sun.nio.ch.NioSocketImpl",
              "accept",
              named("accept")
                  .and(takesArguments(1))
                  .and(takesArgument(0, named("java.net.SocketImpl"))),
              SocketAdvice.AcceptedSocket.class),
          // System.inheritedChannel
          new Hook(
              "sun.nio.ch.ServerSocketChannelImpl",
              "inherited channel",
              isConstructor().and(takesArguments(4)).and(takesArgument(2, named(DESCRIPTOR))),
              SocketAdvice.InheritedListener.class),
          // ServerSocketChannel.accept, System.inheritedChannel
          new Hook(
              "sun.nio.ch.SocketChannelImpl",
              "accepted channel",
              isConstructor().and(takesArguments(4)).and(takesArgument(2, named(DESCRIPTOR))),
              SocketAdvice.AcceptedChannel.class),
          new Hook(
              "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
              "accepted channel",
              isConstructor().and(takesArguments(3)).and(takesArgument(1, named(DESCRIPTOR))),
              SocketAdvice.AcceptedAsynchronousChannel.class));

  private JdkHooks() {}
}
