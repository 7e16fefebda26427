// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import java.nio.ByteBuffer;

/**
 * A position at which a chunk can end. JFR writes the constants that events refer to after the
 * events: each second, and at the end of the chunk. A truncated chunk can be read up to the last of
 * these positions.
 *
 * @param end the first byte after the constants
 * @param constants where the constants are
 * @param metadata where the event types are
 */
record FlushPoint(long end, long constants, long metadata) {
  private static final int METADATA = 0;
  private static final int CONSTANTS = 1;
  private static final int FLUSH = 1;
  private static final int FLAGS_OFFSET = 67;
  private static final int FINAL_CHUNK = 1 << 1;

  /** The last one in a chunk; null if there is none. */
  static FlushPoint last(ByteBuffer chunk) {
    FlushPoint last = null;
    long metadata = -1;
    int start = Chunk.HEADER_SIZE;
    while (start + 2 * Long.BYTES <= chunk.limit()) {
      chunk.position(start);
      long size = number(chunk);
      if (size < 2 || size > chunk.limit() - start) {
        break;
      }
      long type = number(chunk);
      if (type == METADATA) {
        metadata = start;
      } else if (type == CONSTANTS && metadata > 0 && isFlush(chunk)) {
        last = new FlushPoint(start + size, start, metadata);
      }
      start += (int) size;
    }
    return last;
  }

  /**
   * Whether the constants lead back to the first ones of the chunk. Each have the distance to those
   * before them; the JDK's parser follows these distances for ever if they lead in a circle.
   *
   * @param constants where the last ones are
   */
  static boolean reachesFirst(ByteBuffer chunk, long constants) {
    long distance;
    do {
      if (constants < Chunk.HEADER_SIZE || constants >= chunk.limit()) {
        return true; // the parser fails there
      }
      chunk.position((int) constants);
      number(chunk); // size
      number(chunk); // type
      number(chunk); // start time
      number(chunk); // duration
      distance = number(chunk);
      constants += distance;
    } while (distance < 0);
    return distance == 0;
  }

  private static boolean isFlush(ByteBuffer chunk) {
    number(chunk); // start time
    number(chunk); // duration
    number(chunk); // distance to the previous constants
    return chunk.hasRemaining() && (chunk.get() & FLUSH) != 0;
  }

  /** The header of a chunk that ends here. */
  ByteBuffer header(ByteBuffer chunk) {
    ByteBuffer header = ByteBuffer.allocate(Chunk.HEADER_SIZE);
    header.put(chunk.slice(0, Chunk.HEADER_SIZE)).flip();
    header.putLong(Chunk.SIZE_OFFSET, end);
    header.putLong(Chunk.CONSTANTS_OFFSET, constants);
    header.putLong(Chunk.METADATA_OFFSET, metadata);
    // Finished, and the last chunk of the file.
    header.put(Chunk.STATE_OFFSET, (byte) 0);
    header.put(FLAGS_OFFSET, (byte) (header.get(FLAGS_OFFSET) | FINAL_CHUNK));
    return header;
  }

  /** JFR's compressed numbers: seven bits per byte, the lowest first; the ninth byte has eight. */
  private static long number(ByteBuffer from) {
    long number = 0;
    for (int shift = 0; shift < 63 && from.hasRemaining(); shift += 7) {
      byte next = from.get();
      if (shift == 56) {
        return number | (next & 0xffL) << shift;
      }
      number |= (next & 0x7fL) << shift;
      if (next >= 0) {
        break;
      }
    }
    return number;
  }
}
