// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.Layout.Control;
import dev.tcpstates.agent.bpf.Layout.CpuCounters;
import dev.tcpstates.agent.bpf.Layout.Mark;
import dev.tcpstates.agent.bpf.Layout.Open;
import dev.tcpstates.agent.bpf.LibBpf.CallFailed;
import dev.tcpstates.agent.bpf.LibBpf.Listing;
import dev.tcpstates.agent.bpf.LibBpf.LoadedObject;
import dev.tcpstates.agent.bpf.LibBpf.Wakeups;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The kernel side, from open to close: open, configure, load, map, attach; then the records and
 * counters. Thread-safe; once closed, it gives no records and no sockets.
 */
public final class BpfSession implements AutoCloseable {
  private static final List<String> PROGRAMS = List.of("tcp_state", "tcp_state_again");

  private static final String ITERATOR = "open_sockets";
  private static final String SNAPSHOT = "sockets_now";
  private static final String MARKS_ITERATOR = "marked_sockets";
  private static final String OBJECT = "/dev/tcpstates/bpf/tcpstates.bpf.o";
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final LibBpf lib;
  private final LoadedObject object;
  private final String libbpf;
  private final int ringSize;
  private final int pid;
  private final List<ByteBuffer> mapped = new ArrayList<>();
  private final ByteBuffer control;
  private final Counters counters;
  private final RingBuffer ring;
  private final Wakeups wakeups;
  private final Listing openSockets;
  private final Listing snapshot;
  private final String noSnapshot;
  private final int marks;
  private final MarkedSockets markedSockets;
  private final String missing;
  private final FilterTable filters;
  private Losses lossesAtClose;
  private volatile boolean closed;

  /** Configures and attaches what is loaded; on failure, the caller closes what there is. */
  private BpfSession(
      LibBpf lib, LoadedObject object, Kernel kernel, int ringSize, CallFailed noSnapshot)
      throws CallFailed, IOException {
    this.lib = lib;
    this.object = object;
    this.libbpf = lib.version();
    this.ringSize = ringSize;
    int page = lib.pageSize();
    control = map(object.mapFd("control"), 0, page, true);
    configure(control, ringSize);
    long counted = (long) lib.possibleCpus() * CpuCounters.BYTES;
    counters = new Counters(map(object.mapFd("counters"), 0, counted, true));
    filters = new FilterTable(control, map(object.mapFd("ports"), 0, Layout.Ports.BYTES, true));
    int ringFd = object.mapFd("records");
    ring =
        new RingBuffer(
            map(ringFd, 0, page, true),
            map(ringFd, page, page + 2L * ringSize, false),
            page,
            ringSize,
            kernel.resetReasons());
    wakeups = lib.wakeups(ringFd);
    for (String program : PROGRAMS) {
      object.attach(program);
    }
    missing = attach(object, kernel);
    // Not before: until both are there, one alone would miss some of a socket's transitions.
    pid = lib.pid();
    INT.setRelease(control, Control.PID, pid);
    openSockets = object.attachTaskIterator(ITERATOR);
    marks = object.mapFd("sockets");
    Listing listing = null;
    CallFailed failure = noSnapshot;
    if (failure == null) {
      try {
        listing = object.attachIterator(SNAPSHOT);
      } catch (CallFailed e) {
        failure = e;
      }
    }
    snapshot = listing;
    this.noSnapshot = failure == null ? null : Reasons.brief(failure);
    markedSockets =
        new MarkedSockets(control, counters, object.attachMapIterator(MARKS_ITERATOR, marks));
  }

  /**
   * Attaches what not every kernel can have.
   *
   * @return what can't be recorded then, and why; {@code null} if all can
   */
  private static String attach(LoadedObject object, Kernel kernel) {
    Kernel attached = kernel;
    for (Tracepoint tracepoint : kernel.tracepoints()) {
      try {
        for (String program : tracepoint.programs) {
          object.attach(program);
        }
      } catch (CallFailed e) {
        attached = attached.without(tracepoint, Reasons.brief(e));
      }
    }
    return attached.missing();
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
    return open(LibBpfLoader.libBpf(), ringSize);
  }

