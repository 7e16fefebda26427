// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Instant;

/** Limits the connections that this side made with the same stack. */
final class SiteRule extends Rule {
  private final long limit;
  private final Offenders sites = new Offenders();

  SiteRule(long limit) {
    super("max-connections-per-site " + limit);
    this.limit = limit;
  }

  @Override
  void ended(SocketLife socket, Instant end) {
    if (isConnect(socket)) {
      sites.add(socket.opener(), socket.last(), 0, Describe.socket(socket, end));
    }
  }

  @Override
  Verdict verdict() {
    long most = sites.most();
    sites.keepAbove(limit);
    return sites.verdict(
        name(), most <= limit, "at most " + Words.count(most, "connection") + " with one stack");
  }
}
