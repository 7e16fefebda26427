// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.nio.file.Path;
import java.util.List;

/** Commands to put before {@code java}, for a view of the file system that is the child's alone. */
final class MountNamespace {
  private MountNamespace() {}

  /** An empty folder, or what these mount options make of it, in place of the one there. */
  static String[] hiding(String folder, String... options) {
    return of("mount -t tmpfs " + String.join(" ", options) + " tcpstates-test '" + folder + "'");
  }

  /** A file system of this type in that folder. */
  static String[] mounting(String type, String folder) {
    return of("mount -t " + type + " tcpstates-test '" + folder + "'");
  }

  /**
   * A shared library can't be found in any folder of the system.
   *
   * @param scratch an empty folder
   */
  static String[] withoutLibrary(String name, Path scratch) {
    // An overlay takes the files away from a copy of the folder; its upper layer is in memory.
    return of(
        "scratch='" + scratch + "'",
        "mount -t tmpfs tcpstates-test \"$scratch\"",
        "ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)",
        "for file in $($ldconfig -p | sed -n 's|^\t" + name + " .* => ||p'); do",
        "  folder=$(dirname \"$(realpath \"$file\")\")",
        "  copy=$(mktemp -d -p \"$scratch\")",
        "  mkdir \"$copy/upper\" \"$copy/work\"",
        "  mount -t overlay tcpstates-test"
            + " -o \"lowerdir=$folder,upperdir=$copy/upper,workdir=$copy/work\" \"$folder\"",
        "  rm \"$folder/" + name + "\"*",
        "done");
  }

  /**
   * Runs these commands first. When the child has ended, lists what is in the folders.
   *
   * @param left the file for the list, one path a line
   * @param folders the folders, separated by blanks
   */
  static String[] listingWhatIsLeft(Path left, String folders, List<String> commands) {
    return new String[] {
      "unshare",
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      // The file is opened first, for a mount may hide it.
      "set -e\nexec 3>'"
          + left
          + "'\n"
          + String.join("\n", commands)
          + "\nset +e\n\"$@\" 3>&-\nexit=$?\n"
          + "find "
          + folders
          + " -mindepth 1 >&3\nexit $exit",
      "sh"
    };
  }

  private static String[] of(String... script) {
    return new String[] {
      "unshare",
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      "set -e\n" + String.join("\n", script) + "\nexec \"$@\"",
      "sh"
    };
  }
}
