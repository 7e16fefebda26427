// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import java.io.Serializable;

/** What happened to the sockets that one line of code opened. */
final class LineCounts implements Serializable {
  private static final long serialVersionUID = 1;

  final String line;
  long connects;
  long accepts;
  long handshakes;
  long failed;
  long retransmits;
  long resets;
  long stuck;

  LineCounts(String line) {
    this.line = line;
  }

  void add(LineCounts more) {
    connects += more.connects;
    accepts += more.accepts;
    handshakes += more.handshakes;
    failed += more.failed;
    retransmits += more.retransmits;
    resets += more.resets;
    stuck += more.stuck;
  }

  /** How many sockets it opened. */
  long opened() {
    return connects + accepts;
  }

  boolean isEmpty() {
    return opened() + retransmits + resets == 0;
  }
}
