// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Map;

/** Limits how many more connections a stack has opened than ended. */
final class GrowthRule extends Rule {
  private final long limit;
  private final Map<Opener, Long> ended = new IdentityHashMap<>();
  private final Offenders open = new Offenders();

  GrowthRule(long limit) {
    super("max-open-growth " + limit);
    this.limit = limit;
  }

  @Override
  void ended(SocketLife socket, Instant end) {
    if (!isCertain(socket)) {
      return;
    }
    if (end == null && !socket.begunHere()) {
      ended.merge(socket.opener(), 1L, Long::sum);
    } else if (end != null && socket.begunHere()) {
      open.add(socket.opener(), socket.last(), 0, Describe.socket(socket, end));
    }
  }

  @Override
  Verdict verdict() {
    open.subtract(ended);
    long most = open.most();
    open.keepAbove(limit);
    return open.verdict(
        name(),
        most <= limit,
        "at most " + Words.count(most, "more open connection") + " with one stack than before");
  }
}
