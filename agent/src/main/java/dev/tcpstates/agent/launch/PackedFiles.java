// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Files that the build has packed into one entry of the jar, in memory: an upgrade may overwrite
 * the jar while the JVM runs. Not a jar itself, of which each start would read the whole index, in
 * code that is interpreted then. Immutable.
 *
 * <p>All numbers are big-endian. First, an int: the number of places, a power of two. Then the
 * places, each with a name's {@link String#hashCode} and the position of its file, which is zero in
 * a free one. A file is at the place of its hash's low bits, or after it before a free one, the
 * first after the last. Then the files, each with its name (as by {@link java.io.DataOutput}'s
 * {@code writeUTF}, in ASCII), its size, its size here, and itself, deflated.
 */
final class PackedFiles {
  /** To how small a part of its size a file can be deflated. */
  private static final int MOST_DEFLATED = 1_032;

  private final String name;
  private final ByteBuffer bytes;

  private PackedFiles(String name, byte[] bytes) {
    this.name = name;
    this.bytes = ByteBuffer.wrap(bytes);
  }

  /**
   * Reads one from a jar.
   *
   * @throws ZipException if the jar has no such entry
   */
  static PackedFiles read(Path jar, String entry) throws IOException {
    return new PackedFiles(jar + " at " + entry, entry(jar, entry));
  }

  /**
   * Returns what an entry of a jar holds.
   *
   * @throws ZipException if the jar has no such entry
   */
  static byte[] entry(Path jar, String name) throws IOException {
    byte[] bytes = entryOrNull(jar, name);
    if (bytes == null) {
      throw new ZipException(jar + " has no " + name);
    }
    return bytes;
  }

  /** Returns what an entry of a jar holds, or {@code null} if there is none of that name. */
  static byte[] entryOrNull(Path jar, String name) throws IOException {
    // Not Files: a channel loads the JDK's network library, which reads java.net.preferIPv4Stack
    // once and for all, before the application could set it.
    try (ZipFile file = new ZipFile(jar.toFile())) {
      ZipEntry entry = file.getEntry(name);
      if (entry == null) {
        return null;
      }
      byte[] bytes = new byte[(int) entry.getSize()];
      try (InputStream in = file.getInputStream(entry)) {
        // Not all at once by readNBytes, which reads into other arrays first.
        if (in.readNBytes(bytes, 0, bytes.length) < bytes.length) {
          throw new ZipException(jar + " ends within " + name);
        }
      }
      return bytes;
    }
  }

  static boolean hasEntry(Path jar, String name) throws IOException {
    try (ZipFile file = new ZipFile(jar.toFile())) {
      return file.getEntry(name) != null;
    }
  }

  boolean contains(String file) throws ZipException {
    return position(file) != 0;
  }

  /** Returns a file, or {@code null} if it is not here. */
  byte[] bytes(String file) throws ZipException {
    int position = position(file);
    if (position == 0) {
      return null;
    }
    Inflater inflater = new Inflater(true);
    try {
      int at = position + Short.BYTES + file.length();
      int size = bytes.getInt(at);
      int deflated = bytes.getInt(at + Integer.BYTES);
      inflater.setInput(bytes.array(), at + 2 * Integer.BYTES, deflated);
      if (size / MOST_DEFLATED > deflated) {
        throw damaged(file); // and not OutOfMemoryError, which some JVMs end with
      }
      byte[] content = new byte[size];
      if (inflater.inflate(content) != size) {
        throw damaged(file);
      }
      return content;
    } catch (DataFormatException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw damaged(file);
    } finally {
      inflater.end();
    }
  }

  /** Returns where a file is, or 0 if it is not here. */
  private int position(String file) throws ZipException {
    try {
      int hash = file.hashCode();
      int places = bytes.getInt(0);
      for (int i = 0; i < places; i++) {
        int at = Integer.BYTES + (hash + i & places - 1) * 2 * Integer.BYTES;
        int position = bytes.getInt(at + Integer.BYTES);
        if (position == 0 || bytes.getInt(at) == hash && file.equals(name(position))) {
          return position;
        }
      }
    } catch (IndexOutOfBoundsException e) {
      // damaged
    }
    throw damaged(file);
  }

  private String name(int position) {
    return new String(
        bytes.array(),
        position + Short.BYTES,
        bytes.getShort(position),
        StandardCharsets.ISO_8859_1);
  }

  private ZipException damaged(String file) {
    return new ZipException("damaged: " + name + ", at " + file);
  }
}
