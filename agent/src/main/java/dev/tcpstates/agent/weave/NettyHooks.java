// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

/**
 * Where Netty's native transports (epoll, io_uring and its incubator) open TCP sockets past the
 * JDK. Netty 4.1 and 4.2, also moved to another package, which must end in {@code io.netty}: its
 * native libraries ask for that.
 *
 * <p>Sockets that connect and sockets that listen are made by one call. For accepted ones the hook
 * is in the channels of TCP listeners, since the call to {@code accept} itself serves Unix-domain
 * sockets too, or is a completion of io_uring.
 */
final class NettyHooks {
  /** The class whose sockets connect or listen; the others are of listeners that accept. */
  static final int SOCKET = 0;

  private static final String[] CLASSES = {
    "io/netty/channel/unix/Socket",
    "io/netty/channel/epoll/EpollServerSocketChannel",
    "io/netty/channel/uring/IoUringServerSocketChannel",
    "io/netty/incubator/channel/uring/IOUringServerSocketChannel"
  };

  private NettyHooks() {}

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
