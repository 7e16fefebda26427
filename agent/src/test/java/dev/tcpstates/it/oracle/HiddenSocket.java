// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Hides a socket of another JVM from its agent's programs, from now to its end: takes away its
 * mark. That is what a kernel looks like from which a program is kept while the socket ends.
 */
public final class HiddenSocket {
  private static final int SK_STORAGE_MAP = 24; // BPF_MAP_TYPE_SK_STORAGE
  private static final int PIDFD_OPEN = 434;
  private static final int PIDFD_GETFD = 438;
  private static final int INODE_COLUMN = 9;

  private HiddenSocket() {}

  /** The functions of libbpf that are used. */
  interface Bpf extends Library {
    Bpf INSTANCE = Native.load("libbpf.so.1", Bpf.class);

    int bpf_map_get_fd_by_id(int id);

    int bpf_map_delete_elem(int map, int[] key);
  }

  /** The functions of the C library that are used. */
  interface LibC extends Library {
    LibC INSTANCE = Native.load("c", LibC.class);

    int syscall(int number, int first, int second, int third);

    int close(int fd);
  }

  /** Hides the socket that has these ports. */
  public static void hide(long pid, int localPort, int port) throws IOException {
    long id = FdInfo.of(pid, "map_type:\t" + SK_STORAGE_MAP).get(0).number("map_id:");
    int map = checked(Bpf.INSTANCE.bpf_map_get_fd_by_id((int) id), "bpf_map_get_fd_by_id");
    int process = checked(LibC.INSTANCE.syscall(PIDFD_OPEN, (int) pid, 0, 0), "pidfd_open");
    int theirs = descriptor(pid, inode(pid, localPort, port));
    int socket = checked(LibC.INSTANCE.syscall(PIDFD_GETFD, process, theirs, 0), "pidfd_getfd");
    try {
      checked(Bpf.INSTANCE.bpf_map_delete_elem(map, new int[] {socket}), "bpf_map_delete_elem");
    } finally {
      List.of(socket, process, map).forEach(LibC.INSTANCE::close);
    }
  }

  private static int checked(int result, String call) {
    if (result < 0) {
      throw new IllegalStateException(call + " failed");
    }
    return result;
  }

  private static String inode(long pid, int localPort, int port) throws IOException {
    String local = String.format(Locale.ROOT, ":%04X", localPort);
    String remote = String.format(Locale.ROOT, ":%04X", port);
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
        String[] columns = line.strip().split("\\s+");
        if (columns[1].endsWith(local) && columns[2].endsWith(remote)) {
          return columns[INODE_COLUMN];
        }
      }
    }
    throw new IllegalStateException("no socket with the ports " + localPort + " and " + port);
  }

  private static int descriptor(long pid, String inode) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : open.toList()) {
        if (Files.isSymbolicLink(descriptor)
            && Files.readSymbolicLink(descriptor).toString().equals("socket:[" + inode + "]")) {
          return Integer.parseInt(descriptor.getFileName().toString());
        }
      }
    }
    throw new IllegalStateException("no descriptor of inode " + inode);
  }
}
