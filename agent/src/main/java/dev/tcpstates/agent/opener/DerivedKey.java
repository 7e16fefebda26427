// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

/**
 * The key of a place that is made of two others, which are compared by identity. No record: the
 * methods that a record has of its own make a hundred classes when they are first called, which
 * would be in a thread of the application, and leave the JVM without them if there is no memory.
 */
final class DerivedKey {
  private final Object first;
  private final Object second;
  private final int number;

  /**
   * @param second may be {@code null}
   * @param number distinguishes keys of the same two places
   */
  DerivedKey(Object first, Object second, int number) {
    this.first = first;
    this.second = second;
    this.number = number;
  }

  @Override
  public int hashCode() {
    return (System.identityHashCode(first) * 31 + System.identityHashCode(second)) * 31 + number;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DerivedKey key
        && first == key.first
        && second == key.second
        && number == key.number;
  }
}
