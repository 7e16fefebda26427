// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.wire.Layout.Control;
import dev.tcpstates.agent.kernel.wire.RecordType;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What the agent says to its BPF programs: {@code struct tcp_control}, in memory that both share. A
 * program that runs meanwhile reads each value either before or after its change.
 */
final class ControlMap {
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");
  private static final Path NETWORK_NAMESPACE = Path.of("/proc/self/ns/net");
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final ByteBuffer memory;

  ControlMap(ByteBuffer memory) {
    this.memory = memory;
  }

  /**
   * Sets what never changes: the namespaces of this process, when the reader is woken up, and the
   * length of the kernel's tick.
   *
   * @throws IOException if {@code /proc} can't be read
   */
  void configure(int ringSize, int tickNanos) throws IOException {
    long ino = (long) Files.getAttribute(PID_NAMESPACE, "unix:ino");
    memory.putLong(Control.PIDNS_DEV, namespaceDevice());
    memory.putLong(Control.PIDNS_INO, ino);
    setUp(memory, networkNamespace(), ringSize, tickNanos);
  }

  /**
   * Returns the device of all namespaces, in the kernel's encoding.
   *
   * @throws IOException if {@code /proc} can't be read
   */
  static int namespaceDevice() throws IOException {
    return (int) kernelDevice((long) Files.getAttribute(PID_NAMESPACE, "unix:dev"));
  }

  /** Returns the inode of this process's network namespace. */
  static int networkNamespace() throws IOException {
    return (int) (long) Files.getAttribute(NETWORK_NAMESPACE, "unix:ino");
  }

  /** Sets what holds in both modes. */
  static void setUp(ByteBuffer memory, int networkNamespace, int ringSize, int tickNanos) {
    memory.putInt(Control.NETNS_INO, networkNamespace);
    memory.putInt(Control.TICK_NS, tickNanos);
    // The reader polls often enough, except in storms; a quarter leaves it time to wake up.
    memory.putLong(Control.WAKEUP_BYTES, ringSize / 4);
  }

  /**
   * From glibc's encoding of a device number (sys/sysmacros.h) to the kernel's (linux/kdev_t.h).
   */
  private static long kernelDevice(long dev) {
    long major = (dev >>> 8 & 0xfff) | (dev >>> 32 & ~0xfffL);
    long minor = (dev & 0xff) | (dev >>> 12 & ~0xffL & 0xffffffffL);
    return major << 20 | minor;
  }

  /** From now on, the sockets of this process are owned. */
  void start(int pid) {
    INT.setRelease(memory, Control.PID, pid);
  }

  /** Sets which records are made. */
  void record(Set<RecordType> types) {
    int bits = types.stream().mapToInt(type -> type.bit).reduce(0, (one, other) -> one | other);
    INT.setRelease(memory, Control.RECORDING, bits);
  }

  boolean isRecorded(RecordType type) {
    return ((int) INT.getAcquire(memory, Control.RECORDING) & type.bit) != 0;
  }

  /** Includes every socket; the ports are not read. */
  void includeAll() {
    INT.setRelease(memory, Control.FILTERED, 0);
  }

  /** Includes sockets by their ports, and by these kinds of addresses; in bits of record types. */
  void include(int ipv4, int ipv6, int loopback) {
    memory.putInt(Control.IPV4, ipv4);
    memory.putInt(Control.IPV6, ipv6);
    memory.putInt(Control.LOOPBACK, loopback);
    INT.setRelease(memory, Control.FILTERED, 1);
  }

  boolean isFiltered() {
    return (int) INT.getAcquire(memory, Control.FILTERED) != 0;
  }

  /** Begins the listing with this number, in which each socket is listed once. */
  void listing(int number) {
    INT.setRelease(memory, Control.LISTING, number);
  }

  /** Whether the iterators adopt the sockets that they list. */
  void adopt(boolean yes) {
    INT.setRelease(memory, Control.ADOPT, yes ? 1 : 0);
  }

  /** Whether the iterators list sockets in TIME_WAIT. */
  void listTimeWait(boolean yes) {
    INT.setRelease(memory, Control.TIME_WAIT, yes ? 1 : 0);
  }
}
