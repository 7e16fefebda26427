// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.wire.Layout.Given;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory of the maps that the node program has made for JVMs. A map is there for as long as
 * anybody has a descriptor or a mapping of it, whether its JVM is still registered or not. Its name
 * has the user id, so that also a later node program knows whose it is.
 */
public final class MemoryGiven {
  /** How the names begin: {@code TCPSTATES_GIVEN}. */
  private static final String START = "tcpn";

  private static final int USER_AT = START.length() + 1;
  private static final int USER_DIGITS = 8;

  private final Map<Integer, Long> byUser = new HashMap<>();

  private MemoryGiven() {}

  /**
   * The name of a map, of at most 15 characters.
   *
   * @param kind a letter
   */
  static String name(char kind, int uid) {
    return START + kind + String.format("%08x", uid);
  }

  /** Adds up what the iterator {@code maps_given} has written. */
  static MemoryGiven read(ByteBuffer maps) {
    MemoryGiven given = new MemoryGiven();
    byte[] name = new byte[USER_AT + USER_DIGITS];
    for (int at = 0; at + Given.BYTES <= maps.limit(); at += Given.BYTES) {
      maps.get(at + Given.NAME, name);
      String user = new String(name, USER_AT, USER_DIGITS, StandardCharsets.US_ASCII);
      try {
        int uid = Integer.parseUnsignedInt(user, 16);
        given.byUser.merge(uid, maps.getLong(at + Given.SIZE), Long::sum);
      } catch (NumberFormatException e) {
        // A map of somebody else, whose name begins in the same way.
      }
    }
    return given;
  }

  /** Adds what a user is to have soon. */
  public void add(int uid, long bytes) {
    byUser.merge(uid, bytes, Long::sum);
  }

  /** Returns the bytes of all. */
  public long all() {
    return byUser.values().stream().mapToLong(bytes -> bytes).sum();
  }

  /** Returns the bytes of a user's. */
  public long of(int uid) {
    return byUser.getOrDefault(uid, 0L);
  }
}
