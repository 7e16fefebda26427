// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The real libbpf. */
@SuppressWarnings("try") // blocked signals are kept, not used
final class JnaLibBpf implements LibBpf {
  /**
   * Of the verifier's trace, which takes up to 256 KB here. One that did not fit would make ENOSPC
   * of each error. What is not written takes no memory.
   */
  private static final int LOG_BYTES = 1 << 24;

  private static final long BPF_NOEXIST = 1;

  /** Those below are the application's standard input, output and error. */
  private static final int FIRST_DESCRIPTOR = 3;

  private static final String POSSIBLE_CPUS = "/sys/devices/system/cpu/possible";
  private static final int CPU_LIST_BYTES = 1 << 12;
  private static final int ITERATOR_BYTES = 1 << 16;

  private final LibBpfSource source;

  /**
   * Stands for the library that {@link LibBpfLoader} has bound.
   *
   * @param source where that library is from
   */
  JnaLibBpf(LibBpfSource source) {
    this.source = source;
  }

  @Override
  public String version() {
    return NativeLibBpf.libbpf_version_string() + " (" + source + ")";
  }

  @Override
  public LoadedObject open(ByteBuffer image, String... programs) throws CallFailed {
    Pointer object =
        NativeLibBpf.bpf_object__open_mem(
            Native.getDirectBufferPointer(image), image.capacity(), null);
    if (object == null) {
      throw failed("opening the BPF object");
    }
    return new JnaObject(object, programs);
  }

  @Override
  public KernelTypes kernelTypes() throws CallFailed {
    return new JnaKernelTypes();
  }

  @Override
  public int duplicate(int fd) throws CallFailed {
    int copy = NativeLibC.fcntl(fd, NativeLibC.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR);
    if (copy < 0) {
      throw failed("fcntl");
    }
    return copy;
  }

  @Override
  public void close(int fd) {
    NativeLibC.close(fd);
  }

  @Override
  public boolean putIfAbsent(int map, int socket, byte[] value) {
    return NativeLibBpf.bpf_map_update_elem(map, new int[] {socket}, value, BPF_NOEXIST) == 0;
  }

  @Override
  public int pid() {
    // Not ProcessHandle's, which starts a thread pool of the JDK.
    return NativeLibC.getpid();
  }

  @Override
  public int possibleCpus() throws CallFailed {
    // Not libbpf_num_possible_cpus: it leaves out the gaps.
    int file = NativeLibC.open(POSSIBLE_CPUS, NativeLibC.O_RDONLY | NativeLibC.O_CLOEXEC);
    if (file < 0) {
      throw failed("reading " + POSSIBLE_CPUS);
    }
    ByteBuffer text = ByteBuffer.allocateDirect(CPU_LIST_BYTES);
    long length = NativeLibC.read(file, Native.getDirectBufferPointer(text), text.capacity());
    CallFailed failed = failed("reading " + POSSIBLE_CPUS);
    NativeLibC.close(file);
    if (length < 0) {
      throw failed;
    }
    return cpuNumbers(StandardCharsets.US_ASCII.decode(text.limit((int) length)).toString());
  }

  /**
   * Returns the last number of a list, and one more.
   *
   * @param list numbers and ranges in ascending order, such as {@code 0-3,8-11}
   */
  static int cpuNumbers(String list) {
    String[] numbers = list.strip().split("[,-]");
    return Integer.parseInt(numbers[numbers.length - 1]) + 1;
  }

  @Override
  public int tickNanos() {
    // This clock is read from what the last tick has stored.
    long[] resolution = new long[2];
    int result = NativeLibC.clock_getres(NativeLibC.CLOCK_MONOTONIC_COARSE, resolution);
    return result == 0 ? (int) resolution[1] : 0;
  }

  @Override
  public int pageSize() {
    return NativeLibC.getpagesize();
  }

