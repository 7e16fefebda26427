// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.sampled;

import dev.tcpstates.agent.cookies.CookieList;
import dev.tcpstates.agent.cookies.SocketMap;
import dev.tcpstates.agent.kernel.diag.Descriptors;
import dev.tcpstates.agent.kernel.diag.DiagException;
import dev.tcpstates.agent.kernel.diag.DiagSocket;
import dev.tcpstates.agent.kernel.diag.SockDiag;
import dev.tcpstates.jfr.TcpState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/**
 * Finds this JVM's sockets in the kernel's tables, sample after sample, without any privilege. Not
 * thread-safe.
 *
 * <p>The tables don't name the process. A socket is this JVM's if
 *
 * <ul>
 *   <li>a hook has reported its cookie, or
 *   <li>a descriptor of this process refers to it, or
 *   <li>no descriptor refers to it, it is open, and all listeners that it can belong to are this
 *       JVM's: it waits for accept, or is half open, or
 *   <li>an earlier sample has found it to be this JVM's.
 * </ul>
 */
public final class SocketSampler implements AutoCloseable {
  /** Takes this JVM's sockets that have ended since the sample before. */
  public interface Ends {
    /**
     * A socket that the sample before saw and the last one did not.
     *
     * @param time when it was missing, in ns of {@code System.nanoTime()}; it ended at most {@link
     *     SampledSocket#uncertainty} earlier
     */
    void ended(SampledSocket socket, long time);
  }

  /** Takes what the kernel keeps of closed sockets, of this JVM or of others. */
  public interface TimeWaits {
    /**
     * Something is left of a closed socket.
     *
     * @param state the kernel's number of FIN_WAIT2 or TIME_WAIT
     */
    void timeWait(long socketId, int state);
  }

  /** Takes this process's descriptors of TCP sockets. */
  public interface Descriptor {
    /**
     * A descriptor.
     *
     * @param socket {@code null} if it is not connected and not listening
     */
    void socket(int fd, long socketId, SampledSocket socket);
  }

  /** A listener of any process. */
  private record Listener(long cookie, long high, long low, int port) {}

  private static final int LISTENERS = bit(TcpState.LISTEN);
  private static final int TIME_WAIT = bit(TcpState.TIME_WAIT);

  /** All states in which the kernel has a socket in its tables, but for listeners and TIME_WAIT. */
  private static final int OTHERS =
      bit(TcpState.ESTABLISHED)
          | bit(TcpState.SYN_SENT)
          | bit(TcpState.SYN_RECV)
          | bit(TcpState.FIN_WAIT1)
          | bit(TcpState.FIN_WAIT2)
          | bit(TcpState.CLOSE_WAIT)
          | bit(TcpState.LAST_ACK)
          | bit(TcpState.CLOSING);

  private static final int ESTABLISHED = TcpState.ESTABLISHED.kernelValue();
  private static final int CLOSE_WAIT = TcpState.CLOSE_WAIT.kernelValue();
  private static final int LISTEN = TcpState.LISTEN.kernelValue();
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  /** Trying the descriptors may take one part in so many of the time. */
  private static final int DESCRIPTOR_SHARE = 100;

  private static final long IPV4_MAPPED = 0xffffL << Integer.SIZE;

  private final SockDiag diag;
  private final Descriptors descriptors;
  private final int user;
  private final LongUnaryOperator openedAt;
  private final SocketMap<SampledSocket> own = new SocketMap<>();

  /** The cookies of other processes' sockets in the last sample, in ascending order. */
  private long[] foreign = {};

  private final List<Listener> listeners = new ArrayList<>();
  private final List<SampledSocket> candidates = new ArrayList<>();
  private final List<SampledSocket> waiting = new ArrayList<>();
  private final CookieList stillForeign = new CookieList();
  private final CookieList descriptorCookies = new CookieList();
  private int[] descriptorNumbers = {};
  private long descriptorsNotBefore = System.nanoTime();
  private boolean allUsers;
  private int sample;
  private long begun;

  /** The begin of the last sample that was completed; 0: there is none. */
  private long completed;

  /**
   * @param openedAt when Java code opened the socket with a cookie, in ns of {@code
   *     System.nanoTime()}; 0 if no hook has reported it
   */
  public SocketSampler(SockDiag diag, LongUnaryOperator openedAt) {
    this(diag, new Descriptors(), openedAt);
  }

