// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.Deflater;

/** The agent's jar as that of another version, in which each entry has another place and size. */
final class OtherVersion {
  private OtherVersion() {}

  static Path of(Path file, String version) throws Exception {
    return of(file, version, "/none");
  }

  /**
   * @param changed how the name of the file ends to which a byte is added that nobody reads
   */
  static Path of(Path file, String version, String changed) throws Exception {
    try (JarFile from = new JarFile(AgentJvm.jar().toFile())) {
      Manifest manifest = from.getManifest();
      manifest.getMainAttributes().putValue("Implementation-Version", version);
      try (JarOutputStream to = new JarOutputStream(Files.newOutputStream(file), manifest)) {
        to.setLevel(Deflater.NO_COMPRESSION);
        for (JarEntry entry : Collections.list(from.entries())) {
          if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
            to.putNextEntry(new JarEntry(entry.getName()));
            if (entry.getName().equals("inst/version")) {
              to.write(version.getBytes(StandardCharsets.UTF_8));
            } else if (JarRooms.ENTRIES.contains(entry.getName())) {
              to.write(room(from, entry.getName(), changed, file.getParent()));
            } else {
              from.getInputStream(entry).transferTo(to);
            }
          }
        }
      }
    }
    return file;
  }

  private static byte[] room(JarFile jar, String entry, String changed, Path scratch)
      throws Exception {
    Map<String, byte[]> files = JarRooms.read(jar, entry);
    files.replaceAll(
        (name, bytes) -> name.endsWith(changed) ? Arrays.copyOf(bytes, bytes.length + 1) : bytes);
    return JarRooms.pack(files, scratch);
  }
}