  @Override
  public ByteBuffer memory(int fd, long offset, long length, boolean writable) throws CallFailed {
    int protection = NativeLibC.PROT_READ | (writable ? NativeLibC.PROT_WRITE : 0);
    Pointer memory = NativeLibC.mmap(null, length, protection, NativeLibC.MAP_SHARED, fd, offset);
    if (Pointer.nativeValue(memory) == -1) {
      throw failed("mapping the memory of a BPF map");
    }
    return memory.getByteBuffer(0, length).order(ByteOrder.nativeOrder());
  }

  @Override
  public void unmap(ByteBuffer memory) {
    NativeLibC.munmap(Native.getDirectBufferPointer(memory), memory.capacity());
  }

  @Override
  public Wakeups wakeups(int ringFd) throws CallFailed {
    return new EpollWakeups(ringFd);
  }

  @Override
  public Listing listing(String program, int file) {
    return pieces -> {
      int flags = NativeLibC.O_RDONLY | NativeLibC.O_CLOEXEC;
      int iterator = NativeLibC.open("/proc/self/fd/" + file, flags);
      if (iterator < 0) {
        throw failed("opening BPF iterator " + program);
      }
      readIterator(program, iterator, pieces);
    };
  }

  static int createIterator(String program, int link) throws CallFailed {
    int iterator = NativeLibBpf.bpf_iter_create(link);
    if (iterator < 0) {
      throw new CallFailed("creating BPF iterator " + program, -iterator, "");
    }
    return iterator;
  }

