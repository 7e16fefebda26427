// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import java.util.Locale;

/** Where libbpf can come from. Immutable. */
public enum LibBpfSource {
  /** {@code libbpf.so.1}, wherever the system's loader finds it. */
  SYSTEM,

  /** The one in the agent's jar. */
  BUNDLED;

  /** Returns the name that users write and read: {@code system} or {@code bundled}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
