// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.LibBpf.CallFailed;
import dev.tcpstates.agent.bpf.LibBpf.KernelTypes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the running kernel has of what not every kernel has.
 *
 * @param tracepoints those that can be used
 * @param resetReasons the names of its reasons for a reset, by their numbers; none for 0
 * @param lacks what there can't be, and why
 */
record Kernel(Set<Tracepoint> tracepoints, Map<Integer, String> resetReasons, List<String> lacks) {
  private static final String RESET_REASON = "SK_RST_REASON_";

  static Kernel running(LibBpf lib) throws CallFailed {
    KernelTypes types = lib.kernelTypes();
    try {
      Set<Tracepoint> tracepoints = EnumSet.noneOf(Tracepoint.class);
      List<String> lacks = new ArrayList<>();
      for (Tracepoint tracepoint : Tracepoint.values()) {
        if (tracepoint.isIn(types)) {
          tracepoints.add(tracepoint);
        } else {
          lacks.add(tracepoint.lackedByKernel());
        }
      }
      Map<Integer, String> reasons =
          types.enumeration("sk_rst_reason").entrySet().stream()
              .filter(reason -> reason.getKey() != 0)
              .collect(
                  Collectors.toUnmodifiableMap(
                      Map.Entry::getKey, reason -> withoutPrefix(reason.getValue())));
      return new Kernel(tracepoints, reasons, lacks);
    } finally {
      types.close();
    }
  }

  private static String withoutPrefix(String reason) {
    return reason.startsWith(RESET_REASON) ? reason.substring(RESET_REASON.length()) : reason;
  }

  /** The same kernel without what it has refused after all. */
  Kernel without(Map<String, CallFailed> programs) {
    Kernel kernel = this;
    for (Tracepoint tracepoint : tracepoints) {
      for (String program : tracepoint.programs) {
        if (programs.containsKey(program)) {
          kernel = kernel.without(tracepoint, Reasons.brief(programs.get(program)));
          break;
        }
      }
    }
    return kernel;
  }

  Kernel without(Tracepoint tracepoint, String why) {
    Set<Tracepoint> others = EnumSet.copyOf(tracepoints);
    others.remove(tracepoint);
    List<String> more = new ArrayList<>(lacks);
    more.add(tracepoint.refused(why));
    return new Kernel(others, resetReasons, more);
  }

  /** The programs that there is no place for. */
  List<String> lackedPrograms() {
    return Stream.of(Tracepoint.values())
        .filter(tracepoint -> !tracepoints.contains(tracepoint))
        .flatMap(tracepoint -> tracepoint.programs.stream())
        .toList();
  }

  /** Which events there can't be, and why; {@code null} if there can be all. */
  String missing() {
    return lacks.isEmpty() ? null : String.join("; ", lacks);
  }
}
