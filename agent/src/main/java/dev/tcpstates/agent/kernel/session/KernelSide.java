// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import java.util.List;
import java.util.Map;

/** The programs that serve this JVM, and who has loaded them. */
interface KernelSide {
  SharedMemory shared();

  /**
   * As {@link dev.tcpstates.agent.kernel.SocketSource#adopt}. Called by any thread, at any time
   * before {@link #close}.
   */
  boolean adopt(int fd, long socketId);

  /**
   * Whether {@link #adopt} leaves it to a listing to adopt the sockets, and one is due; asked once.
   */
  boolean isAdoptionDue();

  /** The extras that the kernel has refused, and why. */
  Map<Extra, String> refused();

  /** What there can't be, and why. */
  List<String> lacks();

  /** The version of libbpf in use; {@code null} if none is. */
  String libbpfVersion();

  void close();
}
