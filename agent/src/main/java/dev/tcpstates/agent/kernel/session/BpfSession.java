// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.facts.Condition;
import dev.tcpstates.agent.kernel.facts.KernelFacts;
import dev.tcpstates.agent.kernel.facts.Refusal;
import dev.tcpstates.agent.kernel.facts.Room;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Wakeups;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.node.Registration.Metrics;
import dev.tcpstates.agent.kernel.session.ProgramLoader.Programs;
import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.RingBuffer;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The kernel side, from open to close: open, configure, load, map, attach; then the records and
 * counters. Only the core must work; what else the kernel refuses is named by {@link #missing}.
 */
public final class BpfSession implements SocketSource {
  /** The size of the ring buffer unless an option sets it, in bytes. */
  public static final int DEFAULT_RING_SIZE = 4 << 20;

  private final KernelSide side;
  private final int ringSize;
  private final int pid;
  private final ControlMap control;
  private final Counters counters;
  private final RingBuffer ring;
  private final Wakeups wakeups;
  private final OwnedSockets ownedSockets;
  private final FilterTable filters;
  private Losses lossesAtClose;
  private volatile boolean closed;

  BpfSession(KernelSide side) {
    SharedMemory shared = side.shared();
    this.side = side;
    this.ringSize = shared.ringSize();
    this.pid = shared.pid();
    this.control = shared.control();
    this.counters = shared.counters();
    this.ring = shared.ring();
    this.wakeups = shared.wakeups();
    this.ownedSockets = shared.ownedSockets();
    this.filters = shared.filters();
  }

  /**
   * Loads and attaches the programs, for the sockets of this process.
   *
   * @param ringSize bytes of the ring buffer, a power of two, at least a page
   * @throws BpfException if this machine, kernel or user can't; says what to do about it
   */
  public static BpfSession open(int ringSize) throws BpfException {
    String system = System.getProperty("os.name");
    if (!system.equals("Linux")) {
      throw new BpfException(
          "this is " + system + ", and BPF is Linux's; leave the agent out here");
    }
    return open(LibBpfLoader.libBpf(), ringSize, ProgramLoader.image());
  }

  static BpfSession open(LibBpf lib, int ringSize, ByteBuffer image) throws BpfException {
    int size = Math.max(ringSize, lib.pageSize());
    Room room = Room.ofThisJvm();
    require(KernelFacts.read().btf());
    require(room.descriptors());
    require(room.memory(size));
    try {
      Kernel kernel = Kernel.running(lib);
      ProgramLoader loader = ProgramLoader.own(lib, image, size, kernel.extras());
      Programs programs = loader.load();
      return new BpfSession(new OwnPrograms(lib, programs, kernel, size, loader.refused()));
    } catch (CallFailed e) {
      throw new BpfException(Refusal.now().explain(e));
    } catch (IOException e) {
      throw new BpfException("the agent's namespaces can't be read (" + e + "); mount /proc");
    }
  }

  /**
   * Has the node program register this JVM, and shares its ring. Needs no privilege, no libbpf and
   * no BTF.
   *
   * @param socket the node program's unix socket
   * @param ringSize bytes of the ring buffer, a power of two, at least a page
   * @param metrics what the node program may ask for
   * @throws BpfException if there is no node program, or it refuses; says what to do about it
   */
  public static BpfSession join(Path socket, int ringSize, Metrics metrics) throws BpfException {
    LibBpf lib = LibBpfLoader.withoutLibBpf();
    require(Room.ofThisJvm().descriptors());
    return new BpfSession(NodeSide.join(lib, socket, Math.max(ringSize, lib.pageSize()), metrics));
  }

  private static void require(Condition condition) throws BpfException {
    if (condition.effect() == Condition.Effect.CERTAIN) {
      throw new BpfException(condition.found() + "; " + condition.remedy());
    }
  }

  @Override
  public synchronized void recording(Set<RecordType> wanted) {
    if (!closed) {
      control.record(wanted);
    }
  }

  @Override
  public synchronized void filter(Map<RecordType, SocketFilter> wanted) {
    if (!closed) {
      filters.set(wanted);
    }
  }

  @Override
  public void await(int millis) {
    wakeups.await(millis);
  }

  @Override
  public synchronized void wake() {
    if (!closed) {
      wakeups.wake();
    }
  }

  @Override
  public synchronized void ending() {
    if (!closed) {
      ownedSockets.ending();
      wakeups.wake();
    }
  }

  @Override
  public synchronized void drain(RecordSink handler) {
    if (!closed) {
      if (side.isAdoptionDue()) {
        adoptAll();
      }
      ring.drain(handler);
    }
  }

  @Override
  public synchronized void openSockets(Consumer<SnapshotView> handler) throws BpfException {
    if (!closed) {
      asked(
          () -> {
            ownedSockets.forEachOpen(handler);
            return null;
          });
    }
  }

  @Override
  public synchronized SocketSnapshot ownSockets() throws BpfException {
    return closed ? null : asked(ownedSockets::snapshot);
  }

  @Override
  public synchronized SocketSnapshot table() throws BpfException {
    return closed ? null : asked(ownedSockets::withTimeWait);
  }

  private interface Question<T> {
    T ask() throws CallFailed;
  }

  private static <T> T asked(Question<T> question) throws BpfException {
    try {
      return question.ask();
    } catch (CallFailed e) {
      throw new BpfException(e.brief());
    }
  }

  @Override
  public boolean adopt(int fd, long socketId) {
    return !closed && side.adopt(fd, socketId);
  }

  private void adoptAll() {
    try {
      ownedSockets.forEachOpen(socket -> {});
    } catch (CallFailed e) {
      // Named by missing(), as each failure of a listing is.
    }
  }

  @Override
  public synchronized boolean reconcile() throws BpfException {
    return !closed && asked(ownedSockets::reconcile);
  }

  @Override
  public synchronized boolean forEachSocket(LongConsumer handler, boolean thorough)
      throws BpfException {
    return !closed && asked(() -> ownedSockets.forEachId(handler, thorough));
  }

  @Override
  public synchronized long recordsRead() {
    return ring.read();
  }

  @Override
  public synchronized long bytesRead() {
    return closed ? 0 : ring.bytesRead();
  }

  @Override
  public synchronized long ringFill() {
    return closed ? 0 : ring.waiting();
  }

  @Override
  public synchronized long highestRingFill() {
    return closed ? 0 : ring.mostWaiting();
  }

  /** This JVM's sockets in a state now, by the kernel's number; those in CLOSE are not counted. */
  public synchronized long sockets(int state) {
    return closed ? 0 : counters.get(CpuCounters.SOCKETS + state * Long.BYTES);
  }

  /** Transitions of this JVM's sockets since the start, recorded or not. */
  public synchronized long transitions() {
    return closed ? 0 : counters.get(CpuCounters.TRANSITIONS);
  }

  @Override
  public synchronized Losses losses() {
    return closed
        ? lossesAtClose
        : new Losses(
            counters.get(CpuCounters.RECORDS_LOST),
            counters.get(CpuCounters.SKIPPED) + ownedSockets.skippedTransitions(),
            counters.get(CpuCounters.NO_MEMORY),
            ring.unreadable(),
            counters.get(CpuCounters.CONNECTIONS_LOST),
            counters.get(CpuCounters.RETRANSMITS_LOST),
            counters.get(CpuCounters.RESETS_LOST),
            counters.get(CpuCounters.ENDS_LOST),
            ownedSockets.skippedConnections(),
            counters.get(CpuCounters.RETRANSMITS_SKIPPED));
  }

  @Override
  public String missing() {
    List<String> gaps = gaps();
    return gaps.isEmpty() ? null : String.join("; ", gaps);
  }

  /** What can't be recorded and why, one by one. */
  public synchronized List<String> gaps() {
    Map<Extra, String> failed = new EnumMap<>(Extra.class);
    failed.putAll(side.refused());
    failed.putAll(ownedSockets.failures());
    List<String> gaps = new ArrayList<>(side.lacks());
    failed.forEach((extra, why) -> gaps.add(extra.missing(why)));
    return gaps;
  }

  @Override
  public String libbpfVersion() {
    return side.libbpfVersion();
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public int ringSize() {
    return ringSize;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      lossesAtClose = losses();
      closed = true;
      side.close();
    }
  }
}
