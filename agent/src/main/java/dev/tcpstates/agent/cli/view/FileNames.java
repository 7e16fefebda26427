// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.JvmInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The names of recordings and of JVMs in a table. Recordings in one folder are named without it.
 */
final class FileNames {
  private static final int WIDEST = 40;

  private final boolean sameFolder;

  FileNames(List<List<String>> filesOfJvms) {
    sameFolder =
        filesOfJvms.stream()
                .flatMap(List::stream)
                .map(file -> String.valueOf(Path.of(file).getParent()))
                .collect(Collectors.toSet())
                .size()
            <= 1;
  }

  String of(String file) {
    return sameFolder ? String.valueOf(Path.of(file).getFileName()) : file;
  }

  /** The first file, and how many more there are. */
  String of(List<String> files) {
    String first = of(files.get(0));
    return files.size() == 1 ? first : first + " +" + (files.size() - 1);
  }

  /** How wide the column is. */
  int width(List<List<String>> filesOfJvms, String heading) {
    return Math.min(
        WIDEST,
        Math.max(
            heading.length(), filesOfJvms.stream().mapToInt(f -> of(f).length()).max().orElse(0)));
  }

  static String mainClass(JvmInfo jvm, int room) {
    return jvm == null ? null : mainClass(jvm.mainClass(), room);
  }

  /** A class without its package, which may be the whole fleet's; the last part of a jar's path. */
  static String mainClass(String name, int room) {
    if (name == null) {
      return null;
    }
    String last = name.substring(name.lastIndexOf(name.endsWith(".jar") ? '/' : '.') + 1);
    return last.length() <= room ? last : last.substring(0, room - 3) + "...";
  }
}
