// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.io.FileDescriptor;
import java.net.ProtocolFamily;
import java.net.SocketImpl;
import java.net.StandardProtocolFamily;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the woven methods call: one static call each. Lives in the boot loader, where the JDK's
 * classes can see it, and in practice all others. Nothing that goes wrong behind it reaches the
 * application; it is counted.
 */
public final class SocketHooks {
  private static final AtomicInteger SUPPRESSED = new AtomicInteger();
  private static volatile Throwable firstSuppressed;
  private static volatile SocketListener listener;

  private SocketHooks() {}

  /** Sets who is told; {@code null} for nobody. */
  public static void listener(SocketListener newListener) {
    listener = newListener;
  }

  /** How many errors of the agent were kept from the application. */
  public static int suppressedErrors() {
    return SUPPRESSED.get();
  }

  /** The first of them, or {@code null}. */
  public static Throwable firstSuppressedError() {
    return firstSuppressed;
  }

  /** {@code sun.nio.ch.Net.socket} returned. */
  public static void connecting(FileDescriptor fd, boolean stream) {
    if (stream) {
      opened(fd, SocketListener.CONNECT);
    }
  }

  /** {@code sun.nio.ch.Net.serverSocket} returned. */
  public static void listening(FileDescriptor fd) {
    opened(fd, SocketListener.LISTEN);
  }

  /** A channel was made around a listening socket that the JVM was started with. */
  public static void inheritedListener(ProtocolFamily family, FileDescriptor fd) {
    if (family != StandardProtocolFamily.UNIX) {
      opened(fd, SocketListener.LISTEN);
    }
  }

  /** A channel was made around an accepted socket, or one that the JVM was started with. */
  public static void accepted(ProtocolFamily family, FileDescriptor fd) {
    if (family != StandardProtocolFamily.UNIX) {
      opened(fd, SocketListener.ACCEPT);
    }
  }

  /** A channel was made around an accepted socket. */
  public static void accepted(FileDescriptor fd) {
    opened(fd, SocketListener.ACCEPT);
  }

  /** Netty's {@code Socket.newSocketStream0} returned. */
  public static void nettySocket(int fd) {
    opened(fd, SocketListener.CONNECT_OR_LISTEN);
  }

  /** One of Netty's native server channels is about to make a channel for an accepted socket. */
  public static void nettyAccepted(int fd) {
    opened(fd, SocketListener.ACCEPT);
  }

  /** {@code sun.nio.ch.NioSocketImpl.accept} returned. */
  public static void accepted(SocketImpl socket) {
    SocketListener told = listener;
    if (told != null) {
      try {
        told.accepted(socket);
      } catch (Throwable t) {
        suppressed(t);
      }
    }
  }

  private static void opened(FileDescriptor fd, int kind) {
    SocketListener told = listener;
    if (told != null) {
      try {
        told.opened(fd, kind);
      } catch (Throwable t) {
        suppressed(t);
      }
    }
  }

  private static void opened(int fd, int kind) {
    SocketListener told = listener;
    if (told != null) {
      try {
        told.opened(fd, kind);
      } catch (Throwable t) {
        suppressed(t);
      }
    }
  }

  /** Counts an error that must not reach the application. */
  public static void suppressed(Throwable t) {
    if (SUPPRESSED.getAndIncrement() == 0) {
      firstSuppressed = t;
    }
  }
}
