// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.io.FileDescriptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
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
  private static volatile SocketListener listener;

  /**
   * How long threads that open sockets wait for the agent in all: the start takes a tenth of that
   * on an idle machine.
   */
  private static final long LONGEST_HOLD_NANOS = 5_000_000_000L;

  /** Linux's number on all architectures that the agent runs on. */
  private static final int EINPROGRESS = 115;

  private static final AtomicInteger MISSED = new AtomicInteger();
  private static volatile StartGate starting;
  private static Class<?> relay;

  private SocketHooks() {}

  /** Sets the class that calls this one for those that can't see it. */
  public static void relay(Class<?> caller) {
    relay = caller;
  }

  /** Whether a class is one of those that woven methods call. */
  public static boolean isCalledByWovenMethods(Class<?> type) {
    return type == SocketHooks.class
        || type == ThreadHooks.class
        || type == TaskHooks.class
        || type == relay && type != null;
  }

  /** Sets the listener that the hooks call; {@code null} for none. */
  public static void listener(SocketListener newListener) {
    listener = newListener;
  }

  /**
   * The agent is starting: until {@link #release}, but for 5 s at most from now, a thread that
   * opens a TCP socket waits. The agent's own threads never do: they may run another agent's
   * transformer.
   */
  public static void hold() {
    starting = StartGate.close(LONGEST_HOLD_NANOS);
  }

  /** The agent has started, or never will. */
  public static void release() {
    StartGate gate = starting;
    starting = null;
    gate.open();
  }

  /**
   * How many sockets were opened before the agent was ready, by threads that had waited for as long
   * as they may. Counts from 0 again then.
   */
  public static int takeMissedSockets() {
    return MISSED.getAndSet(0);
  }

  private static SocketListener listener() {
    SocketListener current = listener;
    return current == null && starting != null ? afterStart() : current;
  }

  private static SocketListener afterStart() {
    StartGate gate = starting;
    if (gate != null && !(Thread.currentThread() instanceof AgentThread)) {
      gate.pass();
    }
    SocketListener current = listener;
    if (current == null && starting != null) {
      MISSED.incrementAndGet();
    }
    return current;
  }

  /** How many errors of the agent were kept from the application. */
  public static int suppressedErrors() {
    return SUPPRESSED.get();
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

  /**
   * Netty's native {@code connect} returned.
   *
   * @param result negative: the error's number
   */
  public static void nettyConnect(int result, int fd, SocketAddress remote) {
    SocketListener current = listener;
    if (current != null && result < 0 && result != -EINPROGRESS) {
      try {
        if (remote instanceof InetSocketAddress to) {
          current.connectFailed(fd, to.getAddress(), to.getPort(), -result);
        }
      } catch (Throwable t) {
        suppressed();
      }
    }
  }

  /** {@code sun.nio.ch.Net.connect} threw. */
  public static void connectFailed(
      Throwable failure, FileDescriptor fd, InetAddress remote, int port) {
    SocketListener current = listener;
    if (current != null) {
      try {
        current.connectFailed(fd, remote, port, failure);
      } catch (Throwable t) {
        suppressed();
      }
    }
  }

  /** {@code sun.nio.ch.NioSocketImpl.accept} returned. */
  public static void accepted(SocketImpl socket) {
    try {
      SocketListener current = listener();
      if (current != null) {
        current.accepted(socket);
      }
    } catch (Throwable t) {
      suppressed();
    }
  }

  private static void opened(FileDescriptor fd, int kind) {
    try {
      SocketListener current = listener();
      if (current != null) {
        current.opened(fd, kind);
      }
    } catch (Throwable t) {
      suppressed();
    }
  }

  private static void opened(int fd, int kind) {
    try {
      SocketListener current = listener();
      if (current != null) {
        current.opened(fd, kind);
      }
    } catch (Throwable t) {
      suppressed();
    }
  }

  /** Counts an error that must not reach the application. */
  public static void suppressed() {
    SUPPRESSED.getAndIncrement();
  }
}
