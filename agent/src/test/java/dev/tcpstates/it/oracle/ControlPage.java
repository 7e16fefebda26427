// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.tcpstates.agent.kernel.wire.Btf;
import dev.tcpstates.it.NodeMode;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The page that an agent shares with its BPF programs: struct tcp_control of tcpstates.h. */
public final class ControlPage {
  private static final String OBJECT = "/dev/tcpstates/bpf/tcpstates.bpf.o";
  private static final String PAGES_OF_ROOT = "tcpnp00000000";
  private static final int PAGE = 4096;
  private static final int READ_WRITE = 3;
  private static final int SHARED = 1;

  private ControlPage() {}

  /** The functions of libbpf that are used. */
  interface Bpf extends Library {
    Bpf INSTANCE = Native.load("libbpf.so.1", Bpf.class);

    int bpf_map_get_fd_by_id(int id);
  }

  /** The functions of the C library that are used. */
  interface LibC extends Library {
    LibC INSTANCE = Native.load("c", LibC.class);

    Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

    int munmap(Pointer address, long length);

    int close(int fd);
  }

  /** The number of the map with the counters of another JVM's agent. */
  public static long counters(long pid) throws IOException {
    return BpfPrograms.map(pid, Btf.of(OBJECT).struct("tcp_counters").get(Btf.SIZE));
  }

  /**
   * Makes the programs of another JVM's agent wake its reader at every record. That interrupts
   * them, and what is done in the interrupt is what a program doesn't see of itself.
   *
   * @param ringSize the agent's, to know the page by
   */
  public static void wakeReaderAtEveryRecord(long pid, long ringSize) throws IOException {
    Map<String, Integer> control = Btf.of(OBJECT).struct("tcp_control");
    int wakeup = control.get("wakeup_bytes");
    boolean found = false;
    // In node mode, the first page of those of each JVM; there it wakes other JVMs of root, too.
    for (long map :
        NodeMode.isOn()
            ? BpfPrograms.named(PAGES_OF_ROOT)
            : List.of(BpfPrograms.map(pid, control.get(Btf.SIZE)))) {
      found |= wakeReaderAtEveryRecord(map, wakeup, ringSize);
    }
    if (!found) {
      throw new IllegalStateException("no control page");
    }
  }

  private static boolean wakeReaderAtEveryRecord(long map, int wakeup, long ringSize) {
    int fd = Bpf.INSTANCE.bpf_map_get_fd_by_id((int) map);
    if (fd < 0) {
      throw new IllegalStateException("no map " + map);
    }
    Pointer page = LibC.INSTANCE.mmap(null, PAGE, READ_WRITE, SHARED, fd, 0);
    LibC.INSTANCE.close(fd);
    if (Pointer.nativeValue(page) == -1) {
      throw new IllegalStateException("the control page can't be mapped");
    }
    try {
      if (page.getLong(wakeup) != ringSize / 4) {
        return false;
      }
      page.setLong(wakeup, 0);
      return true;
    } finally {
      LibC.INSTANCE.munmap(page, PAGE);
    }
  }
}
