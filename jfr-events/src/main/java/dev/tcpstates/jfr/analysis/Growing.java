// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides whether connections of one kind grow in number: they are opened over a long time, and few
 * of them end. Not thread-safe.
 */
public final class Growing {
  /**
   * A program may take long to start, so only the time since its first connection counts. But if
   * that is shorter than this, the whole recording counts: what is opened at its very end may be a
   * pool that fills.
   */
  private static final Duration LEAST_TIME = Duration.ofSeconds(10);

  private Instant first;

  /** Notes a connection of the recording, whichever; also one that was open before it started. */
  public void add(SocketLife connection) {
    Instant begun = connection.begunHere() ? connection.begun() : Instant.MIN;
    first = first == null || begun.isBefore(first) ? begun : first;
  }

  /**
   * Returns over which time the connections of one kind were opened, if they grow in number. A pool
   * opens its connections in a short time, so the openings must be spread over at least half of the
   * time that counts. The last ones are left out, because they may replace those that have ended.
   *
   * @param opened when each was opened that is open at the end
   * @param ended how many others have ended
   * @param least how many more must be open than have ended; 1 or more
   * @param start when the recording started
   * @param end when it ended
   * @return {@code null} if they do not grow
   */
  public Duration over(List<Instant> opened, long ended, int least, Instant start, Instant end) {
    long added = opened.size() - ended;
    if (added < least) {
      return null;
    }
    List<Instant> inOrder = new ArrayList<>(opened);
    inOrder.sort(Comparator.naturalOrder());
    Duration over = Duration.between(inOrder.get(0), inOrder.get((int) added - 1));
    return over.multipliedBy(2).compareTo(time(start, end)) >= 0 ? over : null;
  }

  private Duration time(Instant start, Instant end) {
    if (first != null && first.isAfter(start)) {
      Duration sinceFirst = Duration.between(first, end);
      if (sinceFirst.compareTo(LEAST_TIME) >= 0) {
        return sinceFirst;
      }
    }
    return Duration.between(start, end);
  }
}
