// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.facts.KernelFacts;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Listing;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Wakeups;
import dev.tcpstates.agent.kernel.node.NodeClient;
import dev.tcpstates.agent.kernel.node.NodeClient.Granted;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Answer;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Command;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.Registration;
import dev.tcpstates.agent.kernel.node.Registration.Metrics;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import dev.tcpstates.agent.kernel.wire.Layout.Pages;
import dev.tcpstates.agent.kernel.wire.RingBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Programs that the node program has loaded for all JVMs of the machine. It hands over the ring and
 * the pages of this JVM, and two iterators as files. All of them outlive the node program.
 */
final class NodeSide implements KernelSide {
  private static final int VAIN_ADOPTIONS = 64;
  private static final long DUE_NANOS = 100_000_000;

  private final LibBpf lib;
  private final Registration registration;
  private final List<Integer> iterators;
  private final List<ByteBuffer> mapped = new ArrayList<>();
  private final List<String> lacks;
  private final Wakeups wakeups;
  private final SharedMemory shared;
  private final Listing adoption;
  private final AtomicBoolean adoptionDue = new AtomicBoolean();

  /** Guards these three, and the file of {@code adoption} against its closing. */
  private final Object adopting = new Object();

  private int vainAdoptions;
  private long lastDue = System.nanoTime();
  private boolean closed;

  private NodeSide(LibBpf lib, Registration registration, Answer answer, int[] descriptors)
      throws CallFailed {
    this.lib = lib;
    this.registration = registration;
    this.iterators =
        List.of(
            descriptors[Answer.OPEN_SOCKETS],
            descriptors[Answer.SOCKETS_NOW],
            descriptors[Answer.ADOPT_SOCKETS]);
    this.adoption = lib.listing("adopt_sockets", descriptors[Answer.ADOPT_SOCKETS]);
    this.lacks = answer.lacks();
    try {
      int page = lib.pageSize();
      int ringFd = descriptors[Answer.RING];
      int bytes = Pages.COUNTERS * Pages.BYTES + answer.counters() * CpuCounters.BYTES;
      ByteBuffer pages = map(descriptors[Answer.PAGES], 0, bytes, true);
      ControlMap control = new ControlMap(part(pages, Pages.CONTROL, Pages.BYTES));
      Counters counters =
          new Counters(part(pages, Pages.COUNTERS, answer.counters() * CpuCounters.BYTES));
      FilterTable filters = new FilterTable(control, part(pages, Pages.PORTS, Layout.Ports.BYTES));
      long clockOffset = KernelFacts.clockOffset();
      RingBuffer ring =
          new RingBuffer(
              map(ringFd, 0, page, true),
              map(ringFd, page, RingBuffer.producerLength(page, answer.ringSize()), false),
              page,
              answer.ringSize(),
              clockOffset,
              answer.resetReasons());
      wakeups = lib.wakeups(ringFd);
      OwnedSockets ownedSockets =
          new OwnedSockets(
              control,
              counters,
              listing(Extra.DESCRIPTORS, descriptors[Answer.OPEN_SOCKETS]),
              listing(Extra.TABLE, descriptors[Answer.SOCKETS_NOW]),
              System::nanoTime,
              clockOffset);
      shared =
          new SharedMemory(
              control,
              counters,
              filters,
              ring,
              wakeups,
              ownedSockets,
              answer.ringSize(),
              lib.pid());
    } catch (Throwable t) {
      close();
      throw t;
    } finally {
      // The ring stays in the epoll set: its file is open for as long as it is mapped.
      lib.close(descriptors[Answer.RING]);
      lib.close(descriptors[Answer.PAGES]);
    }
  }

  private Listing listing(Extra extra, int descriptor) {
    return lib.listing(extra.programs.get(0), descriptor);
  }

  private ByteBuffer map(int fd, long offset, long length, boolean writable) throws CallFailed {
    ByteBuffer memory = lib.memory(fd, offset, length, writable);
    mapped.add(memory);
    return memory;
  }

  private static ByteBuffer part(ByteBuffer pages, int first, int bytes) {
    return pages.slice(first * Pages.BYTES, bytes).order(ByteOrder.nativeOrder());
  }

  /**
   * Registers this JVM.
   *
   * @param metrics what the node program may ask for
   * @throws BpfException if there is no node program, or it refuses
   */
  static NodeSide join(LibBpf lib, Path path, int ringSize, Metrics metrics) throws BpfException {
    Request request = request(lib, ringSize);
    Granted granted = NodeClient.ask(path, request);
    Registration registration =
        new Registration(granted.connection(), granted.answer(), path, request, metrics);
    try {
      NodeSide side = new NodeSide(lib, registration, granted.answer(), granted.descriptors());
      registration.start();
      return side;
    } catch (CallFailed e) {
      throw new BpfException(
          "what the node program handed over can't be used ("
              + e.brief()
              + "); a security module may deny it, see samples/node/README.md");
    }
  }

  private static Request request(LibBpf lib, int ringSize) throws BpfException {
    try {
      return new Request(Command.REGISTER, ringSize, lib.pid(), ControlMap.networkNamespace());
    } catch (IOException e) {
      throw new BpfException("the agent's namespaces can't be read (" + e + "); mount /proc");
    }
  }

  @Override
  public SharedMemory shared() {
    return shared;
  }

  /**
   * The mark can't be set from here; an iterator over the descriptors does it, before the
   * application gets the socket. That takes some 0.1 µs for each descriptor, so once nothing has
   * been found for a while, it is left to a listing every now and then.
   */
  @Override
  public boolean adopt(int fd, long socketId) {
    synchronized (adopting) {
      if (closed) {
        return false;
      }
      if (vainAdoptions < VAIN_ADOPTIONS) {
        return adoptNow(socketId);
      }
      long now = System.nanoTime();
      if (now - lastDue >= DUE_NANOS && !adoptionDue.getAndSet(true)) {
        lastDue = now;
        wakeups.wake();
      }
      return true;
    }
  }

  private boolean adoptNow(long socketId) {
    Set<Long> adopted = new HashSet<>();
    try {
      adoption.read(
          piece -> {
            while (piece.remaining() >= Long.BYTES) {
              adopted.add(piece.getLong());
            }
          });
    } catch (CallFailed e) {
      adoptionDue.set(true); // a listing names what fails
    }
    vainAdoptions = adopted.isEmpty() ? vainAdoptions + 1 : 0;
    return adopted.contains(socketId);
  }

  @Override
  public boolean isAdoptionDue() {
    return adoptionDue.getAndSet(false);
  }

  @Override
  public Map<Extra, String> refused() {
    return Map.of();
  }

  @Override
  public List<String> lacks() {
    return lacks;
  }

  @Override
  public String libbpfVersion() {
    return null;
  }

  @Override
  public void close() {
    registration.close();
    synchronized (adopting) {
      closed = true;
      if (wakeups != null) {
        wakeups.close();
      }
    }
    iterators.forEach(lib::close);
    mapped.forEach(lib::unmap);
  }
}
