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
@SuppressWarnings("try") // silence is kept, not used
final class JnaLibBpf implements LibBpf {
  private static final int LOG_BYTES = 1 << 16;
  private static final long BPF_NOEXIST = 1;
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
    // libbpf prints to standard error, which is the application's; errors come back as numbers.
    try (Silence silence = new Silence()) {
      Pointer object =
          NativeLibBpf.bpf_object__open_mem(
              Native.getDirectBufferPointer(image), image.capacity(), null);
      if (object == null) {
        throw failed("opening the BPF object");
      }
      return new JnaObject(object, programs);
    }
  }

  @Override
  public KernelTypes kernelTypes() throws CallFailed {
    return new JnaKernelTypes();
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
    try (Silence silence = new Silence()) {
      int cpus = NativeLibBpf.libbpf_num_possible_cpus();
      if (cpus <= 0) {
        throw new CallFailed("counting the CPUs in /sys/devices/system/cpu/possible", -cpus, "");
      }
      return cpus;
    }
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
    int epoll = NativeLibC.epoll_create1(NativeLibC.EPOLL_CLOEXEC);
    if (epoll < 0) {
      throw failed("epoll_create1");
    }
    int eventFd = NativeLibC.eventfd(0, NativeLibC.EFD_CLOEXEC | NativeLibC.EFD_NONBLOCK);
    try {
      if (eventFd < 0) {
        throw failed("eventfd");
      }
      add(epoll, ringFd);
      add(epoll, eventFd);
    } catch (CallFailed e) {
      NativeLibC.close(eventFd);
      NativeLibC.close(epoll);
      throw e;
    }
    return new Wakeups() {
      private final byte[] events = new byte[16];

      @Override
      public void await(int millis) {
        NativeLibC.epoll_wait(epoll, events, 1, millis);
      }

      @Override
      public void wake() {
        NativeLibC.write(eventFd, new long[] {1}, Long.BYTES);
      }

      @Override
      public void close() {
        NativeLibC.close(eventFd);
        NativeLibC.close(epoll);
      }
    };
  }

  /** Edge-triggered: a level would return for as long as one record waits, fill mark or not. */
  private static void add(int epoll, int fd) throws CallFailed {
    byte[] event = new byte[16];
    ByteBuffer.wrap(event)
        .order(ByteOrder.nativeOrder())
        .putInt(NativeLibC.EPOLLIN | NativeLibC.EPOLLET);
    if (NativeLibC.epoll_ctl(epoll, NativeLibC.EPOLL_CTL_ADD, fd, event) != 0) {
      throw failed("epoll_ctl");
    }
  }

  private static CallFailed failed(String call) {
    return new CallFailed(call, Native.getLastError(), "");
  }

  private static final class JnaObject implements LoadedObject {
    private final Pointer object;
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
      ByteBuffer log = ByteBuffer.allocateDirect(LOG_BYTES);
      for (String program : programs) {
        NativeLibBpf.bpf_program__set_log_buf(
            program(program), Native.getDirectBufferPointer(log), LOG_BYTES);
      }
      try (Silence silence = new Silence()) {
        int result = NativeLibBpf.bpf_object__load(object);
        if (result != 0) {
          throw new CallFailed("loading " + what, -result, text(log));
        }
      }
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
    public void attach(String program) throws CallFailed {
      try (Silence silence = new Silence()) {
        Pointer link = NativeLibBpf.bpf_program__attach(program(program));
        if (link == null) {
          throw failed("attaching BPF program " + program);
        }
        links.add(link);
      }
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
      try (Silence silence = new Silence()) {
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
      return pieces -> readIterator(program, fd, pieces);
    }

    private static int createIterator(String program, int link) throws CallFailed {
      int iterator = NativeLibBpf.bpf_iter_create(link);
      if (iterator < 0) {
        throw new CallFailed("creating BPF iterator " + program, -iterator, "");
      }
      return iterator;
    }

    private static void readIterator(String program, int link, Consumer<ByteBuffer> pieces)
        throws CallFailed {
      int iterator = createIterator(program, link);
      try {
        ByteBuffer buffer =
            ByteBuffer.allocateDirect(ITERATOR_BYTES).order(ByteOrder.nativeOrder());
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

    @Override
    public void close() {
      for (Pointer link : links) {
        NativeLibBpf.bpf_link__destroy(link);
      }
      links.clear();
      NativeLibBpf.bpf_object__close(object);
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

    private static String text(ByteBuffer log) {
      int end = 0;
      while (end < log.capacity() && log.get(end) != 0) {
        end++;
      }
      byte[] bytes = new byte[end];
      log.get(0, bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
