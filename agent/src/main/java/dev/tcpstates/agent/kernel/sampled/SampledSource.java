// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.sampled;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.diag.DiagException;
import dev.tcpstates.agent.kernel.diag.SockDiag;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.libbpf.KernelThreads;
import dev.tcpstates.agent.kernel.libbpf.NativeLibC;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketList;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.jfr.TcpState;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;

/**
 * Polls the kernel's tables of sockets, where it can't be had to report each transition. It needs
 * no privilege. Of a connection that lives from one poll to the next, nothing is seen here; and
 * there are no transitions, retransmits and resets.
 */
public final class SampledSource implements SocketSource {
  private static final Logger LOG = Loggers.of(SampledSource.class);

  /** Flight Recorder asks for one event after the other: one sample will do. */
  private static final long SHARED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Polling may take one part in so many of a CPU's time; with very many sockets it is rarer. */
  private static final long CPU_SHARE = 50;

  /** The hooks' reports are taken over between two waits, so these must not be too long. */
  private static final long LONGEST_WAIT_MILLIS = 1_000;

  private static final int LISTEN = TcpState.LISTEN.kernelValue();

  /** A socket that was missing in a sample. */
  private record Ended(SampledSocket socket, long time) {}

  private interface Sampling {
    void run() throws DiagException;
  }

  private final SocketSampler sampler;
  private final LongSupplier cpuTime;
  private final long shortestPollNanos;
  private final int pid;
  private final Semaphore wakeups = new Semaphore(0);
  private final SampledRecords records = new SampledRecords();
  private final Queue<Ended> ended = new ArrayDeque<>();
  private volatile LongUnaryOperator openedAt = socketId -> 0;
  private volatile boolean polling;
  private volatile long polledAt;
  private volatile long pollNanos;

  /** What the last sample took of the CPU, in ns. */
  private long lastCost;

  /** When the last sample was completed; long ago if there is none. */
  private long completedAt = System.nanoTime() - 2 * SHARED_NANOS;

  private Set<RecordType> wanted = EnumSet.noneOf(RecordType.class);
  private Map<RecordType, SocketFilter> filters = Map.of();
  private long connections;
  private boolean failed;
  private boolean closed;

  /**
   * @param cpuTime what the calling thread has used of the CPU, in ns
   */
  SampledSource(SockDiag diag, long pollNanos, int pid, LongSupplier cpuTime) {
    this.sampler = new SocketSampler(diag, socketId -> openedAt.applyAsLong(socketId));
    this.shortestPollNanos = pollNanos;
    this.pollNanos = pollNanos;
    this.pid = pid;
    this.cpuTime = cpuTime;
    this.polledAt = System.nanoTime() - pollNanos;
  }

  /**
   * Opens the kernel's socket diagnostics.
   *
   * @param pollNanos time from one poll to the next while something is recorded, in ns; longer if a
   *     poll takes long
   * @throws BpfException on another system than Linux, or if no native library can be loaded
   * @throws DiagException if the kernel refuses; {@link SockDiag#explain} says what to do about it
   */
  public static SampledSource open(long pollNanos) throws BpfException, DiagException {
    if (!System.getProperty("os.name").equals("Linux")) {
      throw new BpfException("sockets can't be polled on another system than Linux");
    }
    JnaLoader.load();
    return new SampledSource(
        SockDiag.open(), pollNanos, NativeLibC.getpid(), KernelThreads::cpuTime);
  }

  @Override
  public long pollNanos() {
    return pollNanos;
  }

  @Override
  public void openers(LongUnaryOperator newOpenedAt) {
    openedAt = newOpenedAt;
  }

  @Override
  public synchronized void recording(Set<RecordType> newWanted) {
    wanted = EnumSet.copyOf(newWanted);
    polling = !wanted.isEmpty();
  }

  @Override
  public synchronized void filter(Map<RecordType, SocketFilter> newFilters) {
    filters = Map.copyOf(newFilters);
  }

  @Override
  public void await(int millis) {
    long wait = millis;
    if (polling) {
      long due = TimeUnit.NANOSECONDS.toMillis(polledAt + pollNanos - System.nanoTime()) + 1;
      wait = Math.max(1, Math.min(LONGEST_WAIT_MILLIS, due));
    }
    try {
      wakeups.tryAcquire(wait, TimeUnit.MILLISECONDS);
      wakeups.drainPermits();
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt the reader; it comes too early once.
    }
  }

  @Override
  public void wake() {
    wakeups.release();
  }

  @Override
  public void ending() {
    wake();
  }

  @Override
  public synchronized void drain(RecordSink handler) {
    if (closed) {
      return;
    }
    if (polling && System.nanoTime() - polledAt >= pollNanos) {
      try {
        sample();
      } catch (BpfException e) {
        if (!failed) {
          failed = true;
          LOG.warn(
              "the sockets can't be polled; what ends meanwhile is seen later: {}", e.getMessage());
        }
      }
    }
    for (Ended end = ended.poll(); end != null; end = ended.poll()) {
      SampledSocket socket = end.socket();
      int uses = socket.isConnection() ? uses(socket) : 0;
      if (uses != 0) {
        connections++;
        ConnectionView view = new ConnectionView(records.connection(socket, end.time(), uses));
        handler.connection(view);
      }
      handler.ended(socket.socketId(), SampledRecords.oldState(socket));
    }
  }

