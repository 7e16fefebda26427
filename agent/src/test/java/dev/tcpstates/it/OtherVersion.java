// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.Deflater;

/** The agent's jar as that of another version, in which each entry has another place and size. */
final class OtherVersion {
  private OtherVersion() {}

  static Path of(Path file, String version) throws IOException {
    return of(file, version, "/none");
  }

  /**
   * @param changed how the name of the entry ends to which a byte is added that nobody reads
   */
  static Path of(Path file, String version, String changed) throws IOException {
    try (JarFile from = new JarFile(AgentJvm.jar().toFile())) {
      Manifest manifest = from.getManifest();
      manifest.getMainAttributes().putValue("Implementation-Version", version);
      try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(file), manifest)) {
        to.setLevel(Deflater.NO_COMPRESSION);
        for (JarEntry entry : Collections.list(from.entries())) {
          if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
            to.putNextEntry(new JarEntry(entry.getName()));
            from.getInputStream(entry).transferTo(to);
            if (entry.getName().endsWith(changed)) {
              to.write(0);
            }
          }
        }
      }
    }
    return file;
  }
}
