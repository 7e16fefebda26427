// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A recording is a row of chunks, and each one's header tells its length. The JDK's parser does not
 * compare that with the file and so answers a file cut short in ways that tell nobody what is
 * wrong.
 */
final class RecordingChunks {
  /** "FLR" and a zero byte. */
  private static final int MAGIC = 0x464c5200;

  private static final int HEADER_SIZE = 68;
  private static final int SIZE_OFFSET = 8;

  private RecordingChunks() {}

  /** Throws if the file is not a row of whole chunks. */
  static void checkWhole(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long fileSize = channel.size();
      ByteBuffer header = ByteBuffer.allocate(HEADER_SIZE);
      long start = 0;
      do {
        header.clear();
        readFully(channel, header, start, file);
        if (header.getInt(0) != MAGIC) {
          throw new IOException(
              file + " is not a flight recording: no chunk starts at byte " + start);
        }
        long size = header.getLong(SIZE_OFFSET);
        if (size < HEADER_SIZE) {
          throw new IOException(
              file + " is not finished: the chunk at byte " + start + " has no size yet");
        }
        if (size > fileSize - start) {
          throw cut(file, start, fileSize - start, size);
        }
        start += size;
      } while (start < fileSize);
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer header, long start, Path file)
      throws IOException {
    while (header.hasRemaining()) {
      if (channel.read(header, start + header.position()) < 0) {
        throw cut(file, start, header.position(), HEADER_SIZE);
      }
    }
  }

  private static IOException cut(Path file, long start, long there, long needed) {
    return new EOFException(
        file
            + " is cut short: the chunk at byte "
            + start
            + " needs "
            + needed
            + " bytes and has "
            + there);
  }
}
