// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.SocketListener;
import dev.tcpstates.agent.cookies.SocketMap;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketImpl;
import java.util.HashSet;
import java.util.Set;
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

  private static final VarHandle FD = handle(FileDescriptor.class, "fd", int.class);
  private static final VarHandle SOCKET_FD = handle(SocketImpl.class, "fd", FileDescriptor.class);

  /** The last socket that the reader has not taken over; each has a link to the one before it. */
  private final AtomicReference<OpenSocket> last = new AtomicReference<>();

  /** The reader's. */
  private final SocketMap<OpenSocket> sockets = new SocketMap<>();

  private final CallSites sites;
  private final IntToLongFunction cookies;
  private final Observer observer;

  /**
   * @param stackDepth how many frames of a stack are kept and compared
   * @param rule which of them are shown first
   * @param cookies the cookie of the socket at a descriptor, 0 if there is none
   */
  public OpenSockets(int stackDepth, StackRule rule, IntToLongFunction cookies, Observer observer) {
    this.sites = new CallSites(stackDepth, rule);
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

  private Event open(int fd, int kind) {
    long cookie = cookies.applyAsLong(fd);
    if (cookie == 0) {
      return null; // closed already, by another thread
    }
    CallSite site = sites.here(kind);
    Thread thread = Thread.currentThread();
    String name = thread.getName();
    long id = thread.getId();
    site.socketOpened();
    OpenSocket socket =
        new OpenSocket(
            cookie, site, name.isEmpty() ? "virtual-" + id : name, id, System.nanoTime(), fd);
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
    site.socketOpened();
    sockets.put(socket);
  }

  /** Takes over the sockets that were opened up to now. */
  public void update() {
    if (last.get() == null) {
      return;
    }
    for (OpenSocket socket = inOrder(last.getAndSet(null)); socket != null; ) {
      OpenSocket next = socket.before();
      socket.before(null);
      OpenSocket same = sockets.put(socket);
      if (same != null) {
        same.site().socketEnded();
      }
      socket = next;
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

  /** The places in the code that opened them, and those that opened others before. */
  public CallSites sites() {
    return sites;
  }
}
