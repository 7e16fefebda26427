// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.AgentThread;
import dev.tcpstates.agent.boot.SocketListener;
import dev.tcpstates.agent.cookies.SocketMap;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.SocketImpl;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntToLongFunction;
import jdk.jfr.Event;

/**
 * The opener of each socket, from its opening to its end. Any number of opening threads add
 * sockets; the reader, one thread at a time, looks them up and removes them. Neither ever waits for
 * the other: an application's thread may lose its CPU at any point.
 */
public final class OpenSockets implements SocketListener {
  /** Called with each socket, in the thread that opens it. */
  public interface Observer {
    /**
     * A socket was opened.
     *
     * @param fd its descriptor
     * @return an event to commit with few of the agent's frames on its stack, or {@code null}
     */
    Event opened(long socketId, CallSite site, int fd);
  }

  /** How many failed connects are kept until the reader takes them. */
  private static final int MOST_FAILURES = 10_000;

  private static final VarHandle FD = handle(FileDescriptor.class, "fd", int.class);
  private static final VarHandle SOCKET_FD = handle(SocketImpl.class, "fd", FileDescriptor.class);

  /** The last socket that the reader has not taken over; each has a link to the one before it. */
  private final AtomicReference<OpenSocket> last = new AtomicReference<>();

  /** The reader's. */
  private final SocketMap<OpenSocket> sockets = new SocketMap<>();

  /** Connects that failed in their system call, for the reader. */
  private final Queue<FailedConnect> failed = new ConcurrentLinkedQueue<>();

  private final AtomicInteger failures = new AtomicInteger();

  /** The reader's: the first of those that it is taking over; each has a link to the one after. */
  private OpenSocket next;

  private final AgentSockets agentSockets = new AgentSockets();
  private final CallSites sites;
  private final IntToLongFunction cookies;
  private final Observer observer;

  /** For sockets of threads of which is not known what started them. */
  public OpenSockets(int stackDepth, StackRule rule, IntToLongFunction cookies, Observer observer) {
    this(stackDepth, rule, new ThreadStarts(stackDepth, rule), cookies, observer);
  }

  /**
   * @param stackDepth how many frames of a stack are kept and compared
   * @param rule which of them are shown first
   * @param starts what started the threads
   * @param cookies the cookie of the socket at a descriptor, 0 if there is none
   */
  public OpenSockets(
      int stackDepth,
      StackRule rule,
      ThreadStarts starts,
      IntToLongFunction cookies,
      Observer observer) {
    this.sites = new CallSites(stackDepth, rule, starts);
    this.cookies = cookies;
    this.observer = observer;
  }

