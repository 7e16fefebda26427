// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.facts.Refusal;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.libbpf.NodeBpf;
import dev.tcpstates.agent.kernel.node.FolderLock;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Answer;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.agent.kernel.session.ProgramLoader.Content;
import dev.tcpstates.agent.kernel.session.ProgramLoader.Programs;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.Jvm;
import dev.tcpstates.agent.kernel.wire.Layout.Pages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The programs that serve all JVMs of a machine, and the maps that say which JVMs these are. Both
 * are pinned in a BPF file system, and so outlive the node program: it finds them again.
 *
 * <p>Not thread-safe, except {@link #register} and {@link #remove}, which several threads may call
 * at a time: the kernel lets each of them wait until no program uses the former content of a map.
 */
public final class NodePrograms implements AutoCloseable {
  private static final String OBJECT = "/dev/tcpstates/bpf/tcpstates-node.bpf.o";
  private static final String PROCESS = "process_now";
  private static final String GIVEN = "maps_given";
  private static final String ADOPT = "adopt_sockets";
  private static final List<String> MAPS = List.of("sockets", "jvms", "rings", "pages");
  private static final String LINK = "link-";

  /** How the pins of iterators begin, which are there until a descriptor of them is handed over. */
  private static final String HANDED = "jvm-";

  private static final String JVMS = "jvms";

  private final NodeBpf bpf;
  private final Path folder;
  private final FolderLock lock;
  private final Path pins;
  private final boolean found;
  private final int cpus;
  private final int tickNanos;
  private final int namespaceDevice;
  private final Map<Integer, String> resetReasons;
  private final List<String> lacks;
  private final int jvms;
  private final int rings;
  private final int pages;
  private final int openSockets;
  private final int socketsNow;
  private final int processNow;
  private final int mapsGiven;
  private final int adoptSockets;
  private List<Path> older;
  private final AtomicLong lastOwner = new AtomicLong();
  private final AtomicLong made = new AtomicLong();

  /**
   * A process, as the kernel knows it.
   *
   * @param tgid its id in the initial PID namespace
   * @param startNanos when it was started, on the kernel's clock
   * @param execs how often it has called exec
   */
  public record Process(int tgid, long startNanos, long execs) {}

  /** What a JVM can't change while it is the same process. */
  private record Found(Process process, int pidNamespace) {}

  /**
   * A JVM whose transitions are recorded.
   *
   * @param owner the number of the registration
   * @param ringBytes bytes of its ring
   * @param uid its user id
   */
  public record Registered(Process process, long owner, int ringBytes, int uid) {}

  /**
   * What a JVM is given.
   *
   * @param descriptors in the order of {@link Answer}; to be closed by the caller
   */
  public record Given(Registered registered, Answer answer, List<Integer> descriptors) {}

  private NodePrograms(
      NodeBpf bpf,
      LibBpf lib,
      Kernel kernel,
      Path folder,
      FolderLock lock,
      Path pins,
      boolean found)
      throws CallFailed, IOException {
    this.bpf = bpf;
    this.folder = folder;
    this.lock = lock;
    this.pins = pins;
    this.found = found;
    this.cpus = lib.possibleCpus();
    this.tickNanos = lib.tickNanos();
    this.namespaceDevice = ControlMap.namespaceDevice();
    this.resetReasons = kernel.resetReasons();
    this.lacks = new ArrayList<>(kernel.lacks());
    for (Extra extra : kernel.extras()) {
      if (!Files.exists(pins.resolve(LINK + extra.programs.get(0)))) {
        lacks.add(extra.missing("the kernel refused its program when the node program started"));
      }
    }
    jvms = open(JVMS);
    rings = open("rings");
    pages = open("pages");
    processNow = open(PROCESS);
    mapsGiven = open(GIVEN);
    adoptSockets = open(ADOPT);
    openSockets = open(Extra.DESCRIPTORS.programs.get(0));
    socketsNow = UnixSocket.openPath(pins.resolve(LINK + Extra.TABLE.programs.get(0)));
    older = findOlder();
  }

  private int open(String name) throws CallFailed {
    return bpf.open(pins.resolve(name).toString());
  }

  /**
   * Finds the programs where an earlier node program of the same version has pinned them, or loads,
   * attaches and pins them.
   *
   * @param folder in a BPF file system; made if there is none
   * @throws BpfException if this machine, kernel or user can't; says what to do about it
   */
  public static NodePrograms open(Path folder) throws BpfException {
    NodeBpf bpf = NodeBpf.load();
    LibBpf lib = LibBpfLoader.libBpf();
    ByteBuffer image = ProgramLoader.image(OBJECT);
    Path pins = folder.resolve(PinFolders.version(image));
    FolderLock lock = null;
    NodePrograms programs = null;
    try {
      PinFolders.make(folder);
      lock = lock(folder);
      Kernel kernel = Kernel.running(lib);
      boolean found = Files.exists(pins);
      if (!found) {
        Path unfinished = PinFolders.unfinished(folder);
        load(bpf, lib, image, kernel, unfinished);
        Files.move(unfinished, pins);
      }
      programs = new NodePrograms(bpf, lib, kernel, folder, lock, pins, found);
      programs.removeOrphans();
      return programs;
    } catch (CallFailed e) {
      throw new BpfException(Refusal.now().explain(e));
    } catch (IOException e) {
      throw new BpfException(PinFolders.explain(folder, e));
    } finally {
      if (programs == null && lock != null) {
        lock.close();
      }
    }
  }

  private static FolderLock lock(Path folder) throws BpfException, IOException {
    FolderLock lock = FolderLock.take(folder);
    if (lock == null) {
      throw new BpfException("another node program uses the pins in " + folder + "; stop it first");
    }
    return lock;
  }

  /**
   * Removes all pins, and the folder. The programs end when nobody has a descriptor of them.
   *
   * @return whether there were any
   * @throws BpfException if a node program uses them
   */
  @SuppressWarnings("try") // the lock is kept, not used
  public static boolean uninstall(Path folder) throws BpfException, IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    JnaLoader.load();
    try (FolderLock lock = lock(folder)) {
      return PinFolders.removeAll(folder);
    }
  }

  private static void load(NodeBpf bpf, LibBpf lib, ByteBuffer image, Kernel kernel, Path folder)
      throws CallFailed {
    int like = bpf.createArray("pages", Pages.BYTES, Pages.COUNTERS + lib.possibleCpus());
    Programs programs;
    try {
      Content content =
          new Content(
              List.of(ProgramLoader.CORE, PROCESS, GIVEN, ADOPT),
              MAPS,
              object -> object.setInnerMap("pages", like));
      programs = new ProgramLoader(lib, image, content, kernel.extras()).load();
    } finally {
      UnixSocket.close(like);
    }
    try {
      for (String map : MAPS) {
        bpf.pin(programs.mapFd(map), folder.resolve(map).toString());
      }
      pinIterator(bpf, programs, PROCESS, folder);
      pinIterator(bpf, programs, GIVEN, folder);
      pinIterator(bpf, programs, ADOPT, folder);
      attach(bpf, programs, ProgramLoader.CORE, folder);
      for (Extra extra : kernel.extras()) {
        try {
          for (String program : extra.programs) {
            if (extra == Extra.DESCRIPTORS || extra == Extra.TABLE) {
              pinIterator(bpf, programs, program, folder);
            } else {
              attach(bpf, programs, program, folder);
            }
          }
        } catch (CallFailed e) {
          // The missing pin says so.
        }
      }
    } finally {
      programs.close();
    }
  }

  private static void attach(NodeBpf bpf, Programs programs, String program, Path folder)
      throws CallFailed {
    int link = programs.of(program).attach(program);
    bpf.pin(link, folder.resolve(LINK + program).toString());
  }

  /** Pins a program of an iterator, and a link of it that walks all there is. */
  private static void pinIterator(NodeBpf bpf, Programs programs, String program, Path folder)
      throws CallFailed {
    int fd = programs.of(program).programFd(program);
    bpf.pin(fd, folder.resolve(program).toString());
    int link = bpf.iterator(fd, 0);
    try {
      Path pin = folder.resolve(LINK + program);
      bpf.pin(link, pin.toString());
      forAll(pin);
    } catch (IOException e) {
      throw new CallFailed("changing the mode of a pin", 0, "");
    } finally {
      UnixSocket.close(link);
    }
  }

  /** Who is handed a descriptor of the pin opens it as itself. */
  private static void forAll(Path pin) throws IOException {
    Files.setPosixFilePermissions(pin, PosixFilePermissions.fromString("r--r--r--"));
  }

  /** Whether an earlier node program had loaded the programs. */
  public boolean found() {
    return found;
  }

  /** What can't be recorded on this kernel, and why. */
  public List<String> lacks() {
    return lacks;
  }

  /**
   * Asks the kernel for a process.
   *
   * @param pid in the PID namespace of this process
   * @return {@code null} if there is none
   */
  public Process process(int pid) throws CallFailed {
    Found found = find(pid);
    return found == null ? null : found.process();
  }

  private Found find(int pid) throws CallFailed {
    int link = bpf.iterator(processNow, pid);
    try {
      ByteBuffer all = bpf.read(link);
      Found process = null;
      // Before Linux 6.1, all processes come.
      for (int at = 0; at < all.limit(); at += Layout.Process.BYTES) {
        Found one =
            new Found(
                new Process(
                    all.getInt(at + Layout.Process.TGID),
                    all.getLong(at + Layout.Process.START_NS),
                    all.getLong(at + Layout.Process.EXEC_ID)),
                all.getInt(at + Layout.Process.PIDNS_INO));
        if (all.limit() == Layout.Process.BYTES || one.process().tgid() == pid) {
          process = one;
        }
      }
      return process;
    } finally {
      UnixSocket.close(link);
    }
  }

  /** The registrations that the maps have. */
  public List<Registered> registered() {
    List<Registered> registered = new ArrayList<>();
    for (byte[] key : bpf.keys(jvms, Integer.BYTES)) {
      byte[] value = new byte[Jvm.BYTES];
      if (bpf.get(jvms, key, value)) {
        ByteBuffer jvm = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
        int tgid = ByteBuffer.wrap(key).order(ByteOrder.nativeOrder()).getInt();
        registered.add(
            new Registered(
                new Process(tgid, jvm.getLong(Jvm.START_NS), jvm.getLong(Jvm.EXEC_ID)),
                jvm.getLong(Jvm.OWNER),
                jvm.getInt(Jvm.RING_BYTES),
                jvm.getInt(Jvm.UID)));
      }
    }
    return registered;
  }

  /** Returns what JVMs have of this program's maps, also those that are not registered any more. */
  public MemoryGiven memoryGiven() throws CallFailed {
    int link = bpf.iterator(mapsGiven, 0);
    try {
      return MemoryGiven.read(bpf.read(link));
    } finally {
      UnixSocket.close(link);
    }
  }

  /** Whether there are programs of other releases. */
  public boolean hasOlder() {
    return !older.isEmpty();
  }

  private List<Path> findOlder() throws IOException {
    return PinFolders.versions(folder).stream().filter(path -> !path.equals(pins)).toList();
  }

  /**
   * Removes the programs of other releases that serve no JVM any more.
   *
   * @param removed takes the name of each
   */
  public void removeUnusedOlder(Consumer<String> removed) {
    for (Path version : older) {
      if (!servesAny(version)) {
        try {
          PinFolders.removeVersion(version);
          removed.accept(version.getFileName().toString());
        } catch (IOException e) {
          removed.accept(version.getFileName() + ", but not all (" + e + ")");
        }
      }
    }
    older = older.stream().filter(Files::exists).toList();
  }

  /** The table of JVMs has process ids as its keys in each release. */
  private boolean servesAny(Path version) {
    int table;
    try {
      table = bpf.open(version.resolve(JVMS).toString());
    } catch (CallFailed e) {
      return false; // loading them was interrupted
    }
    try {
      for (byte[] key : bpf.keys(table, Integer.BYTES)) {
        int tgid = ByteBuffer.wrap(key).order(ByteOrder.nativeOrder()).getInt();
        try {
          UnixSocket.close(UnixSocket.pidfd(tgid));
          return true;
        } catch (IOException e) {
          // It has ended.
        }
      }
      return false;
    } finally {
      UnixSocket.close(table);
    }
  }

  /** What an earlier node program was killed in the middle of. */
  private void removeOrphans() throws IOException {
    PinFolders.removePins(pins, HANDED);
    Set<Long> owners = new HashSet<>();
    registered().forEach(registered -> owners.add(registered.owner()));
    for (int map : new int[] {rings, pages}) {
      for (byte[] key : bpf.keys(map, Long.BYTES)) {
        if (!owners.contains(ByteBuffer.wrap(key).order(ByteOrder.nativeOrder()).getLong())) {
          bpf.remove(map, key);
        }
      }
    }
  }

  /**
   * Makes a ring and pages for a JVM, and begins to record its sockets.
   *
   * @throws CallFailed if the kernel refuses; nothing remains then
   */
  public Given register(Process process, int uid, Request request) throws CallFailed {
    // No number is given twice, also not by a later node program, until the machine restarts.
    long number = lastOwner.updateAndGet(last -> Math.max(last + 1, System.nanoTime()));
    byte[] owner = bytes(Long.BYTES).putLong(number).array();
    List<Integer> descriptors = new ArrayList<>();
    try {
      Found now = find(process.tgid());
      if (now == null || !now.process().equals(process)) {
        throw new IOException("the process has ended");
      }
      descriptors.add(bpf.createRing(MemoryGiven.name('r', uid), request.ringSize()));
      descriptors.add(
          bpf.createArray(MemoryGiven.name('p', uid), Pages.BYTES, Pages.COUNTERS + cpus));
      setUp(descriptors.get(Answer.PAGES), request);
      descriptors.add(iteratorFile(openSockets, request.pid()));
      descriptors.add(UnixSocket.duplicate(socketsNow));
      descriptors.add(iteratorFile(adoptSockets, request.pid()));
      bpf.put(rings, owner, descriptor(descriptors.get(Answer.RING)));
      bpf.put(pages, owner, descriptor(descriptors.get(Answer.PAGES)));
      byte[] jvm =
          bytes(Jvm.BYTES)
              .putLong(Jvm.OWNER, number)
              .putLong(Jvm.START_NS, process.startNanos())
              .putLong(Jvm.EXEC_ID, process.execs())
              .putInt(Jvm.RING_BYTES, request.ringSize())
              .putInt(Jvm.UID, uid)
              .putInt(Jvm.PIDNS_DEV, namespaceDevice)
              .putInt(Jvm.PIDNS_INO, now.pidNamespace())
              .array();
      bpf.put(jvms, key(process), jvm);
      return new Given(
          new Registered(process, number, request.ringSize(), uid),
          Answer.registered(request.ringSize(), cpus, resetReasons, lacks),
          descriptors);
    } catch (CallFailed | IOException e) {
      descriptors.forEach(UnixSocket::close);
      bpf.remove(rings, owner);
      bpf.remove(pages, owner);
      throw e instanceof CallFailed failed
          ? failed
          : new CallFailed("handing over an iterator (" + e.getMessage() + ")", 0, "");
    }
  }

  private void setUp(int pagesFd, Request request) throws CallFailed {
    byte[] control = new byte[Pages.BYTES];
    ControlMap.setUp(
        ByteBuffer.wrap(control).order(ByteOrder.nativeOrder()),
        request.netns(),
        request.ringSize(),
        tickNanos);
    bpf.put(pagesFd, descriptor(Pages.CONTROL), control);
  }

  /** An iterator over the descriptors of a JVM, as a file whose name is gone. */
  private int iteratorFile(int program, int pid) throws CallFailed, IOException {
    int link = bpf.iterator(program, Math.max(1, pid));
    Path pin = pins.resolve(HANDED + made.getAndIncrement());
    try {
      bpf.pin(link, pin.toString());
      forAll(pin);
      return UnixSocket.openPath(pin);
    } finally {
      UnixSocket.close(link);
      Files.deleteIfExists(pin);
    }
  }

  /** Forgets a JVM; the records that it has not read yet remain in its memory. */
  public void remove(Registered registered) {
    byte[] key = key(registered.process());
    byte[] value = new byte[Jvm.BYTES];
    if (bpf.get(jvms, key, value)
        && ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong(Jvm.OWNER)
            == registered.owner()) {
      bpf.remove(jvms, key);
    }
    byte[] owner = bytes(Long.BYTES).putLong(registered.owner()).array();
    bpf.remove(rings, owner);
    bpf.remove(pages, owner);
  }

  private static byte[] key(Process process) {
    return bytes(Integer.BYTES).putInt(process.tgid()).array();
  }

  private static byte[] descriptor(int fd) {
    return bytes(Integer.BYTES).putInt(fd).array();
  }

  private static ByteBuffer bytes(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
  }

  /** Gives the descriptors back; the programs go on by their pins. */
  @Override
  public void close() {
    for (int fd :
        new int[] {
          jvms, rings, pages, openSockets, socketsNow, processNow, mapsGiven, adoptSockets
        }) {
      UnixSocket.close(fd);
    }
    lock.close();
  }
}
