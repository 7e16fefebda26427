// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.facts.KernelFacts;
import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Wakeups;
import dev.tcpstates.agent.kernel.session.ProgramLoader.Programs;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import dev.tcpstates.agent.kernel.wire.Layout.Mark;
import dev.tcpstates.agent.kernel.wire.RingBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Programs that this JVM has loaded for itself: it configures, maps and attaches them. */
final class OwnPrograms implements KernelSide {
  private final LibBpf lib;
  private final Programs programs;
  private final String libbpf;
  private final List<ByteBuffer> mapped = new ArrayList<>();
  private final Wakeups wakeups;
  private final int marks;
  private final List<String> lacks;
  private final ExtraPrograms extras;
  private final SharedMemory shared;

  /** Configures and attaches what is loaded; gives it back if that fails. */
  OwnPrograms(
      LibBpf lib, Programs programs, Kernel kernel, int ringSize, Map<Extra, CallFailed> refused)
      throws CallFailed, IOException {
    this.lib = lib;
    this.programs = programs;
    this.libbpf = lib.version();
    this.lacks = kernel.lacks();
    this.extras = new ExtraPrograms(programs, refused);
    try {
      int page = lib.pageSize();
      ControlMap control = new ControlMap(map(programs.mapFd("control"), 0, page, true));
      control.configure(ringSize, lib.tickNanos());
      long counted = (long) lib.possibleCpus() * CpuCounters.BYTES;
      Counters counters = new Counters(map(programs.mapFd("counters"), 0, counted, true));
      FilterTable filters =
          new FilterTable(control, map(programs.mapFd("ports"), 0, Layout.Ports.BYTES, true));
      long clockOffset = KernelFacts.clockOffset();
      int ringFd = programs.mapFd("records");
      RingBuffer ring =
          new RingBuffer(
              map(ringFd, 0, page, true),
              map(ringFd, page, RingBuffer.producerLength(page, ringSize), false),
              page,
              ringSize,
              clockOffset,
              kernel.resetReasons());
      wakeups = lib.wakeups(ringFd);
      marks = lib.duplicate(programs.mapFd("sockets"));
      programs.of(ProgramLoader.CORE).attach(ProgramLoader.CORE);
      for (Extra extra : kernel.extras()) {
        if (extra != Extra.DESCRIPTORS && extra != Extra.TABLE) {
          extras.attach(extra);
        }
      }
      // Not before: until both are there, one alone would miss some of a socket's transitions.
      int pid = lib.pid();
      control.start(pid);
      OwnedSockets ownedSockets =
          new OwnedSockets(
              control,
              counters,
              extras.iterator(Extra.DESCRIPTORS),
              extras.iterator(Extra.TABLE),
              System::nanoTime,
              clockOffset);
      // The ring stays in the epoll set: its file is open for as long as it is mapped.
      programs.releaseDescriptors();
      shared =
          new SharedMemory(control, counters, filters, ring, wakeups, ownedSockets, ringSize, pid);
    } catch (Throwable t) {
      close();
      throw t;
    }
  }

  private ByteBuffer map(int fd, long offset, long length, boolean writable) throws CallFailed {
    ByteBuffer memory = lib.memory(fd, offset, length, writable);
    mapped.add(memory);
    return memory;
  }

  @Override
  public SharedMemory shared() {
    return shared;
  }

  @Override
  public boolean adopt(int fd, long socketId) {
    byte[] mark = new byte[Mark.BYTES];
    ByteBuffer.wrap(mark).order(ByteOrder.nativeOrder()).putLong(Mark.SOCKET_ID, socketId);
    return lib.putIfAbsent(marks, fd, mark);
  }

  @Override
  public boolean isAdoptionDue() {
    return false;
  }

  @Override
  public Map<Extra, String> refused() {
    return extras.refused();
  }

  @Override
  public List<String> lacks() {
    return lacks;
  }

  @Override
  public String libbpfVersion() {
    return libbpf;
  }

  @Override
  public void close() {
    if (marks != 0) {
      lib.close(marks);
    }
    if (wakeups != null) {
      wakeups.close();
    }
    programs.close();
    mapped.forEach(lib::unmap);
  }
}
