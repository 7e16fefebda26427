// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PackedFilesTest {
  /** Of the same hash, and so at the same place, which is the last one. */
  private static final String[] NAMES = {"AaAaBBc", "AaBBAac", "BBAaAac"};

  private static final int PLACES = 4;
  private static final byte[] CONTENT =
      "some content, some content".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;

  /** Written by the format's description. */
  private static byte[] packed(int files) throws IOException {
    int hash = NAMES[0].hashCode();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    ByteBuffer table = ByteBuffer.allocate(4 + PLACES * 8).putInt(0, PLACES);
    for (int i = 0; i < files; i++) {
      int place = (hash + i) % PLACES;
      table.putInt(4 + place * 8, hash).putInt(8 + place * 8, table.capacity() + out.size());
      ByteArrayOutputStream deflated = new ByteArrayOutputStream();
      try (DeflaterOutputStream to =
          new DeflaterOutputStream(deflated, new Deflater(Deflater.DEFAULT_COMPRESSION, true))) {
        to.write(CONTENT);
      }
      out.writeUTF(NAMES[i]);
      out.writeInt(CONTENT.length);
      out.writeInt(deflated.size());
      out.write(deflated.toByteArray());
    }
    return ByteBuffer.allocate(table.capacity() + bytes.size())
        .put(table.array())
        .put(bytes.toByteArray())
        .array();
  }

  private PackedFiles read(byte[] packed) throws IOException {
    Path jar = directory.resolve("some.jar");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry("packed"));
      out.write(packed);
    }
    return PackedFiles.read(jar, "packed");
  }

  @Test
  void filesWhoseNamesHaveOneHash() throws IOException {
    assertEquals(PLACES - 1, NAMES[0].hashCode() & PLACES - 1);
    PackedFiles files = read(packed(2));
    assertArrayEquals(CONTENT, files.bytes(NAMES[0]));
    assertArrayEquals(CONTENT, files.bytes(NAMES[1]));
    assertTrue(files.contains(NAMES[1]));
    assertNull(files.bytes(NAMES[2]));
    assertFalse(files.contains(NAMES[2]));
    assertNull(files.bytes("of another hash"));
  }

  @Test
  void anEntryThatTheJarLacks() throws IOException {
    read(packed(1));
    Path jar = directory.resolve("some.jar");
    assertEquals(
        jar + " has no other",
        assertThrows(ZipException.class, () -> PackedFiles.read(jar, "other")).getMessage());
    assertNull(PackedFiles.entryOrNull(jar, "other"));
    assertFalse(PackedFiles.hasEntry(jar, "other"));
    assertTrue(PackedFiles.hasEntry(jar, "packed"));
  }

  /** Neither does a search go on for ever, nor is there an error of another kind. */
  @Test
  @Timeout(60)
  void eachByteDamaged() throws IOException {
    byte[] whole = packed(3);
    int refused = 0;
    for (int i = 0; i < whole.length; i++) {
      for (int value : new int[] {0, 1, 0x7f, 0xff}) {
        byte[] damaged = whole.clone();
        damaged[i] = (byte) value;
        PackedFiles files = read(damaged);
        for (String name : NAMES) {
          try {
            files.bytes(name);
          } catch (ZipException e) {
            assertTrue(e.getMessage().startsWith("damaged: "), e::getMessage);
            refused++;
          }
        }
      }
    }
    assertTrue(refused > whole.length, refused + " times refused");
  }

  @Test
  void cutShort() throws IOException {
    byte[] whole = packed(1);
    for (int length = 0; length < whole.length; length++) {
      PackedFiles files = read(Arrays.copyOf(whole, length));
      assertThrows(ZipException.class, () -> files.bytes(NAMES[0]));
    }
  }
}
