// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The maps that node programs have made for JVMs of a user, as bpftool shows them. */
final class GivenMaps {
  private static final Pattern ID = Pattern.compile("\"id\":(\\d+),[^{}]*?\"name\":\"([^\"]+)\"");
  private static final Pattern VALUE = Pattern.compile("\"value\":\\[([^\\]]*)\\]");

  /** As {@code tcpstates.h} has it. */
  private static final int FIRST_COUNTERS = 513;

  private static final int TRANSITIONS_AT = 128;

  private GivenMaps() {}

  /** Their names. */
  static List<String> names(int uid) throws Exception {
    return find(uid).stream().map(found -> found[1]).toList();
  }

  /** How many transitions the programs have counted for the only JVM of this user. */
  static long transitions(int uid) throws Exception {
    String pages = find(uid).stream().filter(m -> m[1].startsWith("tcpnp")).findAny().get()[0];
    String dump = Tool.run("bpftool", "-j", "map", "dump", "id", pages).ok().out();
    Matcher values = VALUE.matcher(dump);
    long sum = 0;
    for (int number = 0; values.find(); number++) {
      if (number >= FIRST_COUNTERS) {
        String[] bytes = values.group(1).replace("\"", "").split(",");
        ByteBuffer value = ByteBuffer.allocate(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        for (String one : bytes) {
          value.put((byte) Integer.decode(one.strip()).intValue());
        }
        sum += value.getLong(TRANSITIONS_AT);
      }
    }
    return sum;
  }

  /** Number and name of each. */
  private static List<String[]> find(int uid) throws Exception {
    KernelTier.requireTools("bpftool");
    Matcher all = ID.matcher(Tool.run("bpftool", "-j", "map", "show").ok().out());
    List<String[]> found = new ArrayList<>();
    String end = String.format("%08x", uid);
    while (all.find()) {
      if (all.group(2).startsWith("tcpn") && all.group(2).endsWith(end)) {
        found.add(new String[] {all.group(1), all.group(2)});
      }
    }
    return found;
  }
}