  static BpfSession open(LibBpf lib, int ringSize) throws BpfException {
    if (!Files.exists(BTF)) {
      throw new BpfException(
          "there is no "
              + BTF
              + "; run on Linux 5.12 or later with CONFIG_DEBUG_INFO_BTF, and with /sys mounted");
    }
    LoadedObject object = null;
    int size = Math.max(ringSize, lib.pageSize());
    try {
      Kernel kernel = Kernel.running(lib);
      List<String> optional = new ArrayList<>(List.of(SNAPSHOT));
      kernel.tracepoints().forEach(tracepoint -> optional.addAll(tracepoint.programs));
      ProgramLoader loader =
          new ProgramLoader(lib, image(), size, required(), optional, kernel.lackedPrograms());
      object = loader.load();
      kernel = kernel.without(loader.refused());
      return new BpfSession(lib, object, kernel, size, loader.refused().get(SNAPSHOT));
    } catch (CallFailed e) {
      closeQuietly(object);
      throw new BpfException(Reasons.explain(e));
    } catch (IOException e) {
      closeQuietly(object);
      throw new BpfException("the PID namespace can't be read (" + e + "); mount /proc");
    }
  }

  private static List<String> required() {
    List<String> programs = new ArrayList<>(PROGRAMS);
    programs.add(ITERATOR);
    programs.add(MARKS_ITERATOR);
    return programs;
  }

  private static void closeQuietly(LoadedObject object) {
    if (object != null) {
      object.close();
    }
  }

