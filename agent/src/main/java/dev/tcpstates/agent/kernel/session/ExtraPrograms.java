// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Listing;
import dev.tcpstates.agent.kernel.session.ProgramLoader.Programs;
import java.util.EnumMap;
import java.util.Map;

/** The extras' programs, attached one by one; each that the kernel refuses is missing alone. */
final class ExtraPrograms {
  private final Programs programs;
  private final Map<Extra, String> refused = new EnumMap<>(Extra.class);

  /**
   * @param notLoaded those that are refused already
   */
  ExtraPrograms(Programs programs, Map<Extra, CallFailed> notLoaded) {
    this.programs = programs;
    notLoaded.forEach((extra, why) -> refused.put(extra, why.brief()));
  }

  /** Attaches the programs of an extra to their tracepoints. */
  void attach(Extra extra) {
    if (!refused.containsKey(extra)) {
      try {
        for (String program : extra.programs) {
          programs.of(program).attach(program);
        }
      } catch (CallFailed e) {
        refused.put(extra, e.brief());
      }
    }
  }

  /** Attaches the iterator of an extra; returns {@code null} if the kernel refuses it. */
  Listing iterator(Extra extra) {
    if (refused.containsKey(extra)) {
      return null;
    }
    String program = extra.programs.get(0);
    try {
      return extra == Extra.DESCRIPTORS
          ? programs.of(program).attachTaskIterator(program)
          : programs.of(program).attachIterator(program);
    } catch (CallFailed e) {
      refused.put(extra, e.brief());
      return null;
    }
  }

  /** Those that the kernel has refused, and why. */
  Map<Extra, String> refused() {
    return refused;
  }
}
