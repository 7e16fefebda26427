// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

/**
 * The texts of sixteen bytes, of which a JVM sees the same few again and again. A small table that
 * forgets: a socket's records come close together. Not thread-safe.
 */
public final class TextCache {
  /** Makes the text of sixteen bytes. */
  public interface Format {
    public String text(long first, long second);
  }

  private static final int SLOTS = 256;

  private final long[] keys = new long[SLOTS * 2];
  private final String[] texts = new String[SLOTS];
  private final Format format;

  public TextCache(Format format) {
    this.format = format;
  }

  public String text(long first, long second) {
    long mixed = (first * 31 + second) * 0x9E3779B97F4A7C15L;
    int slot = (int) (mixed >>> 56);
    if (texts[slot] == null || keys[slot * 2] != first || keys[slot * 2 + 1] != second) {
      texts[slot] = format.text(first, second);
      keys[slot * 2] = first;
      keys[slot * 2 + 1] = second;
    }
    return texts[slot];
  }
}
