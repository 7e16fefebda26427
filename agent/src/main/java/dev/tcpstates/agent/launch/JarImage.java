// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * The entries of the agent's jar, still compressed, in memory: an upgrade may overwrite the file
 * while the JVM runs, and {@link JarFile} then reads what lies at the old places of the new file.
 * Immutable.
 */
final class JarImage {
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int ENTRY_SIZE = 46;
  private static final int LOCAL_SIZE = 30;
  private static final int DEFLATED = 8;

  /** {@code compressed} is null for what is read from the file when it is needed. */
  private record Entry(byte[] compressed, boolean deflated, int size) {}

  private final Path file;
  private final Map<String, Entry> entries = new HashMap<>();

  /**
   * Reads a jar.
   *
   * @param kept the names of the entries that are kept in memory
   */
  JarImage(Path file, Predicate<String> kept) throws IOException {
    this.file = file;
    ByteBuffer zip;
    // Not Files.readAllBytes: a channel loads the JDK's network library, which reads
    // java.net.preferIPv4Stack once and for all, before the application could set it.
    try (InputStream in = new FileInputStream(file.toFile())) {
      zip = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }
    try {
      readEntries(zip, kept);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new ZipException("not a jar: " + file);
    }
  }

  private void readEntries(ByteBuffer zip, Predicate<String> kept) {
    int end = zip.limit() - END_SIZE;
    while (zip.getInt(end) != END_SIGNATURE) {
      end--;
    }
    int at = zip.getInt(end + 16);
    for (int left = zip.getShort(end + 10); left > 0; left--) {
      int nameSize = zip.getShort(at + 28);
      byte[] name = new byte[nameSize];
      zip.get(at + ENTRY_SIZE, name);
      String text = new String(name, StandardCharsets.UTF_8);
      byte[] compressed = null;
      if (kept.test(text)) {
        int local = zip.getInt(at + 42);
        compressed = new byte[zip.getInt(at + 20)];
        zip.get(
            local + LOCAL_SIZE + zip.getShort(local + 26) + zip.getShort(local + 28), compressed);
      }
      entries.put(
          text, new Entry(compressed, zip.getShort(at + 10) == DEFLATED, zip.getInt(at + 24)));
      at += ENTRY_SIZE + nameSize + zip.getShort(at + 30) + zip.getShort(at + 32);
    }
  }

  Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  boolean contains(String name) {
    return entries.containsKey(name);
  }

  /** Returns what an entry holds. */
  byte[] bytes(String name) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new ZipException(file + " has no " + name);
    }
    if (entry.compressed == null) {
      return fromFile(name);
    }
    if (!entry.deflated) {
      return entry.compressed.clone();
    }
    Inflater inflater = new Inflater(true);
    try {
      byte[] bytes = new byte[entry.size];
      inflater.setInput(entry.compressed);
      if (inflater.inflate(bytes) != entry.size) {
        throw new ZipException("damaged: " + name);
      }
      return bytes;
    } catch (DataFormatException e) {
      throw new ZipException("damaged: " + name);
    } finally {
      inflater.end();
    }
  }

  private byte[] fromFile(String name) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      JarEntry entry = jar.getJarEntry(name);
      if (entry == null) {
        throw new ZipException(file + " was replaced, and has no " + name);
      }
      try (InputStream in = jar.getInputStream(entry)) {
        return in.readAllBytes();
      }
    }
  }
}
