// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import java.util.List;

/**
 * Where Netty's native transports (epoll, io_uring and its incubator) open TCP sockets past the
 * JDK, and where its event loops take and run tasks. Netty 4.1 and 4.2, also moved to another
 * package, which must end in {@code io.netty}: its native libraries ask for that.
 *
 * <p>Sockets that connect and sockets that listen are made by one call. For accepted ones the hook
 * is in the channels of TCP listeners, since the call to {@code accept} itself serves Unix-domain
 * sockets too, or is a completion of io_uring.
 */
final class NettyHooks {
  /** The class whose sockets connect or listen. */
  private static final int SOCKET = 0;

  /** The class of event loops, which are given tasks. */
  private static final int EVENT_LOOP = 1;

  /** The class that runs these tasks; the further ones are of listeners that accept. */
  private static final int TASK_RUNNER = 2;

  private static final String[] CLASSES = {
    "io/netty/channel/unix/Socket",
    "io/netty/util/concurrent/SingleThreadEventExecutor",
    "io/netty/util/concurrent/AbstractEventExecutor",
    "io/netty/channel/epoll/EpollServerSocketChannel",
    "io/netty/channel/uring/IoUringServerSocketChannel",
    "io/netty/incubator/channel/uring/IOUringServerSocketChannel"
  };

  private static final String OF_FD = "(I)V";
  private static final String OF_TASK = "(Ljava/lang/Object;)V";
  private static final String RUNNABLE = "(Ljava/lang/Runnable;)V";

  /** The exception that follows does not always have the error. */
  private static final Hook CONNECT =
      hook(
          "connect",
          "(Ljava/net/SocketAddress;)Z",
          Hook.Place.AFTER_CONNECT,
          "nettyConnect",
          "(IILjava/net/SocketAddress;)V",
          false,
          1);

  /** The second is for Netty before 4.1.33. Where both methods are there, it calls the first. */
  private static final List<List<Hook>> NEW_SOCKET =
      List.of(
          List.of(
              hook("newSocketStream0", "(Z)I", Hook.Place.RETURN, "nettySocket", OF_FD, true),
              CONNECT),
          List.of(
              hook("newSocketStream0", "()I", Hook.Place.RETURN, "nettySocket", OF_FD, true),
              CONNECT));

  private static final List<List<Hook>> NEW_CHILD =
      List.of(
          List.of(
              hook("newChildChannel", "(I", Hook.Place.START, "nettyAccepted", OF_FD, false, 1)));

  private static final List<List<Hook>> EXECUTE =
      List.of(
          List.of(
              hook("execute", RUNNABLE, Hook.Place.START, "submitted", OF_TASK, false, 1),
              hook("lazyExecute", RUNNABLE, Hook.Place.START, "submitted", OF_TASK, false, 1)));

  /** Some versions of Netty call runTask in safeExecute and elsewhere, others have no runTask. */
  private static final List<List<Hook>> RUN = List.of(running("runTask"), running("safeExecute"));

  private NettyHooks() {}

  private static Hook hook(
      String method,
      String descriptor,
      Hook.Place place,
      String call,
      String callDescriptor,
      boolean ofResult,
      Integer... slots) {
    return new Hook(
        "Netty",
        method,
        method,
        descriptor,
        place,
        Relay.NAME,
        call,
        callDescriptor,
        ofResult,
        List.of(slots));
  }

  /** The hooks of a static method that runs a task. */
  private static List<Hook> running(String method) {
    return List.of(
        hook(method, RUNNABLE, Hook.Place.START, "running", OF_TASK, false, 0),
        hook(method, RUNNABLE, Hook.Place.RETURN, "ended", "()V", false),
        hook(method, RUNNABLE, Hook.Place.THROW, "ended", "()V", false));
  }

  /** Whether a class is hooked only to know where tasks were submitted. */
  static boolean isOfTasks(int number) {
    return number == EVENT_LOOP || number == TASK_RUNNER;
  }

  /**
   * Returns the hooks of a class: lists, of which the first that has a method of the class is
   * woven.
   *
   * @param number of the class, see {@link #in}
   */
  static List<List<Hook>> of(int number) {
    return switch (number) {
      case SOCKET -> NEW_SOCKET;
      case EVENT_LOOP -> EXECUTE;
      case TASK_RUNNER -> RUN;
      default -> NEW_CHILD;
    };
  }

  /**
   * The number of a class that has a hook, negative for nearly all classes. Called for each class
   * that the JVM loads, so it costs a few comparisons only.
   *
   * @param internalName as the JVM writes it, with slashes; may be {@code null}
   */
  static int in(String internalName) {
    if (internalName != null) {
      for (int i = 0; i < CLASSES.length; i++) {
        if (isSame(internalName, CLASSES[i])) {
          return i;
        }
      }
    }
    return -1;
  }

  private static boolean isSame(String name, String original) {
    int prefix = name.length() - original.length();
    return prefix >= 0
        && name.startsWith(original, prefix)
        && (prefix == 0 || name.charAt(prefix - 1) == '/');
  }
}