  /** What the end of a connection is wanted for, in bits. */
  private int uses(SampledSocket socket) {
    int bits = 0;
    for (RecordType type : Set.of(RecordType.CONNECTIONS, RecordType.TOTALS)) {
      if (wanted.contains(type) && includes(type, socket)) {
        bits |= type.bit;
      }
    }
    return bits;
  }

  private boolean includes(RecordType type, SampledSocket socket) {
    SocketFilter filter = filters.get(type);
    return filter == null
        || filter.includes(
            socket.localPort(),
            socket.remotePort(),
            socket.localAddress(0),
            socket.localAddress(1),
            socket.remoteAddress(0),
            socket.remoteAddress(1));
  }

  private void sample() throws BpfException {
    sample(() -> sampler.sample(this::ended));
  }

  private void sample(Sampling sampling) throws BpfException {
    long cpuBefore = cpuTime.getAsLong();
    try {
      sampling.run();
      completedAt = System.nanoTime();
      failed = false;
    } catch (DiagException e) {
      throw new BpfException(SockDiag.explain(e));
    } finally {
      long cost = cpuTime.getAsLong() - cpuBefore;
      // Of the last two, for the first one loads and compiles code.
      pollNanos = Math.max(shortestPollNanos, CPU_SHARE * Math.min(cost, lastCost));
      lastCost = cost;
      polledAt = System.nanoTime();
    }
  }

  private void ended(SampledSocket socket, long time) {
    ended.add(new Ended(socket, time));
  }

  private void sampleIfOld() throws BpfException {
    if (System.nanoTime() - completedAt > SHARED_NANOS) {
      sample();
    }
  }

  @Override
  public synchronized void openSockets(Consumer<SnapshotView> handler) throws BpfException {
    if (closed) {
      return;
    }
    sample(
        () ->
            sampler.sampleDescriptors(
                this::ended,
                (fd, socketId, socket) -> {
                  SnapshotView view =
                      new SnapshotView(
                          socket == null
                              ? records.unused(socketId, fd)
                              : records.snapshot(socket, fd, !includes(RecordType.LISTS, socket)));
                  handler.accept(view);
                }));
  }

  @Override
  public synchronized SocketSnapshot ownSockets() throws BpfException {
    if (closed) {
      return null;
    }
    sampleIfOld();
    return snapshot(SocketList.NONE);
  }

  @Override
  public synchronized SocketSnapshot table() throws BpfException {
    if (closed) {
      return null;
    }
    SocketList.Builder timeWaits = new SocketList.Builder();
    sample(
        () ->
            sampler.sampleWithTimeWaits(
                this::ended,
                (socketId, state) -> timeWaits.add(records.timeWait(socketId, state))));
    return snapshot(timeWaits.build());
  }

  private SocketSnapshot snapshot(SocketList timeWaits) {
    SocketList.Builder sockets = new SocketList.Builder();
    sampler.forEach(
        socket -> {
          boolean excluded = !includes(RecordType.LISTS, socket);
          // An excluded listener may have request socks that are included.
          if (!excluded || socket.state() == LISTEN) {
            sockets.add(records.snapshot(socket, SnapshotView.NO_FD, excluded));
          }
        });
    return new SocketSnapshot(sampler.time(), sockets.build(), timeWaits);
  }

  /** The hooks report each accepted socket; no mark is needed. */
  @Override
  public boolean adopt(int fd, long socketId) {
    return false;
  }

  /** Polls now; returns that sockets may have ended that no poll has ever seen. */
  @Override
  public synchronized boolean reconcile() throws BpfException {
    if (!closed) {
      sampleIfOld();
    }
    return !closed;
  }

  @Override
  public synchronized boolean forEachSocket(LongConsumer handler, boolean thorough)
      throws BpfException {
    if (!closed) {
      sample(); // no older one will do: a socket may have been opened and closed after it
      sampler.forEach(socket -> handler.accept(socket.socketId()));
    }
    return true;
  }

  @Override
  public Losses losses() {
    return Losses.NONE;
  }

  @Override
  public String missing() {
    return null; // the mode says so
  }

  @Override
  public synchronized long recordsRead() {
    return connections;
  }

  @Override
  public long bytesRead() {
    return 0;
  }

  @Override
  public long ringFill() {
    return 0;
  }

  @Override
  public long highestRingFill() {
    return 0;
  }

  @Override
  public int ringSize() {
    return 0;
  }

  @Override
  public String libbpfVersion() {
    return null;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public synchronized void close() {
    closed = true;
    sampler.close();
  }
}
