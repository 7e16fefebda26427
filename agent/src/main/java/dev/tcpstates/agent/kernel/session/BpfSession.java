// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.facts.Condition;
import dev.tcpstates.agent.kernel.facts.KernelFacts;
import dev.tcpstates.agent.kernel.facts.Refusal;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Listing;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Wakeups;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.session.ProgramLoader.Programs;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.Control;
import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import dev.tcpstates.agent.kernel.wire.Layout.Mark;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.RingBuffer;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
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
  private static final String OBJECT = "/dev/tcpstates/bpf/tcpstates.bpf.o";
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final Path NETWORK_NAMESPACE = Path.of("/proc/self/ns/net");
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final LibBpf lib;
  private final Programs programs;
  private final String libbpf;
  private final int ringSize;
  private final int pid;
  private final List<ByteBuffer> mapped = new ArrayList<>();
  private final ByteBuffer control;
  private final Counters counters;
  private final RingBuffer ring;
  private final Wakeups wakeups;
  private final int marks;
  private final OwnedSockets ownedSockets;
  private final FilterTable filters;
  private final List<String> lacks;
  private final Map<Extra, String> refused = new EnumMap<>(Extra.class);
  private Losses lossesAtClose;
  private volatile boolean closed;

  /** Configures and attaches what is loaded; on failure, the caller closes what there is. */
  private BpfSession(
      LibBpf lib, Programs programs, Kernel kernel, int ringSize, Map<Extra, CallFailed> refused)
      throws CallFailed, IOException {
    this.lib = lib;
    this.programs = programs;
    this.libbpf = lib.version();
    this.ringSize = ringSize;
    this.lacks = kernel.lacks();
    refused.forEach((extra, why) -> this.refused.put(extra, why.brief()));
    int page = lib.pageSize();
    control = map(programs.mapFd("control"), 0, page, true);
    configure(control, ringSize);
    long counted = (long) lib.possibleCpus() * CpuCounters.BYTES;
    counters = new Counters(map(programs.mapFd("counters"), 0, counted, true));
    filters = new FilterTable(control, map(programs.mapFd("ports"), 0, Layout.Ports.BYTES, true));
    int ringFd = programs.mapFd("records");
    ring =
        new RingBuffer(
            map(ringFd, 0, page, true),
            map(ringFd, page, page + 2L * ringSize, false),
            page,
            ringSize,
            kernel.resetReasons());
    wakeups = lib.wakeups(ringFd);
    marks = programs.mapFd("sockets");
    programs.of(ProgramLoader.CORE).attach(ProgramLoader.CORE);
    for (Extra extra : kernel.extras()) {
      if (extra != Extra.DESCRIPTORS && extra != Extra.TABLE) {
        attach(extra);
      }
    }
    // Not before: until both are there, one alone would miss some of a socket's transitions.
    pid = lib.pid();
    INT.setRelease(control, Control.PID, pid);
    Listing descriptors = iterator(Extra.DESCRIPTORS);
    ownedSockets =
        new OwnedSockets(control, counters, descriptors, iterator(Extra.TABLE), System::nanoTime);
  }

  private void attach(Extra extra) {
    if (!refused.containsKey(extra)) {
      try {
        for (String program : extra.programs) {
          programs.of(program).attach(program);
        }
      } catch (CallFailed e) {
        refused.put(extra, e.brief());
      }
    }
  }

  /** {@code null} if the kernel refuses it. */
  private Listing iterator(Extra extra) {
    if (refused.containsKey(extra)) {
      return null;
    }
    String program = extra.programs.get(0);
    try {
      return extra == Extra.DESCRIPTORS
          ? programs.of(program).attachTaskIterator(program)
          : programs.of(program).attachIterator(program);
    } catch (CallFailed e) {
      refused.put(extra, e.brief());
      return null;
    }
  }

  private ByteBuffer map(int fd, long offset, long length, boolean writable) throws CallFailed {
    ByteBuffer memory = lib.memory(fd, offset, length, writable);
    mapped.add(memory);
    return memory;
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
    return open(LibBpfLoader.libBpf(), ringSize, image());
  }

  static BpfSession open(LibBpf lib, int ringSize, ByteBuffer image) throws BpfException {
    Condition btf = KernelFacts.read().btf();
    if (btf.effect() == Condition.Effect.CERTAIN) {
      throw new BpfException(btf.found() + "; " + btf.remedy());
    }
    Programs programs = null;
    int size = Math.max(ringSize, lib.pageSize());
    try {
      Kernel kernel = Kernel.running(lib);
      ProgramLoader loader = new ProgramLoader(lib, image, size, kernel.extras());
      programs = loader.load();
      return new BpfSession(lib, programs, kernel, size, loader.refused());
    } catch (CallFailed e) {
      closeQuietly(programs);
      throw new BpfException(Refusal.now().explain(e));
    } catch (IOException e) {
      closeQuietly(programs);
      throw new BpfException("the agent's namespaces can't be read (" + e + "); mount /proc");
    }
  }

  private static void closeQuietly(Programs programs) {
    if (programs != null) {
      programs.close();
    }
  }

  private static void configure(ByteBuffer control, int ringSize) throws IOException {
    long dev = (long) Files.getAttribute(PID_NAMESPACE, "unix:dev");
    long ino = (long) Files.getAttribute(PID_NAMESPACE, "unix:ino");
    control.putLong(Control.PIDNS_DEV, kernelDevice(dev));
    control.putLong(Control.PIDNS_INO, ino);
    control.putInt(
        Control.NETNS_INO, (int) (long) Files.getAttribute(NETWORK_NAMESPACE, "unix:ino"));
    // The reader comes by in time for all but storms; a quarter leaves it time to wake up.
    control.putLong(Control.WAKEUP_BYTES, ringSize / 4);
  }

  /**
   * From glibc's encoding of a device number (sys/sysmacros.h) to the kernel's (linux/kdev_t.h).
   */
  private static long kernelDevice(long dev) {
    long major = (dev >>> 8 & 0xfff) | (dev >>> 32 & ~0xfffL);
    long minor = (dev & 0xff) | (dev >>> 12 & ~0xffL & 0xffffffffL);
    return major << 20 | minor;
  }

  private static ByteBuffer image() throws BpfException {
    try (InputStream in = BpfSession.class.getResourceAsStream(OBJECT)) {
      if (in == null) {
        throw new BpfException("the agent's jar holds no BPF object; fetch or build it again");
      }
      byte[] bytes = in.readAllBytes();
      return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    } catch (IOException e) {
      throw new BpfException(
          "the BPF object can't be read from the agent's jar (" + e + "); fetch or build it again");
    }
  }

  @Override
  public synchronized void recording(Set<RecordType> wanted) {
    if (!closed) {
      int bits = wanted.stream().mapToInt(type -> type.bit).reduce(0, (one, other) -> one | other);
      INT.setRelease(control, Control.RECORDING, bits);
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
    if (closed) {
      return false;
    }
    byte[] mark = new byte[Mark.BYTES];
    ByteBuffer.wrap(mark).order(ByteOrder.nativeOrder()).putLong(Mark.SOCKET_ID, socketId);
    return lib.putIfAbsent(marks, fd, mark);
  }

  @Override
  public synchronized boolean reconcile() throws BpfException {
    return !closed && asked(ownedSockets::reconcile);
  }

  @Override
  public synchronized boolean forEachSocket(LongConsumer handler) throws BpfException {
    return !closed && asked(() -> ownedSockets.forEachId(handler));
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
    Map<Extra, String> failed = new EnumMap<>(refused);
    failed.putAll(ownedSockets.failures());
    List<String> gaps = new ArrayList<>(lacks);
    failed.forEach((extra, why) -> gaps.add(extra.missing(why)));
    return gaps;
  }

  @Override
  public String libbpfVersion() {
    return libbpf;
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
      wakeups.close();
      programs.close();
      mapped.forEach(lib::unmap);
    }
  }
}
