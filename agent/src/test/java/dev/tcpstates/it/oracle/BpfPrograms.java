// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import dev.tcpstates.it.NodeMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The BPF programs of a process, and their maps. The process may have closed their descriptors:
 * then its links keep the programs, and the programs the maps. In node mode, they are those of the
 * node program, by its pins.
 */
final class BpfPrograms {
  private static final String PROGRAM = "prog_id:";
  private static final Pattern MAPS = Pattern.compile("\"map_ids\":\\[([0-9,]+)\\]");

  private BpfPrograms() {}

  /** What {@code bpftool -j prog show} says of each program, in the order of their loading. */
  static List<String> of(long pid) throws IOException {
    Set<Long> ids = new TreeSet<>();
    for (FdInfo info : FdInfo.of(pid, PROGRAM)) {
      ids.add(info.number(PROGRAM));
    }
    if (ids.isEmpty() && NodeMode.isOn()) {
      try (Stream<Path> pins = Files.list(NodeMode.pins())) {
        pins.filter(pin -> pin.getFileName().toString().startsWith("link-tcp"))
            .forEach(pin -> ids.add(number(show("link", "pinned", pin.toString()), "prog_id")));
      }
    }
    return ids.stream().map(id -> show("prog", "id", Long.toString(id))).toList();
  }

  /** The number of one of their maps; no two of the agent's have values of the same size. */
  static long map(long pid, int valueSize) throws IOException {
    Set<Long> ids = new TreeSet<>();
    for (String program : of(pid)) {
      Matcher maps = MAPS.matcher(program);
      if (maps.find()) {
        Pattern.compile(",").splitAsStream(maps.group(1)).map(Long::valueOf).forEach(ids::add);
      }
    }
    return ids.stream()
        .filter(id -> number(show("map", "id", Long.toString(id)), "bytes_value") == valueSize)
        .findFirst()
        .orElseThrow();
  }

  /** The numbers of all maps on the machine whose names begin so. */
  static List<Long> named(String start) throws IOException {
    Pattern map = Pattern.compile("\"id\":(\\d+),[^{}]*?\"name\":\"" + start);
    return map.matcher(show("map")).results().map(found -> Long.valueOf(found.group(1))).toList();
  }

  /** A number of a program or map, which is not shown if it is 0. */
  static long number(String shown, String key) {
    Matcher number = Pattern.compile("\"" + key + "\":(\\d+)").matcher(shown);
    return number.find() ? Long.parseLong(number.group(1)) : 0;
  }

  private static String show(String what, String... which) {
    try {
      List<String> command = new ArrayList<>(List.of("bpftool", "-j", what, "show"));
      command.addAll(List.of(which));
      Process bpftool = new ProcessBuilder(command).start();
      return new String(bpftool.getInputStream().readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
