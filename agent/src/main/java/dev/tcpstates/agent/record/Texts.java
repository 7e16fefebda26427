// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How the kernel's bytes are written for people. */
public final class Texts {
  private Texts() {}

  /**
   * An address: IPv4 (also where it is mapped into IPv6) as {@code 127.0.0.1}, IPv6 as in RFC 5952,
   * which is what {@code ss} prints.
   */
  public static String address(long first, long second) {
    if (first == 0 && second >>> 32 == 0xffff) {
      return (second >>> 24 & 0xff)
          + "."
          + (second >>> 16 & 0xff)
          + "."
          + (second >>> 8 & 0xff)
          + "."
          + (second & 0xff);
    }
    int[] groups = new int[8];
    for (int i = 0; i < 4; i++) {
      groups[i] = (int) (first >>> (48 - 16 * i)) & 0xffff;
      groups[i + 4] = (int) (second >>> (48 - 16 * i)) & 0xffff;
    }
    // "::" stands for the first of the longest runs of two or more zero groups.
    int start = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  /** The name of a task, which ends at the first zero byte. */
  static String taskName(long first, long second) {
    byte[] bytes = ByteBuffer.allocate(16).putLong(first).putLong(second).array();
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
