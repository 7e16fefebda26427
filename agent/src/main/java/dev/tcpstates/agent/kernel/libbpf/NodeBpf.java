// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import java.io.ByteArrayOutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** What the node program does with maps, pins and iterators. Thread-safe. */
public final class NodeBpf {
  private static final int BPF_MAP_TYPE_ARRAY = 2;
  private static final int BPF_MAP_TYPE_RINGBUF = 27;
  private static final int BPF_F_MMAPABLE = 1 << 10;
  private static final int BPF_TRACE_ITER = 28;

  /** {@code struct bpf_map_create_opts}: flags come after size_t and five numbers. */
  private static final int MAP_OPTIONS_BYTES = 48;

  private static final int MAP_FLAGS = 28;

  private NodeBpf() {}

  /**
   * Loads libbpf, and what the node program uses of it beyond the agent.
   *
   * @throws BpfException if it can't be loaded
   */
  public static NodeBpf load() throws BpfException {
    LibBpfLoader.bindNode();
    return new NodeBpf();
  }

  /**
   * Makes a ring buffer.
   *
   * @param name at most 15 letters, digits and underscores
   * @param bytes a power of two, at least a page
   * @return its descriptor
   */
  public int createRing(String name, int bytes) throws CallFailed {
    return created(NativeNodeBpf.bpf_map_create(BPF_MAP_TYPE_RINGBUF, name, 0, 0, bytes, null));
  }

  /** Makes an array that can be mapped, with such a name; returns its descriptor. */
  public int createArray(String name, int valueBytes, int entries) throws CallFailed {
    ByteBuffer options =
        ByteBuffer.allocateDirect(MAP_OPTIONS_BYTES).order(ByteOrder.nativeOrder());
    options.putLong(0, options.capacity()).putInt(MAP_FLAGS, BPF_F_MMAPABLE);
    try {
      return created(
          NativeNodeBpf.bpf_map_create(
              BPF_MAP_TYPE_ARRAY,
              name,
              Integer.BYTES,
              valueBytes,
              entries,
              Native.getDirectBufferPointer(options)));
    } finally {
      Reference.reachabilityFence(options);
    }
  }

  private static int created(int fd) throws CallFailed {
    return checked("making a BPF map", fd);
  }

  private static int checked(String call, int result) throws CallFailed {
    if (result < 0) {
      throw new CallFailed(call, -result, "");
    }
    return result;
  }

  /** Sets an entry of a map. */
  public void put(int map, byte[] key, byte[] value) throws CallFailed {
    checked("changing a BPF map", NativeNodeBpf.bpf_map_update_elem(map, key, value, 0));
  }

  /** Reads an entry of a map into {@code value}; returns whether there is one. */
  public boolean get(int map, byte[] key, byte[] value) {
    return NativeNodeBpf.bpf_map_lookup_elem(map, key, value) == 0;
  }

  /** Removes an entry of a map, if there is one. */
  public void remove(int map, byte[] key) {
    NativeNodeBpf.bpf_map_delete_elem(map, key);
  }

  /** Returns the keys of a map, which nobody may change meanwhile. */
  public List<byte[]> keys(int map, int keyBytes) {
    List<byte[]> keys = new ArrayList<>();
    byte[] next = new byte[keyBytes];
    byte[] last = null;
    while (NativeNodeBpf.bpf_map_get_next_key(map, last, next) == 0) {
      last = next.clone();
      keys.add(last);
    }
    return keys;
  }

  /** Gives an object a name in a BPF file system, which keeps it. */
  public void pin(int fd, String path) throws CallFailed {
    checked("pinning " + path, NativeNodeBpf.bpf_obj_pin(fd, path));
  }

  /** Opens the object of a name; returns its descriptor. */
  public int open(String path) throws CallFailed {
    return checked("opening " + path, NativeNodeBpf.bpf_obj_get(path));
  }

  /**
   * Attaches an iterator.
   *
   * @param program its descriptor
   * @param pid the process whose tasks it walks, in the PID namespace of who reads it, where the
   *     kernel is new enough for that (6.1); 0: all there is
   * @return the link's descriptor
   */
  public int iterator(int program, int pid) throws CallFailed {
    int link = link(program, pid);
    return checked("attaching a BPF iterator", link < 0 && pid != 0 ? link(program, 0) : link);
  }

  private static int link(int program, int pid) {
    // union bpf_iter_link_info: tid, pid, pid_fd
    ByteBuffer info = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    info.putInt(4, pid);
    // struct bpf_link_create_opts: size, flags, pointer to the union, its size, and more that is 0
    ByteBuffer options = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
    options.putLong(0, options.capacity());
    if (pid != 0) {
      options.putLong(16, Pointer.nativeValue(Native.getDirectBufferPointer(info)));
      options.putInt(24, info.capacity());
    }
    try {
      return NativeNodeBpf.bpf_link_create(
          program, 0, BPF_TRACE_ITER, Native.getDirectBufferPointer(options));
    } finally {
      Reference.reachabilityFence(info);
    }
  }

  /** Runs an iterator, and returns what it writes. */
  public ByteBuffer read(int link) throws CallFailed {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    JnaLibBpf.readIterator(
        "of the node program",
        JnaLibBpf.createIterator("of the node program", link),
        piece -> {
          byte[] bytes = new byte[piece.remaining()];
          piece.get(bytes);
          all.writeBytes(bytes);
        });
    return ByteBuffer.wrap(all.toByteArray()).order(ByteOrder.nativeOrder());
  }
}