  SocketSampler(SockDiag diag, Descriptors descriptors, LongUnaryOperator openedAt) {
    this.diag = diag;
    this.descriptors = descriptors;
    this.openedAt = openedAt;
    this.user = descriptors.user();
  }

  private static int bit(TcpState state) {
    return 1 << state.kernelValue();
  }

  /**
   * Takes a sample.
   *
   * @param ends of sockets that were there in the sample before
   * @throws DiagException if the kernel refuses; the sample before is kept then
   */
  public void sample(Ends ends) throws DiagException {
    sample(false, ends, null);
  }

  /**
   * Takes a sample with what is left of closed sockets.
   *
   * @throws DiagException if the kernel refuses; the sample before is kept then
   */
  public void sampleWithTimeWaits(Ends ends, TimeWaits timeWaits) throws DiagException {
    sample(false, ends, timeWaits);
  }

  /**
   * Takes a sample and hands over every descriptor of this process that is a TCP socket.
   *
   * @throws DiagException if the kernel refuses; the sample before is kept then
   */
  public void sampleDescriptors(Ends ends, Descriptor visitor) throws DiagException {
    sample(true, ends, null);
    for (int i = 0; i < descriptorCookies.size(); i++) {
      long cookie = descriptorCookies.get(i);
      int fd = descriptorNumbers[i];
      SampledSocket socket = own.get(cookie);
      if (socket != null || descriptors.isTcp(fd)) {
        visitor.socket(fd, cookie, socket);
      }
    }
  }

  private void sample(boolean tryDescriptors, Ends ends, TimeWaits timeWaits) throws DiagException {
    sample++;
    begun = System.nanoTime();
    allUsers = tryDescriptors;
    listeners.clear();
    candidates.clear();
    waiting.clear();
    stillForeign.clear();
    // Listeners first: whether a socket that waits for accept is own depends on them.
    diag.dump(LISTENERS, SockDiag.MEMORY, this::listener);
    int states = timeWaits == null ? OTHERS : OTHERS | TIME_WAIT;
    diag.dump(states, SockDiag.INFO, seen -> other(seen, timeWaits));
    if (tryDescriptors || !candidates.isEmpty() && begun - descriptorsNotBefore >= 0) {
      tryDescriptors();
      judgeCandidates();
    }
    judgeWaiting();
    foreign = stillForeign.sorted();
    findEnded(ends, System.nanoTime());
    completed = begun;
  }

  private void listener(DiagSocket seen) {
    listeners.add(
        new Listener(seen.cookie(), seen.localAddress(0), seen.localAddress(1), seen.localPort()));
    withDescriptor(seen);
  }

  private void other(DiagSocket seen, TimeWaits timeWaits) {
    if (seen.isTimeWait()) {
      if (timeWaits != null) {
        timeWaits.timeWait(seen.cookie(), seen.state());
      }
    } else if (seen.inode() != 0) {
      withDescriptor(seen);
    } else if (!known(seen)) {
      int state = SampledSocket.state(seen);
      // In any other state it was closed before it was seen, by whomever.
      if (state == ESTABLISHED || state == CLOSE_WAIT || state == NEW_SYN_RECV) {
        waiting.add(new SampledSocket(seen, begun));
      }
    }
  }

  private void withDescriptor(DiagSocket seen) {
    if (known(seen)) {
      return;
    }
    long cookie = seen.cookie();
    if (allUsers) {
      candidates.add(new SampledSocket(seen, begun));
    } else if (Arrays.binarySearch(foreign, cookie) >= 0) {
      stillForeign.add(cookie);
    } else if (seen.user() == user) {
      candidates.add(new SampledSocket(seen, begun));
    }
  }

  /** Takes a socket over that is known to be this JVM's. */
  private boolean known(DiagSocket seen) {
    SampledSocket socket = own.get(seen.cookie());
    if (socket != null) {
      socket.sample = sample;
      socket.update(seen, begun);
      return true;
    }
    long opened = openedAt.applyAsLong(seen.cookie());
    if (opened == 0) {
      return false;
    }
    SampledSocket found = new SampledSocket(seen, begun);
    found.openedAt = opened;
    add(found);
    return true;
  }

