// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import com.sun.jna.Native;
import dev.tcpstates.agent.kernel.libbpf.Errno;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A lock of a folder ({@code flock}), which the kernel releases when the process ends. It works in
 * a BPF file system, where there are no files to lock. JNA must have been loaded.
 */
public final class FolderLock implements AutoCloseable {
  private final int fd;

  private FolderLock(int fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock of a folder.
   *
   * @return {@code null} if another process has it
   * @throws IOException if the folder can't be opened
   */
  public static FolderLock take(Path folder) throws IOException {
    int fd =
        NativeSockets.open(folder.toString(), NativeSockets.O_RDONLY | NativeSockets.O_CLOEXEC);
    if (fd < 0) {
      throw new IOException("open " + folder + ": " + Errno.name(Native.getLastError()));
    }
    if (NativeSockets.flock(fd, NativeSockets.LOCK_EX_NB) < 0) {
      NativeSockets.close(fd);
      return null;
    }
    return new FolderLock(fd);
  }

  @Override
  public void close() {
    NativeSockets.close(fd);
  }
}
