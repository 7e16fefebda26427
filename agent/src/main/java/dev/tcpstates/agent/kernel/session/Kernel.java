// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.KernelTypes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the running kernel has of what not every kernel has, by its own description (BTF).
 *
 * @param extras those that it has a place for
 * @param resetReasons the names of its reasons for a reset, by their numbers; none for 0
 * @param lacks what there can't be, and why
 */
record Kernel(Set<Extra> extras, Map<Integer, String> resetReasons, List<String> lacks) {
  private static final String RESET_REASON = "SK_RST_REASON_";

  static Kernel running(LibBpf lib) throws CallFailed {
    KernelTypes types = lib.kernelTypes();
    try {
      Set<Extra> extras = EnumSet.allOf(Extra.class);
      extras.removeIf(extra -> !extra.hasPlaceIn(types));
      List<String> lacks = new ArrayList<>();
      EnumSet.complementOf(EnumSet.copyOf(extras))
          .forEach(extra -> lacks.add(extra.withoutPlace()));
      Stream.of(KernelField.values())
          .filter(field -> !field.isIn(types))
          .forEach(field -> lacks.add(field.missing()));
      Map<Integer, String> reasons =
          types.enumeration("sk_rst_reason").entrySet().stream()
              .filter(reason -> reason.getKey() != 0)
              .collect(
                  Collectors.toUnmodifiableMap(
                      Map.Entry::getKey, reason -> withoutPrefix(reason.getValue())));
      return new Kernel(extras, reasons, lacks);
    } finally {
      types.close();
    }
  }

  private static String withoutPrefix(String reason) {
    return reason.startsWith(RESET_REASON) ? reason.substring(RESET_REASON.length()) : reason;
  }
}