  /** Reads an iterator to its end, and closes it. */
  static void readIterator(String program, int iterator, Consumer<ByteBuffer> pieces)
      throws CallFailed {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(ITERATOR_BYTES).order(ByteOrder.nativeOrder());
      Pointer memory = Native.getDirectBufferPointer(buffer);
      while (true) {
        long length = NativeLibC.read(iterator, memory, ITERATOR_BYTES);
        if (length > 0) {
          pieces.accept(buffer.limit((int) length));
          buffer.clear();
        } else if (length == 0) {
          return;
        } else if (Native.getLastError() != Errno.EAGAIN) {
          throw failed("reading BPF iterator " + program);
        }
        // EAGAIN: a million objects went by without a record (kernel/bpf/bpf_iter.c).
      }
    } finally {
      NativeLibC.close(iterator);
    }
  }

  static CallFailed failed(String call) {
    return new CallFailed(call, Native.getLastError(), "");
  }

  private static final class JnaObject implements LoadedObject {
    private Pointer object;
    private final String[] programs;
    private final List<Pointer> links = new ArrayList<>();

    JnaObject(Pointer object, String... programs) {
      this.object = object;
      this.programs = programs;
    }

    @Override
    public void setMaxEntries(String map, int entries) throws CallFailed {
      int result = NativeLibBpf.bpf_map__set_max_entries(map(map), entries);
      if (result != 0) {
        throw new CallFailed("sizing BPF map " + map, -result, "");
      }
    }

    @Override
    public void leaveOut(String program) throws CallFailed {
      int result = NativeLibBpf.bpf_program__set_autoload(program(program), (byte) 0);
      if (result != 0) {
        throw new CallFailed("leaving out BPF program " + program, -result, "");
      }
    }

    @Override
    public void useMap(String map, int fd) throws CallFailed {
      int result = NativeLibBpf.bpf_map__reuse_fd(map(map), fd);
      if (result != 0) {
        throw new CallFailed("sharing BPF map " + map, -result, "");
      }
    }

    @Override
    public void load(String what) throws CallFailed {
      Pointer log =
          NativeLibC.mmap(
              null,
              LOG_BYTES,
              NativeLibC.PROT_READ | NativeLibC.PROT_WRITE,
              NativeLibC.MAP_PRIVATE | NativeLibC.MAP_ANONYMOUS,
              -1,
              0);
      if (Pointer.nativeValue(log) == -1) {
        throw failed("mapping memory for the verifier's log");
      }
      try {
        load(what, log);
      } finally {
        NativeLibC.munmap(log, LOG_BYTES);
      }
    }

    private void load(String what, Pointer log) throws CallFailed {
      for (String program : programs) {
        NativeLibBpf.bpf_program__set_log_buf(program(program), log, LOG_BYTES);
      }
      try (BlockedSignals blocked = new BlockedSignals()) {
        int result = NativeLibBpf.bpf_object__load(object);
        if (result != 0) {
          String text = log.getString(0, StandardCharsets.UTF_8.name());
          throw new CallFailed("loading " + what, -result, text);
        }
      }
    }

    @Override
    public void setInnerMap(String map, int fd) throws CallFailed {
      int result = NativeNodeBpf.bpf_map__set_inner_map_fd(map(map), fd);
      if (result != 0) {
        throw new CallFailed("sizing the maps in BPF map " + map, -result, "");
      }
    }

    @Override
    public int programFd(String program) throws CallFailed {
      int fd = NativeNodeBpf.bpf_program__fd(program(program));
      if (fd < 0) {
        throw new CallFailed("BPF program " + program, -fd, "");
      }
      return fd;
    }

    @Override
    public int mapFd(String map) throws CallFailed {
      int fd = NativeLibBpf.bpf_map__fd(map(map));
      if (fd < 0) {
        throw new CallFailed("BPF map " + map, -fd, "");
      }
      return fd;
    }

    @Override
    public int attach(String program) throws CallFailed {
      Pointer link = NativeLibBpf.bpf_program__attach(program(program));
      if (link == null) {
        throw failed("attaching BPF program " + program);
      }
      links.add(link);
      return NativeLibBpf.bpf_link__fd(link);
    }

    @Override
    public Listing attachTaskIterator(String program) throws CallFailed {
      // union bpf_iter_link_info: tid, pid, pid_fd
      Pointer link = iteratorLink(program, 4, NativeLibC.getpid());
      return listing(program, link == null ? iteratorLink(program, 0, 0) : link);
    }

    @Override
    public Listing attachIterator(String program) throws CallFailed {
      return listing(program, iteratorLink(program, 0, 0));
    }

    /** Attaches with one number of union bpf_iter_link_info, the others being 0. */
    private Pointer iteratorLink(String program, int offset, int number) throws CallFailed {
      ByteBuffer info = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
      info.putInt(offset, number);
      // struct bpf_iter_attach_opts: size, pointer to the union, its size
      ByteBuffer options = ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder());
      options.putLong(0, options.capacity());
      options.putLong(8, Pointer.nativeValue(Native.getDirectBufferPointer(info)));
      options.putInt(16, info.capacity());
      try {
        return NativeLibBpf.bpf_program__attach_iter(
            program(program), Native.getDirectBufferPointer(options));
      } finally {
        Reference.reachabilityFence(info);
      }
    }

    private Listing listing(String program, Pointer link) throws CallFailed {
      if (link == null) {
        throw failed("attaching BPF iterator " + program);
      }
      links.add(link);
      int fd = NativeLibBpf.bpf_link__fd(link);
      NativeLibC.close(createIterator(program, fd)); // what is refused is refused now
      return pieces -> readIterator(program, createIterator(program, fd), pieces);
    }

    @Override
    public void releaseDescriptors() {
      // A link keeps its program, a program its maps. libbpf's links don't refer to the object.
      NativeLibBpf.bpf_object__close(object);
      object = null;
    }

    @Override
    public void close() {
      for (Pointer link : links) {
        NativeLibBpf.bpf_link__destroy(link);
      }
      links.clear();
      if (object != null) {
        releaseDescriptors();
      }
    }

    private Pointer map(String name) throws CallFailed {
      Pointer map = NativeLibBpf.bpf_object__find_map_by_name(object, name);
      if (map == null) {
        throw new CallFailed("BPF map " + name, Errno.ENOENT, "");
      }
      return map;
    }

    private Pointer program(String name) throws CallFailed {
      Pointer program = NativeLibBpf.bpf_object__find_program_by_name(object, name);
      if (program == null) {
        throw new CallFailed("BPF program " + name, Errno.ENOENT, "");
      }
      return program;
    }
  }
}
