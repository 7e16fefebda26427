// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import dev.tcpstates.agent.kernel.session.MemoryGiven;

/**
 * What the JVMs of a machine can take of it at most.
 *
 * @param jvms registered JVMs, 1 to 4096
 * @param jvmsPerUser registered JVMs of one user id
 * @param ringBytes bytes of one ring
 * @param memoryBytes bytes of the rings and counters of all JVMs
 * @param memoryBytesPerUser the same of the JVMs of one user id
 */
public record NodeLimits(
    int jvms, int jvmsPerUser, int ringBytes, long memoryBytes, long memoryBytesPerUser) {
  /** Connections that have not sent their request or proof yet, of all users. */
  static final int WAITING = 1024;

  /** The same of one user. */
  static final int WAITING_PER_USER = 64;

  /** How long a connection may take for its request, and then for its proof, in ns. */
  static final long REQUEST_NANOS = 5_000_000_000L;

  private static final int SMALLEST_RING = 4096;

  /**
   * Says why a ring of this size is not given.
   *
   * @param given what JVMs have, also those that are not registered any more
   * @return {@code null} if it is
   */
  String refuseRing(int bytes, MemoryGiven given, int uid) {
    if (bytes < SMALLEST_RING || Integer.bitCount(bytes) != 1) {
      return "a ring of "
          + bytes
          + " bytes is not valid; it is a power of two, at least "
          + SMALLEST_RING;
    }
    if (bytes > ringBytes) {
      return "a ring of "
          + kilobytes(bytes)
          + " is larger than the "
          + kilobytes(ringBytes)
          + " that a JVM is given; set a smaller ringSize, or start the node program with a larger"
          + " --max-ring";
    }
    if (given.all() + bytes > memoryBytes) {
      return "the rings and counters of all JVMs have "
          + kilobytes(given.all())
          + " of "
          + kilobytes(memoryBytes)
          + "; set a smaller ringSize, or start the node program with a larger --max-memory";
    }
    if (given.of(uid) + bytes > memoryBytesPerUser) {
      return "the rings and counters of the JVMs of user id "
          + uid
          + " have "
          + kilobytes(given.of(uid))
          + " of "
          + kilobytes(memoryBytesPerUser)
          + "; set a smaller ringSize, or start the node program with a larger"
          + " --max-memory-per-user";
    }
    return null;
  }

  private static String kilobytes(long bytes) {
    return (bytes >> 10) + " KB";
  }

  /**
   * Says why a further JVM is not registered.
   *
   * @return {@code null} if it is
   */
  String refuseJvm(int registered, int ofThisUser, int uid) {
    if (registered >= jvms) {
      return registered
          + " JVMs are registered, which is the limit; start the node program with a larger"
          + " --max-jvms";
    }
    if (ofThisUser >= jvmsPerUser) {
      return ofThisUser
          + " JVMs of user id "
          + uid
          + " are registered, which is the limit; start the node program with a larger"
          + " --max-jvms-per-user";
    }
    return null;
  }
}
