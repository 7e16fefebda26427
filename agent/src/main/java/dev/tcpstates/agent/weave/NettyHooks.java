// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.util.List;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

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
  private static final ElementMatcher<MethodDescription> NEW_CHILD =
      named("newChildChannel").and(takesArgument(0, int.class)).and(not(isAbstract()));

  static final List<Hook> ALL =
      List.of(
          new Hook(
              "io.netty.channel.unix.Socket",
              "newSocketStream0",
              named("newSocketStream0")
                  .and(takesArguments(boolean.class).or(takesArguments(0)))
                  .and(NettyHooks::isInnermost),
              SocketAdvice.NettySocket.class),
          new Hook(
              "io.netty.channel.epoll.EpollServerSocketChannel",
              "newChildChannel",
              NEW_CHILD,
              SocketAdvice.NettyAccepted.class),
          new Hook(
              "io.netty.channel.uring.IoUringServerSocketChannel",
              "newChildChannel",
              NEW_CHILD,
              SocketAdvice.NettyAccepted.class),
          new Hook(
              "io.netty.incubator.channel.uring.IOUringServerSocketChannel",
              "newChildChannel",
              NEW_CHILD,
              SocketAdvice.NettyAccepted.class));

  private static final String[] INTERNAL_NAMES =
      ALL.stream().map(hook -> hook.type().replace('.', '/')).toArray(String[]::new);

  private NettyHooks() {}

  /** The others call the one with an argument, where there is one: since Netty 4.1.33. */
  private static boolean isInnermost(MethodDescription method) {
    return !method.getParameters().isEmpty()
        || method
            .getDeclaringType()
            .getDeclaredMethods()
            .filter(named(method.getName()).and(takesArguments(boolean.class)))
            .isEmpty();
  }

  /**
   * The hook in a class, {@code null} for nearly all classes. Called for each class that the JVM
   * loads, so it costs a few comparisons only.
   *
   * @param internalName as the JVM writes it, with slashes; may be {@code null}
   */
  static Hook in(String internalName) {
    if (internalName != null) {
      for (int i = 0; i < INTERNAL_NAMES.length; i++) {
        if (isSame(internalName, INTERNAL_NAMES[i])) {
          return ALL.get(i);
        }
      }
    }
    return null;
  }

  private static boolean isSame(String name, String original) {
    int prefix = name.length() - original.length();
    return prefix >= 0
        && name.startsWith(original, prefix)
        && (prefix == 0 || name.charAt(prefix - 1) == '/');
  }
}
