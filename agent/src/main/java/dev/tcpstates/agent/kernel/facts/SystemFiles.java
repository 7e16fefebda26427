// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small text files of {@code /proc} and {@code /sys}, below a root that tests can replace. */
final class SystemFiles {
  static final Path ROOT = Path.of("/");

  private SystemFiles() {}

  /** Returns the text without the spaces around it; {@code null} if it can't be read. */
  static String read(Path root, String file) {
    // Not Files.readString: a channel loads the JDK's network library, which reads
    // java.net.preferIPv4Stack once and for all, before the application could set it.
    try (InputStream in = new FileInputStream(root.resolve(file).toFile())) {
      // Not readAllBytes: it asks for the position first, which securityfs has none of.
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      byte[] buffer = new byte[4096];
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        bytes.write(buffer, 0, n);
      }
      return bytes.toString(StandardCharsets.ISO_8859_1).replace("\0", "").strip();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Returns a soft limit of a {@code /proc/PID/limits}.
   *
   * @param limits the text of the file
   * @return a number or {@code unlimited}; {@code null} if the limit is not there
   */
  static String limit(String limits, String name) {
    return limits
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip().split("\\s+")[0])
        .findFirst()
        .orElse(null);
  }

  /** Returns what a symbolic link points to; {@code null} if it can't be read. */
  static String readLink(Path root, String link) {
    try {
      return Files.readSymbolicLink(root.resolve(link)).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return null;
    }
  }
}