  private void add(SampledSocket socket) {
    socket.sample = sample;
    if (!socket.adopted && completed != 0) {
      socket.notBefore(completed);
    }
    if (socket.isConnection() && socket.listenerId == 0) {
      socket.listenerId = ownListener(socket);
    }
    own.put(socket);
  }

  private void tryDescriptors() {
    long start = System.nanoTime();
    descriptorCookies.clear();
    descriptors.forEach(
        (fd, cookie) -> {
          int at = descriptorCookies.size();
          if (at == descriptorNumbers.length) {
            descriptorNumbers = Arrays.copyOf(descriptorNumbers, Math.max(64, at * 2));
          }
          descriptorNumbers[at] = fd;
          descriptorCookies.add(cookie);
        });
    long end = System.nanoTime();
    descriptorsNotBefore = end + (end - start) * DESCRIPTOR_SHARE;
  }

  private void judgeCandidates() {
    long[] ownCookies = descriptorCookies.sorted();
    for (SampledSocket candidate : candidates) {
      if (Arrays.binarySearch(ownCookies, candidate.socketId()) >= 0) {
        candidate.adopted = true;
        add(candidate);
      } else {
        stillForeign.add(candidate.socketId());
      }
    }
  }

  private void judgeWaiting() {
    for (SampledSocket socket : waiting) {
      long listener = ownListener(socket);
      if (listener != 0 && own.get(socket.socketId()) == null) {
        socket.listenerId = listener;
        add(socket);
      }
    }
  }

  /**
   * The listener that a socket can have come from, if all such are this JVM's; else 0. Of several
   * the one with the socket's own address, and then the oldest.
   */
  private long ownListener(SampledSocket socket) {
    long best = 0;
    boolean bestExact = false;
    for (Listener listener : listeners) {
      if (listener.port() != socket.localPort()) {
        continue;
      }
      boolean exact =
          listener.high() == socket.localAddress(0) && listener.low() == socket.localAddress(1);
      if (!exact && !isAny(listener, socket)) {
        continue;
      }
      if (own.get(listener.cookie()) == null) {
        return 0;
      }
      if (best == 0 || exact && !bestExact || exact == bestExact && listener.cookie() < best) {
        best = listener.cookie();
        bestExact = exact;
      }
    }
    return best;
  }

  /** Whether a listener takes connections to any address, that of the socket included. */
  private static boolean isAny(Listener listener, SampledSocket socket) {
    if (listener.high() != 0) {
      return false;
    }
    boolean ipv4 = socket.localAddress(0) == 0 && socket.localAddress(1) >>> Integer.SIZE == 0xffff;
    return listener.low() == 0 || listener.low() == IPV4_MAPPED && ipv4;
  }

  private void findEnded(Ends ends, long time) {
    List<SampledSocket> missing = new ArrayList<>();
    own.forEach(
        socket -> {
          if (socket.sample != sample) {
            missing.add(socket);
          }
        });
    for (SampledSocket socket : missing) {
      if (!isThere(socket)) {
        own.remove(socket.socketId());
        socket.ended(time);
        if (socket.state() != NEW_SYN_RECV) {
          ends.ended(socket, time);
        }
      }
    }
  }

  /**
   * Whether a socket is there though the sample hasn't shown it: the kernel can pass over a socket
   * while others of the same hash bucket come and go.
   */
  private boolean isThere(SampledSocket socket) {
    if (socket.state() == NEW_SYN_RECV) {
      return false;
    }
    if (socket.state() != LISTEN) {
      try {
        DiagSocket found = diag.find(socket.family(), socket.id());
        if (found == null || found.cookie() != socket.socketId()) {
          return false;
        }
        if (found.isTimeWait()) {
          socket.finished();
          return false;
        }
        socket.update(found, begun);
        return true;
      } catch (DiagException e) {
        // The next sample decides.
      }
    }
    // A listener can't be looked up by its cookie alone where several share a port.
    boolean first = !socket.missed;
    socket.missed = true;
    return first;
  }

  /** Goes through this JVM's sockets of the last sample, half-open connections included. */
  public void forEach(Consumer<SampledSocket> action) {
    own.forEach(action);
  }

  /** When the last sample was begun, in ns of {@code System.nanoTime()}. */
  public long time() {
    return completed;
  }

  /** How many sockets of this JVM the last sample showed. */
  public int size() {
    return own.size();
  }

  @Override
  public void close() {
    diag.close();
  }
}
