// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.io.FileDescriptor;
import java.net.ProtocolFamily;
import java.net.SocketImpl;
import java.net.StandardProtocolFamily;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

  /** Longer than any start takes: who waits for longer waits for nothing. */
  private static final int LONGEST_HOLD_SECONDS = 10;

  private static volatile CountDownLatch starting;

  private SocketHooks() {}

  /** Sets the listener that the hooks call; {@code null} for none. */
  public static void listener(SocketListener newListener) {
    listener = newListener;
  }

  /**
   * The agent is starting: from now on, a thread that opens a TCP socket waits until {@link
   * #release}, though not for ever.
   */
  public static void hold() {
    starting = new CountDownLatch(1);
  }

  /** The agent has started, or never will. */
  public static void release() {
    CountDownLatch held = starting;
    starting = null;
    held.countDown();
  }

  private static SocketListener afterStart() {
    CountDownLatch held = starting;
    if (held != null) {
      boolean interrupted = false;
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_HOLD_SECONDS);
      while (true) {
        try {
          held.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return listener;
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
    SocketListener current = listener;
    if (current != null || (current = afterStart()) != null) {
      try {
        current.accepted(socket);
      } catch (Throwable t) {
        suppressed(t);
      }
    }
  }

  private static void opened(FileDescriptor fd, int kind) {
    SocketListener current = listener;
    if (current != null || (current = afterStart()) != null) {
      try {
        current.opened(fd, kind);
      } catch (Throwable t) {
        suppressed(t);
      }
    }
  }

  private static void opened(int fd, int kind) {
    SocketListener current = listener;
    if (current != null || (current = afterStart()) != null) {
      try {
        current.opened(fd, kind);
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