  private static void configure(ByteBuffer control, int ringSize) throws IOException {
    long dev = (long) Files.getAttribute(PID_NAMESPACE, "unix:dev");
    long ino = (long) Files.getAttribute(PID_NAMESPACE, "unix:ino");
    control.putLong(Control.PIDNS_DEV, kernelDevice(dev));
    control.putLong(Control.PIDNS_INO, ino);
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

  /** Says which records are wanted; ownership and gauges go on all the same. */
  public synchronized void recording(Set<RecordType> wanted) {
    if (!closed) {
      int bits = wanted.stream().mapToInt(type -> type.bit).reduce(0, (one, other) -> one | other);
      INT.setRelease(control, Control.RECORDING, bits);
    }
  }

  /**
   * Says of which sockets there are records.
   *
   * @param wanted of each kind of record; of one that is missing, all pass
   */
  public synchronized void filter(Map<RecordType, SocketFilter> wanted) {
    if (!closed) {
      filters.set(wanted);
    }
  }

  /** Waits for the ring to fill up, for {@link #wake}, or for so many milliseconds. */
  public void await(int millis) {
    wakeups.await(millis);
  }

  /** Ends {@link #await}, now or when it begins. */
  public synchronized void wake() {
    if (!closed) {
      wakeups.wake();
    }
  }

  /** Hands over every record up to now. */
  public synchronized void drain(RecordHandler handler) {
    if (!closed) {
      ring.drain(handler);
    }
  }

  /**
   * Hands over every socket that a descriptor of this process refers to and that has not ended,
   * once for each descriptor; and adopts those that were not this JVM's yet.
   *
   * @throws BpfException if the kernel refuses
   */
  public synchronized void openSockets(Consumer<OpenView> handler) throws BpfException {
    if (closed) {
      return;
    }
    try {
      openSockets.read(
          piece -> {
            OpenView view = new OpenView(piece);
            for (int at = 0; at + Open.BYTES <= piece.limit(); at += Open.BYTES) {
              if (piece.getShort(at + Open.SIZE) == Open.BYTES
                  && piece.get(at + Open.VERSION) == Layout.VERSION
                  && piece.get(at + Open.KIND) == Layout.KIND_OPEN) {
                view.moveTo(at);
                handler.accept(view);
              }
            }
          });
    } catch (CallFailed e) {
      throw new BpfException(Reasons.explain(e));
    }
  }

  /**
   * All of this JVM's sockets as they are now, in any network namespace; of very many only those in
   * that of the calling thread, and then with what else {@link #snapshot} has.
   *
   * @return {@code null} if the session is closed
   * @throws BpfException if the kernel refuses
   */
  public synchronized SocketSnapshot ownSockets() throws BpfException {
    if (closed) {
      return null;
    }
    if (snapshot != null && markedSockets.areMany()) {
      return snapshot();
    }
    try {
      return markedSockets.snapshot();
    } catch (CallFailed e) {
      throw new BpfException(Reasons.explain(e));
    }
  }

  /**
   * What the kernel's tables hold of the network namespace of the calling thread: this JVM's
   * sockets as they are now, connections that are half open at its listeners, and what is left of
   * closed sockets.
   *
   * @return {@code null} if this kernel can't list that, or the session is closed
   * @throws BpfException if the kernel refuses
   */
  public synchronized SocketSnapshot snapshot() throws BpfException {
    if (closed || snapshot == null) {
      return null;
    }
    SocketSnapshot.Builder builder = new SocketSnapshot.Builder();
    try {
      snapshot.read(builder::add);
    } catch (CallFailed e) {
      throw new BpfException(Reasons.explain(e));
    }
    return builder.build(false);
  }

  /** Why there are no snapshots; {@code null} if there are. */
  public String noSnapshot() {
    return noSnapshot;
  }

  /**
   * Makes a socket this JVM's, if it is not: it waited in the accept queue of a listener that was
   * adopted. Waits for nobody, for the application calls it.
   *
   * @return whether it was not
   */
  public boolean adopt(int fd, long socketId) {
    if (closed) {
      return false;
    }
    byte[] mark = new byte[Mark.BYTES];
    ByteBuffer.wrap(mark).order(ByteOrder.nativeOrder()).putLong(Mark.SOCKET_ID, socketId);
    return lib.putIfAbsent(marks, fd, mark);
  }

  /**
   * Finds the sockets whose end the kernel ran no program for, for the losses and the gauges.
   *
   * @return whether there is any
   * @throws BpfException if the kernel refuses
   */
  public synchronized boolean reconcile() throws BpfException {
    if (closed) {
      return false;
    }
    try {
      return markedSockets.reconcile();
    } catch (CallFailed e) {
      throw new BpfException(Reasons.explain(e));
    }
  }

  /**
   * Hands over the cookies of all sockets of this JVM that are in use and have not ended, with a
   * descriptor or without.
   *
   * @throws BpfException if the kernel refuses
   */
  public synchronized void markedSockets(LongConsumer handler) throws BpfException {
    if (closed) {
      return;
    }
    try {
      markedSockets.forEach(handler);
    } catch (CallFailed e) {
      throw new BpfException(Reasons.explain(e));
    }
  }

  /** Records read so far. */
  public synchronized long recordsRead() {
    return ring.read();
  }

  /** Bytes of the ring buffer that were read so far, with the kernel's headers. */
  public synchronized long bytesRead() {
    return closed ? 0 : ring.bytesRead();
  }

  /** Bytes of the ring buffer that are filled now. */
  public synchronized long ringFill() {
    return closed ? 0 : ring.waiting();
  }

  /** Most bytes of the ring buffer that were found filled since the last call. */
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

  /** What was lost since the start. */
  public synchronized Losses losses() {
    return closed
        ? lossesAtClose
        : new Losses(
            counters.get(CpuCounters.RECORDS_LOST),
            counters.get(CpuCounters.SKIPPED) + markedSockets.skippedTransitions(),
            counters.get(CpuCounters.NO_MEMORY),
            ring.unreadable(),
            counters.get(CpuCounters.CONNECTIONS_LOST),
            counters.get(CpuCounters.RETRANSMITS_LOST),
            counters.get(CpuCounters.RESETS_LOST),
            counters.get(CpuCounters.ENDS_LOST),
            markedSockets.skippedConnections(),
            counters.get(CpuCounters.RETRANSMITS_SKIPPED));
  }

  /** Which events this kernel can't tell of, and why; {@code null} if it can tell of all. */
  public String missing() {
    return missing;
  }

  /** The version of libbpf in use. */
  public String libbpfVersion() {
    return libbpf;
  }

  /** This process, in its own PID namespace. */
  public int pid() {
    return pid;
  }

  /** Bytes of the ring buffer. */
  public int ringSize() {
    return ringSize;
  }

  /** Detaches, unloads and gives the memory back. No thread may be in {@link #await} any more. */
  @Override
  public synchronized void close() {
    if (!closed) {
      lossesAtClose = losses();
      closed = true;
      wakeups.close();
      object.close();
      mapped.forEach(lib::unmap);
    }
  }
}
