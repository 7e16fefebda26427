// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The first of many names, each once. */
final class Names {
  private static final int MOST = 5;
  private static final String MORE = "...";

  private final Set<String> names = new LinkedHashSet<>();

  /** Adds a name, unless it is null. */
  void add(String name) {
    if (name != null && !names.contains(name) && names.size() <= MOST) {
      names.add(names.size() == MOST ? MORE : name);
    }
  }

  /** The names; the last is {@code ...} if there are more. */
  List<String> list() {
    return List.copyOf(names);
  }
}
