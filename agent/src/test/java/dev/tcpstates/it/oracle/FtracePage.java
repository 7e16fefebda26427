// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * One page of ftrace's ring buffer, as trace_pipe_raw gives it out. Its layout is described by
 * events/header_page and events/header_event, and in the kernel's include/linux/ring_buffer.h.
 */
final class FtracePage {
  private static final int COMMIT_OFFSET = 8;
  private static final int DATA_OFFSET = 16;
  private static final int LENGTH_MASK = 0xfffff;
  private static final int MISSED_EVENTS = 1 << 31;

  private static final int LENGTH_IN_ARRAY = 0;
  private static final int PADDING = 29;
  private static final int TIME_EXTEND = 30;
  private static final int TIME_STAMP = 31;
  private static final int DELTA_BITS = 27;

  private FtracePage() {}

  /**
   * Hands over the page's records.
   *
   * @param page in the machine's byte order, which must be little-endian
   */
  static void read(ByteBuffer page, FtraceFormat format, Consumer<FtraceRow> consumer) {
    long time = page.getLong(0);
    int commit = page.getInt(COMMIT_OFFSET);
    if ((commit & MISSED_EVENTS) != 0) {
      throw new IllegalStateException("ftrace lost records: its buffer was too small");
    }
    int at = DATA_OFFSET;
    int end = DATA_OFFSET + (commit & LENGTH_MASK);
    while (at < end) {
      int header = page.getInt(at);
      int type = header & 31;
      long delta = header >>> 5;
      int length = at + 4 < end ? page.getInt(at + 4) : 0; // of some types only
      switch (type) {
        case PADDING -> {
          if (delta == 0) {
            return; // up to the page's end
          }
          time += delta;
          at += 4 + length; // a record that the filter took back
        }
        case TIME_EXTEND -> {
          time += (Integer.toUnsignedLong(length) << DELTA_BITS) + delta;
          at += 8;
        }
        case TIME_STAMP -> {
          time = (Integer.toUnsignedLong(length) << DELTA_BITS) + delta;
          at += 8;
        }
        case LENGTH_IN_ARRAY -> {
          time += delta;
          consumer.accept(format.row(page, at + 8, time));
          at += 4 + length;
        }
        default -> {
          time += delta;
          consumer.accept(format.row(page, at + 4, time));
          at += 4 + 4 * type;
        }
      }
    }
  }
}
