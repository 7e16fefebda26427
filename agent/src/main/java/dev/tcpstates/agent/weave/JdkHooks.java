// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the JDK opens TCP sockets, and where its connects fail. All of its socket classes end in
 * these few methods, each of which runs after the descriptor exists and before it can be used.
 */
final class JdkHooks {
  private static final String FAMILY = "Ljava/net/ProtocolFamily;";
  private static final String FD = "Ljava/io/FileDescriptor;";
  private static final String PROVIDER = "Ljava/nio/channels/spi/SelectorProvider;";
  private static final String SOCKET = "Ljava/net/SocketImpl;";

  static final List<Hook> SOCKETS =
      List.of(
          // Socket, SocketChannel, AsynchronousSocketChannel
          new Hook(
              "sun.nio.ch.Net",
              "socket",
              "socket",
              "(" + FAMILY + "Z)" + FD,
              Hook.Place.RETURN,
              "connecting",
              "(" + FD + "Z)V",
              true,
              List.of(1)),
          // ServerSocket, ServerSocketChannel, AsynchronousServerSocketChannel; JDK 17 and 21 have
          // a second argument
          new Hook(
              "sun.nio.ch.Net",
              "serverSocket",
              "serverSocket",
              "(" + FAMILY,
              Hook.Place.RETURN,
              "listening",
              "(" + FD + ")V",
              true,
              List.of()),
          new Hook(
              "sun.nio.ch.NioSocketImpl",
              "accept",
              "accept",
              "(" + SOCKET + ")V",
              Hook.Place.RETURN,
              "accepted",
              "(" + SOCKET + ")V",
              false,
              List.of(1)),
          // System.inheritedChannel
          new Hook(
              "sun.nio.ch.ServerSocketChannelImpl",
              "inherited channel",
              "<init>",
              "(" + PROVIDER + FAMILY + FD,
              Hook.Place.RETURN,
              "inheritedListener",
              "(" + FAMILY + FD + ")V",
              false,
              List.of(2, 3)),
          // ServerSocketChannel.accept, System.inheritedChannel
          new Hook(
              "sun.nio.ch.SocketChannelImpl",
              "accepted channel",
              "<init>",
              "(" + PROVIDER + FAMILY + FD,
              Hook.Place.RETURN,
              "accepted",
              "(" + FAMILY + FD + ")V",
              false,
              List.of(2, 3)),
          new Hook(
              "sun.nio.ch.UnixAsynchronousSocketChannelImpl",
              "accepted channel",
              "<init>",
              "(Lsun/nio/ch/Port;" + FD,
              Hook.Place.RETURN,
              "accepted",
              "(" + FD + ")V",
              false,
              List.of(2)),
          // Each connect of these classes. The kernel shows no error of what fails at once.
          new Hook(
              "sun.nio.ch.Net",
              "connect",
              "connect",
              "(" + FAMILY + FD + "Ljava/net/InetAddress;I)",
              Hook.Place.THROW,
              "connectFailed",
              "(Ljava/lang/Throwable;" + FD + "Ljava/net/InetAddress;I)V",
              true,
              List.of(1, 2, 3)));

  /** Since JDK 21, there is a second method, for executors. */
  static final Hook PLATFORM_THREADS = Hook.threadStart("java.lang.Thread", "(");

  /** Since JDK 21. The other method calls this one. */
  static final Hook VIRTUAL_THREADS =
      Hook.threadStart("java.lang.VirtualThread", "(Ljdk/internal/vm/ThreadContainer;)V");

  private static final String POOL = "java.util.concurrent.ForkJoinPool";
  private static final String POOL_TASK = "java.util.concurrent.ForkJoinTask";
  private static final String THREAD_POOL = "java.util.concurrent.ThreadPoolExecutor";
  private static final String OF_TASK = "(Ljava/lang/Object;)V";
  private static final String OF_POOL_AND_TASK =
      "(Ljava/util/concurrent/ForkJoinPool;Ljava/lang/Object;)V";

  /** Where executors of the JDK take tasks, and run them. */
  static List<Hook> tasks() {
    List<Hook> hooks = new ArrayList<>();
    hooks.add(Hook.task(THREAD_POOL, "execute", "(", Hook.Place.START, "submitted", OF_TASK, 1));
    hooks.add(
        Hook.task(
            "java.util.concurrent.ScheduledThreadPoolExecutor",
            "delayedExecute",
            "(",
            Hook.Place.START,
            "submitted",
            OF_TASK,
            1));
    hooks.add(Hook.task(THREAD_POOL, "runWorker", "(", Hook.Place.BEFORE_RUN, "running", OF_TASK));
    hooks.add(Hook.task(THREAD_POOL, "runWorker", "(", Hook.Place.AFTER_RUN, "ended", "()V"));
    hooks.add(Hook.task(POOL_TASK, "doExec", "(", Hook.Place.START, "running", OF_TASK, 0));
    hooks.add(Hook.task(POOL_TASK, "doExec", "(", Hook.Place.RETURN, "ended", "()V"));
    hooks.add(
        Hook.task(
            POOL, "externalSubmit", "(", Hook.Place.START, "submitted", OF_POOL_AND_TASK, 0, 1));
    if (Runtime.version().feature() >= 19) {
      // All but externalSubmit end in it.
      hooks.add(
          Hook.task(
              POOL, "poolSubmit", "(Z", Hook.Place.START, "submitted", OF_POOL_AND_TASK, 0, 2));
    }
    if (Runtime.version().feature() >= 25) {
      hooks.add(
          Hook.task(
              POOL,
              "scheduleDelayedTask",
              "(",
              Hook.Place.START,
              "submitted",
              OF_POOL_AND_TASK,
              0,
              1));
    }
    return hooks;
  }

  private JdkHooks() {}
}
