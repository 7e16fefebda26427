// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import dev.tcpstates.jfr.SocketTimeline;

/** Which of the sockets on the machine are compared. */
public interface Load {
  /** For people. */
  String name();

  /** Whether a socket that ftrace saw is one of them. */
  boolean has(FtraceSocket socket);

  /** Whether a socket of the recording is one of them. */
  boolean has(SocketTimeline timeline);

  /** Whether a transition that bcc alone saw, by its ports, is of one of them. */
  boolean has(Step step);
}
