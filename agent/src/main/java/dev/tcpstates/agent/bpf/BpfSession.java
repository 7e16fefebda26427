// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.Layout.Control;
import dev.tcpstates.agent.bpf.LibBpf.CallFailed;
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

/**
 * The kernel side, from open to close: open, configure, load, map, attach; then the records and
 * counters. {@link #drain}, {@link #await} and {@link #close} belong to one thread at a time.
 */
public final class BpfSession implements AutoCloseable {
  private static final String[] PROGRAMS = {"tcp_state", "tcp_state_again"};
  private static final String OBJECT = "/dev/tcpstates/bpf/tcpstates.bpf.o";
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final LoadedObject object;
  private final Wakeups wakeups;
  private final RingBuffer ring;
  private final ByteBuffer control;
  private final String libbpf;
  private volatile boolean closed;

  private BpfSession(
      LoadedObject object, Wakeups wakeups, RingBuffer ring, ByteBuffer control, String libbpf) {
    this.object = object;
    this.wakeups = wakeups;
    this.ring = ring;
    this.control = control;
    this.libbpf = libbpf;
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
    LibBpf lib;
    JnaLoader.load();
    try {
      lib = new JnaLibBpf();
    } catch (UnsatisfiedLinkError e) {
      throw new BpfException(
          "libbpf.so.1 can't be loaded ("
              + reason(e)
              + "); install libbpf 1.0 or later (Debian, Ubuntu: apt-get install libbpf1;"
              + " Fedora, RHEL: dnf install libbpf)");
    }
    return open(lib, ringSize);
  }

  static BpfSession open(LibBpf lib, int wantedSize) throws BpfException {
    if (!Files.exists(BTF)) {
      throw new BpfException(
          "there is no "
              + BTF
              + "; run on Linux 5.12 or later with CONFIG_DEBUG_INFO_BTF, and with /sys mounted");
    }
    int page = lib.pageSize();
    int ringSize = Math.max(wantedSize, page);
    LoadedObject object = null;
    try {
      object = lib.open(image(), PROGRAMS);
      object.setMaxEntries("records", ringSize);
      object.load();

      ByteBuffer control = lib.memory(object.mapFd("control"), 0, page, true);
      configure(control, ringSize);
      int ringFd = object.mapFd("records");
      RingBuffer ring =
          new RingBuffer(
              lib.memory(ringFd, 0, page, true),
              lib.memory(ringFd, page, page + 2L * ringSize, false),
              page,
              ringSize);
      Wakeups wakeups = lib.wakeups(ringFd);
      for (String program : PROGRAMS) {
        object.attach(program);
      }
      return new BpfSession(object, wakeups, ring, control, lib.version());
    } catch (CallFailed e) {
      if (object != null) {
        object.close();
      }
      throw new BpfException(explain(e));
    } catch (IOException e) {
      if (object != null) {
        object.close();
      }
      throw new BpfException("the PID namespace can't be read (" + e + "); mount /proc");
    }
  }

  private static void configure(ByteBuffer control, int ringSize) throws IOException {
    long dev = (long) Files.getAttribute(PID_NAMESPACE, "unix:dev");
    long ino = (long) Files.getAttribute(PID_NAMESPACE, "unix:ino");
    control.putLong(Control.PIDNS_DEV, kernelDevice(dev));
    control.putLong(Control.PIDNS_INO, ino);
    control.putInt(Control.PID, (int) ProcessHandle.current().pid());
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

  private static String explain(CallFailed e) {
    if (e.errno == Errno.EPERM || e.errno == Errno.EACCES && e.log.isEmpty()) {
      return "this JVM may not use BPF ("
          + e.getMessage()
          + "); give it the capabilities CAP_BPF and CAP_PERFMON (systemd:"
          + " AmbientCapabilities=CAP_BPF CAP_PERFMON; Docker: --cap-add=BPF --cap-add=PERFMON)";
    }
    String log = e.log.strip();
    String tail =
        log.isEmpty()
            ? ""
            : "; the verifier says: "
                + log.substring(log.lastIndexOf('\n', Math.max(0, log.lastIndexOf('\n') - 1)) + 1)
                    .replace('\n', ' ');
    return e.getMessage()
        + tail
        + "; run on Linux 5.12 or later, or report this with your kernel's version, "
        + System.getProperty("os.version");
  }

  /** JNA's first line only names the library; the second is the system's reason. */
  private static String reason(UnsatisfiedLinkError e) {
    return String.valueOf(e.getMessage()).lines().limit(2).reduce("", (first, last) -> last);
  }

  /** Switches the records of transitions on or off; ownership and gauges go on all the same. */
  public void recording(boolean on) {
    INT.setRelease(control, Control.RECORDING, on ? 1 : 0);
  }

  /** Waits for the ring to fill up, or for so many milliseconds. */
  public void await(int millis) {
    wakeups.await(millis);
  }

  /** Hands over every record up to now. */
  public void drain(RecordHandler handler) {
    if (!closed) {
      ring.drain(handler);
    }
  }

  /** Records read so far. */
  public long recordsRead() {
    return ring.read();
  }

  /** What went wrong with the first unreadable record, or {@code null}. */
  public Throwable firstReadError() {
    return ring.firstError();
  }

  /** This JVM's sockets in a state now, by the kernel's number; those in CLOSE are not counted. */
  public long sockets(int state) {
    return counter(Control.SOCKETS + state * Long.BYTES);
  }

  /** Transitions of this JVM's sockets since the start, recorded or not. */
  public long transitions() {
    return counter(Control.TRANSITIONS);
  }

  /** What was lost since the start. */
  public Losses losses() {
    return new Losses(
        counter(Control.RECORDS_LOST),
        counter(Control.SKIPPED),
        counter(Control.NO_MEMORY),
        ring.unreadable(),
        counter(Control.ENDS_LOST));
  }

  private long counter(int offset) {
    return (long) LONG.getAcquire(control, offset);
  }

  /** The version of libbpf in use. */
  public String libbpfVersion() {
    return libbpf;
  }

  /** Detaches and unloads. The shared memory stays mapped: somebody may be reading it. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      wakeups.close();
      object.close();
    }
  }
}
