// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.io.FileDescriptor;
import java.net.SocketImpl;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the woven JDK methods call: one static call each. Lives in the boot loader, where the JDK's
 * classes can see it. Nothing that goes wrong behind it reaches the application; it is counted.
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

  /** A channel was made around an accepted socket. */
  public static void accepted(FileDescriptor fd) {
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

  /** Counts an error that must not reach the application. */
  public static void suppressed(Throwable t) {
    if (SUPPRESSED.getAndIncrement() == 0) {
      firstSuppressed = t;
    }
  }
}
