// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the kernel shows of a process's open file, such as a BPF map or program. */
record FdInfo(String text) {

  /** Those of a process that have such a line. */
  static List<FdInfo> of(long pid, String key) throws IOException {
    List<FdInfo> found = new ArrayList<>();
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path descriptor : open.toList()) {
        FdInfo info = new FdInfo(read(descriptor));
        if (info.text.contains(key)) {
          found.add(info);
        }
      }
    }
    return found;
  }

  private static String read(Path descriptor) throws IOException {
    try {
      return Files.readString(descriptor);
    } catch (NoSuchFileException e) {
      return ""; // closed by now
    }
  }

  /** The number in the line that starts so. */
  long number(String key) {
    return text.lines()
        .filter(line -> line.startsWith(key))
        .map(line -> Long.parseLong(line.substring(key.length()).strip()))
        .findFirst()
        .orElseThrow();
  }
}
