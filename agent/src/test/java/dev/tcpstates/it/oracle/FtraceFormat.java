// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import dev.tcpstates.jfr.TcpState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the fields of the tracepoint's record lie, read from the kernel. */
final class FtraceFormat {
  private static final Pattern ID = Pattern.compile("ID: (\\d+)");
  private static final Pattern FIELD =
      Pattern.compile("\tfield:[^;]*?(\\w+)(?:\\[\\d+\\])?;\toffset:(\\d+);.*");

  private final int id;
  private final Map<String, Integer> offsets = new HashMap<>();

  /**
   * @param event the tracepoint's folder
   */
  FtraceFormat(Path event) throws IOException {
    int found = 0;
    for (String line : Files.readAllLines(event.resolve("format"))) {
      Matcher field = FIELD.matcher(line);
      Matcher number = ID.matcher(line);
      if (field.matches()) {
        offsets.put(field.group(1), Integer.parseInt(field.group(2)));
      } else if (number.matches()) {
        found = Integer.parseInt(number.group(1));
      }
    }
    id = found;
  }

  /**
   * Reads a record.
   *
   * @param at where it begins
   */
  FtraceRow row(ByteBuffer page, int at, long time) {
    int type = Short.toUnsignedInt(page.getShort(at + offset("common_type")));
    if (type != id) {
      throw new IllegalStateException("a record of type " + type + ", not " + id);
    }
    Step step =
        new Step(
            TcpState.nameOf(page.getInt(at + offset("oldstate"))),
            TcpState.nameOf(page.getInt(at + offset("newstate"))),
            address(page, at + offset("saddr_v6")),
            Short.toUnsignedInt(page.getShort(at + offset("sport"))),
            address(page, at + offset("daddr_v6")),
            Short.toUnsignedInt(page.getShort(at + offset("dport"))));
    int task = page.getInt(at + offset("common_pid"));
    return new FtraceRow(time, task, page.getLong(at + offset("skaddr")), step);
  }

  private int offset(String field) {
    Integer offset = offsets.get(field);
    if (offset == null) {
      throw new IllegalStateException("this kernel's inet_sock_set_state has no " + field);
    }
    return offset;
  }

  private static String address(ByteBuffer page, int at) {
    byte[] address = new byte[16];
    page.get(at, address);
    return Addresses.normal(address);
  }
}
