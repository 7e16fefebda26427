// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * The files that the build has packed into entries of the agent's jar, read one after the other.
 */
final class JarRooms {
  static final List<String> ENTRIES = List.of("inst/agent", "inst/commands");

  private JarRooms() {}

  /** Returns the files of a room, by their names in it. */
  static Map<String, byte[]> read(JarFile jar, String entry) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (InputStream bytes = jar.getInputStream(jar.getEntry(entry));
        DataInputStream in = new DataInputStream(bytes)) {
      in.skipNBytes(in.readInt() * 8L);
      while (in.available() > 0) {
        String name = in.readUTF();
        int size = in.readInt();
        byte[] deflated = in.readNBytes(in.readInt());
        byte[] content =
            new InflaterInputStream(new ByteArrayInputStream(deflated), new Inflater(true))
                .readAllBytes();
        assertEquals(size, content.length, name);
        files.put(name, content);
      }
    }
    return files;
  }

  /** Packs files as the build does. */
  static byte[] pack(Map<String, byte[]> files, Path scratch) throws Exception {
    Path folder = Files.createTempDirectory(scratch, "room");
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    Path packed = folder.resolve("packed");
    String program = Path.of("src/build/java/PackFiles.java").toString();
    Tool.run(Jdk.all().get(0).tool("java"), program, folder.toString(), packed.toString()).ok();
    return Files.readAllBytes(packed);
  }
}
