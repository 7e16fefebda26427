// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One chunk in a file of its own, because the JDK's parser reads whole files: the recording's file
 * if it has no other chunk, or else a copy. A damaged chunk then does not hinder the others, and a
 * truncated one can be repaired.
 */
final class ChunkFile implements AutoCloseable {
  private final Path path;
  private final boolean copy;

  private ChunkFile(Path path, boolean copy) {
    this.path = path;
    this.copy = copy;
  }

  /** Null if the chunk has no {@link FlushPoint}, so that nothing of it can be read. */
  static ChunkFile open(Chunk chunk) throws IOException {
    if (chunk.problem() == null && chunk.size() == Files.size(chunk.file())) {
      return new ChunkFile(chunk.file(), false);
    }
    ChunkFile copied = new ChunkFile(Files.createTempFile("tcpstates", ".jfr"), true);
    try {
      copied.copy(chunk);
      if (chunk.problem() == null || copied.repair()) {
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

  /** Ends the chunk at its last flush point. */
  private boolean repair() throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer chunk = channel.map(FileChannel.MapMode.PRIVATE, 0, channel.size());
      FlushPoint last = FlushPoint.last(chunk);
      if (last == null || !FlushPoint.reachesFirst(chunk, last.constants())) {
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

  /** Deletes a copy once it is open, so that none is left if this JVM is killed. */
  void opened() {
    try {
      close();
    } catch (IOException e) {
      // Not every system deletes an open file; close() will.
    }
  }

  @Override
  public void close() throws IOException {
    if (copy) {
      Files.deleteIfExists(path);
    }
  }
}
