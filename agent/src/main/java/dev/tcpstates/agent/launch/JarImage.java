// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.launch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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

  /** How much is read at a time, before and after what is needed. */
  private static final int BEFORE = 64;

  private static final int AHEAD = 128 * 1024;

  /** {@code compressed} is null for what is read from the file when it is needed. */
  private record Entry(byte[] compressed, boolean deflated, int size) {}

  private final Path file;
  private final Map<String, Entry> entries = new HashMap<>();

  /** Which entries are kept in memory. */
  interface Choice {
    boolean keeps(String name);
  }

  /**
   * Reads a jar.
   *
   * @param kept chooses the entries that are kept in memory
   */
  JarImage(Path file, Choice kept) throws IOException {
    this.file = file;
    // Not Files: a channel loads the JDK's network library, which reads java.net.preferIPv4Stack
    // once and for all, before the application could set it. Not all bytes: the commands' classes
    // are two thirds of the jar, and would take a region of the heap.
    try (RandomAccessFile zip = new RandomAccessFile(file.toFile(), "r")) {
      readEntries(zip, kept);
    } catch (IndexOutOfBoundsException
        | NegativeArraySizeException
        | IllegalArgumentException
        | EOFException e) {
      throw new ZipException("not a jar: " + file);
    }
  }

  private void readEntries(RandomAccessFile zip, Choice kept) throws IOException {
    Window window = new Window(zip);
    long end = zip.length() - END_SIZE;
    while (window.getInt(end) != END_SIGNATURE) {
      end--;
    }
    int size = window.getInt(end + 12);
    ByteBuffer index = ByteBuffer.wrap(window.bytes(window.getInt(end + 16), size));
    index.order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at < size) {
      int nameSize = index.getShort(at + 28);
      String name = new String(index.array(), at + ENTRY_SIZE, nameSize, StandardCharsets.UTF_8);
      byte[] compressed = null;
      if (kept.keeps(name)) {
        long local = index.getInt(at + 42);
        int headers = window.getShort(local + 26) + window.getShort(local + 28);
        compressed = window.bytes(local + LOCAL_SIZE + headers, index.getInt(at + 20));
      }
      entries.put(
          name, new Entry(compressed, index.getShort(at + 10) == DEFLATED, index.getInt(at + 24)));
      at += ENTRY_SIZE + nameSize + index.getShort(at + 30) + index.getShort(at + 32);
    }
  }

  /** The part of a file that was last read; a call to the system per entry would take longer. */
  private static final class Window {
    private final RandomAccessFile file;
    private long start;
    private byte[] read = {};
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    Window(RandomAccessFile file) {
      this.file = file;
    }

    int getInt(long at) throws IOException {
      read(at, Integer.BYTES);
      return bytes.getInt((int) (at - start));
    }

    short getShort(long at) throws IOException {
      read(at, Short.BYTES);
      return bytes.getShort((int) (at - start));
    }

    byte[] bytes(long at, int size) throws IOException {
      byte[] copy = new byte[size];
      read(at, size);
      bytes.get((int) (at - start), copy);
      return copy;
    }

    private void read(long at, int size) throws IOException {
      if (at < start || at + size > start + bytes.limit()) {
        // From a bit before: the index's end is searched backwards.
        start = Math.max(0, at - BEFORE);
        int length = (int) Math.min(BEFORE + Math.max(size, AHEAD), file.length() - start);
        if (read.length < length) {
          read = new byte[length];
        }
        file.seek(start);
        file.readFully(read, 0, length);
        bytes = ByteBuffer.wrap(read, 0, length).order(ByteOrder.LITTLE_ENDIAN);
      }
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