  private static VarHandle handle(Class<?> type, String field, Class<?> fieldType) {
    try {
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
          .findVarHandle(type, field, fieldType);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @Override
  public void opened(FileDescriptor descriptor, int kind) {
    Event event = open((int) FD.get(descriptor), kind);
    if (event != null) {
      event.commit();
    }
  }

  @Override
  public void opened(int fd, int kind) {
    Event event = open(fd, kind);
    if (event != null) {
      event.commit();
    }
  }

  @Override
  public void accepted(SocketImpl socket) {
    FileDescriptor descriptor = (FileDescriptor) SOCKET_FD.get(socket);
    Event event = descriptor == null ? null : open((int) FD.get(descriptor), ACCEPT);
    if (event != null) {
      event.commit();
    }
  }

  @Override
  public void connectFailed(
      FileDescriptor descriptor, InetAddress remote, int port, Throwable failure) {
    connectFailed((int) FD.get(descriptor), remote, port, 0, failure.getMessage());
  }

  @Override
  public void connectFailed(int fd, InetAddress remote, int port, int errno) {
    connectFailed(fd, remote, port, errno, null);
  }

  private void connectFailed(int fd, InetAddress remote, int port, int errno, String message) {
    long cookie = cookies.applyAsLong(fd);
    if (cookie != 0 && failures.incrementAndGet() <= MOST_FAILURES) {
      failed.add(FailedConnect.of(cookie, remote, port, errno, message, System.nanoTime()));
    }
  }

  /** Returns the connects that have failed in their system call since the last call. */
  public List<FailedConnect> failedConnects() {
    List<FailedConnect> list = new ArrayList<>();
    for (FailedConnect next = failed.poll(); next != null; next = failed.poll()) {
      list.add(next);
    }
    failures.set(0);
    return list;
  }

  /** Whether a socket was opened and the kernel has reported nothing of it. */
  public boolean isUnused(long socketId) {
    OpenSocket socket = find(socketId);
    return socket == null || !socket.isReported();
  }

  private Event open(int fd, int kind) {
    long cookie = cookies.applyAsLong(fd);
    if (cookie == 0) {
      return null; // closed already, by another thread
    }
    if (AgentThread.opensOwnSockets()) {
      agentSockets.add(cookie);
      return null;
    }
    CallSite site = sites.here(kind);
    Thread thread = Thread.currentThread();
    OpenSocket socket =
        new OpenSocket(
            cookie, site, Threads.name(thread), Threads.id(thread), System.nanoTime(), fd);
    // Last, for what is counted as open must come to an end.
    site.socketOpened();
    OpenSocket before;
    do {
      before = last.get();
      socket.before(before);
    } while (!last.compareAndSet(before, socket));
    return observer.opened(cookie, site, fd);
  }

  /**
   * Adds an owned socket that no hook reported: it is older than the agent, or another process
   * passed it on. Does nothing for a known one.
   *
   * @param used whether the kernel will report its end
   */
  public void adopted(long socketId, int fd, boolean used) {
    if (isKnown(socketId)) {
      return;
    }
    CallSite site = sites.beforeTheAgent();
    OpenSocket socket = new OpenSocket(socketId, site, null, 0, System.nanoTime(), fd);
    if (used) {
      socket.markReported();
    }
    sockets.put(socket);
    site.socketOpened();
  }

  /** Takes over the sockets that were opened up to now. */
  public void update() {
    takeOver();
    if (last.get() != null) {
      next = inOrder(last.getAndSet(null));
      takeOver();
    }
  }

  /** Where the map has no memory for one, the rest waits for the next update. */
  private void takeOver() {
    while (next != null) {
      OpenSocket socket = next;
      OpenSocket same = sockets.put(socket);
      next = socket.before();
      socket.before(null);
      if (same != null) {
        same.site().socketEnded();
      }
    }
  }

  /** Turns the chain round: from the first to the last. */
  private static OpenSocket inOrder(OpenSocket last) {
    OpenSocket first = null;
    for (OpenSocket socket = last; socket != null; ) {
      OpenSocket before = socket.before();
      socket.before(first);
      first = socket;
      socket = before;
    }
    return first;
  }

  private OpenSocket find(long socketId) {
    OpenSocket known = sockets.get(socketId);
    if (known == null) {
      update();
      known = sockets.get(socketId);
    }
    return known;
  }

  /** Returns a socket that the kernel reports, or {@code null} if no opener is known. */
  public OpenSocket findReported(long socketId) {
    OpenSocket socket = find(socketId);
    if (socket != null) {
      socket.markReported();
    }
    return socket;
  }

  /** Whether a socket was opened and its end has not been reported. */
  public boolean isKnown(long socketId) {
    return find(socketId) != null;
  }

  /**
   * When Java code opened a socket, in ns of {@code System.nanoTime()}.
   *
   * @return 0 if no hook has reported it, or its end is known
   */
  public long openedAt(long socketId) {
    OpenSocket socket = find(socketId);
    return socket == null || socket.isAdopted() ? 0 : socket.openedAt();
  }

  /**
   * The listener of a socket is known that {@code accept} returned to a library. From now on, the
   * socket's place in the code names it.
   *
   * @param listener {@code null} if it is unknown
   */
  public void acceptedAt(OpenSocket socket, int port, OpenSocket listener) {
    if (sockets.get(socket.socketId()) == socket) {
      CallSite before = socket.site();
      socket.site(sites.acceptedAt(before, port, listener == null ? null : listener.site()));
      socket.site().socketOpened();
      before.socketMoved();
    }
  }

  /** A socket reached CLOSE. Returns who opened it, or {@code null}. */
  public OpenSocket ended(long socketId) {
    OpenSocket socket = find(socketId);
    if (socket != null) {
      sockets.remove(socketId);
      socket.site().socketEnded();
    }
    return socket;
  }

  /**
   * Returns the sockets whose descriptor is closed, or reused: they were closed before use, ended
   * before {@code accept} returned them, or still linger in the kernel.
   *
   * @param all whether to check sockets that the kernel has reported, too; after a loss of records
   */
  public Set<Long> withoutDescriptor(boolean all) {
    update();
    Set<Long> without = new HashSet<>();
    sockets.forEach(
        socket -> {
          long socketId = socket.socketId();
          if ((all || !socket.isReported()) && cookies.applyAsLong(socket.fd()) != socketId) {
            without.add(socketId);
          }
        });
    return without;
  }

  /** Sockets that have been opened and have not ended, as the reader knows. On any thread. */
  public int size() {
    return sockets.size();
  }

  /** The sockets of the agent itself, which are not among those of this class. */
  public AgentSockets agentSockets() {
    return agentSockets;
  }

  /** The places in the code that opened them, and those that opened others before. */
  public CallSites sites() {
    return sites;
  }
}
