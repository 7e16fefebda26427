// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Instant;

/** Allows a range of counts. */
final class CountRule extends Rule {
  /** Counts a socket, once it or the recording has ended. */
  @FunctionalInterface
  interface Counter {
    long count(SocketLife socket, Instant end);
  }

  private final long least;
  private final long most;
  private final String what;
  private final Counter counter;
  private final Offenders offenders = new Offenders();
  private long count;

  CountRule(String name, long most, String what, Counter counter) {
    this(name, 0, most, what, counter);
  }

  CountRule(String name, long least, long most, String what, Counter counter) {
    super(name);
    this.least = least;
    this.most = most;
    this.what = what;
    this.counter = counter;
  }

  @Override
  void ended(SocketLife socket, Instant end) {
    long more = counter.count(socket, end);
    if (more > 0) {
      count += more;
      offenders.add(socket.opener(), socket.last(), more, Describe.socket(socket, end));
    }
  }

  @Override
  Verdict verdict() {
    boolean passed = count >= least && count <= most;
    return (count < least ? new Offenders() : offenders)
        .verdict(name(), passed, Words.count(count, what));
  }
}
