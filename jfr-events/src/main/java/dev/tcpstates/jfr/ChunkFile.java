// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One chunk in a file of its own, for the JDK's parser reads files only: the recording's if it has
 * no other chunk, else a copy. So one that is damaged doesn't keep the others from being read, and
 * one that is cut short can be mended.
 */
final class ChunkFile implements AutoCloseable {
  private final Path path;
  private final boolean copy;

  private ChunkFile(Path path, boolean copy) {
    this.path = path;
    this.copy = copy;
  }

  /** Null if the chunk is cut before the first of what can be mended. */
  static ChunkFile open(Chunk chunk) throws IOException {
    if (chunk.problem() == null && chunk.size() == Files.size(chunk.file())) {
      return new ChunkFile(chunk.file(), false);
    }
    ChunkFile copied = new ChunkFile(Files.createTempFile("tcpstates", ".jfr"), true);
    try {
      copied.copy(chunk);
      if (chunk.problem() == null || copied.mend()) {
        return copied;
      }
    } catch (IOException | RuntimeException e) {
      copied.close();
      throw e;
    }
    copied.close();
    return null;
  }

  private void copy(Chunk chunk) throws IOException {
    try (FileChannel from = FileChannel.open(chunk.file());
        FileChannel to = FileChannel.open(path, StandardOpenOption.WRITE)) {
      long done = 0;
      while (done < chunk.size()) {
        long more = from.transferTo(chunk.offset() + done, chunk.size() - done, to);
        if (more <= 0) {
          throw new EOFException(chunk.file() + " has become shorter while it was read");
        }
        done += more;
      }
    }
  }

  /** Ends the chunk where all that was written before can be read. */
  private boolean mend() throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer chunk = channel.map(FileChannel.MapMode.PRIVATE, 0, channel.size());
      FlushPoint last = FlushPoint.last(chunk);
      if (last == null) {
        return false;
      }
      channel.truncate(last.end());
      channel.write(last.header(chunk), 0);
      return true;
    }
  }

  Path path() {
    return path;
  }

  /** To be called when it is open: where the system allows it, nothing is left if we are killed. */
  void opened() {
    try {
      close();
    } catch (IOException e) {
      // Not before it is closed, then.
    }
  }

  @Override
  public void close() throws IOException {
    if (copy) {
      Files.deleteIfExists(path);
    }
  }
}
