// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The structs in an object file's BTF (Documentation/bpf/btf.rst), with their fields' offsets. */
public final class Btf {
  /** Name of the entry that holds a struct's size. */
  public static final String SIZE = "(size)";

  private static final int MAGIC = 0xeb9f;
  private static final int STRUCT = 4;

  private final Map<String, Map<String, Integer>> structs = new LinkedHashMap<>();

  /** Reads an object file of the class path. */
  public static Btf of(String resource) throws IOException {
    try (InputStream in = Btf.class.getResourceAsStream(resource)) {
      return new Btf(
          section(ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN), ".BTF"));
    }
  }

  /** The byte offset of each field, by name, and the struct's size. */
  public Map<String, Integer> struct(String name) {
    Map<String, Integer> struct = structs.get(name);
    if (struct == null) {
      throw new AssertionError("no struct " + name + " in the BTF, only " + structs.keySet());
    }
    return struct;
  }

  private Btf(ByteBuffer btf) {
    if (Short.toUnsignedInt(btf.getShort(0)) != MAGIC) {
      throw new AssertionError("not BTF");
    }
    int header = btf.getInt(4);
    int at = header + btf.getInt(8);
    int end = at + btf.getInt(12);
    int strings = header + btf.getInt(16);
    while (at < end) {
      int info = btf.getInt(at + 4);
      int count = info & 0xffff;
      int kind = info >>> 24 & 0x1f;
      if (kind == STRUCT) {
        Map<String, Integer> fields = new LinkedHashMap<>();
        fields.put(SIZE, btf.getInt(at + 8));
        for (int i = 0; i < count; i++) {
          int member = at + 12 + i * 12;
          // With the kind flag, the upper byte is a bit field's size.
          int bits = btf.getInt(member + 8) & (info < 0 ? 0xffffff : -1);
          fields.put(text(btf, strings + btf.getInt(member)), bits / 8);
        }
        structs.put(text(btf, strings + btf.getInt(at)), fields);
      }
      at += 12 + extra(kind, count);
    }
  }

  /** Bytes that follow the three common words of a type. */
  private static int extra(int kind, int count) {
    return switch (kind) {
      case 1, 14, 17 -> 4; // INT, VAR, DECL_TAG
      case 3 -> 12; // ARRAY
      case 4, 5, 15, 19 -> count * 12; // STRUCT, UNION, DATASEC, ENUM64
      case 6, 13 -> count * 8; // ENUM, FUNC_PROTO
      default -> 0;
    };
  }

  /** A section of a 64-bit ELF file. */
  private static ByteBuffer section(ByteBuffer elf, String name) {
    long table = elf.getLong(0x28);
    int size = elf.getShort(0x3a);
    int count = elf.getShort(0x3c);
    int names = (int) elf.getLong((int) table + elf.getShort(0x3e) * size + 0x18);
    for (int i = 0; i < count; i++) {
      int header = (int) table + i * size;
      if (text(elf, names + elf.getInt(header)).equals(name)) {
        return elf.slice((int) elf.getLong(header + 0x18), (int) elf.getLong(header + 0x20))
            .order(ByteOrder.LITTLE_ENDIAN);
      }
    }
    throw new AssertionError("no section " + name);
  }

  private static String text(ByteBuffer buffer, int at) {
    int end = at;
    while (buffer.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - at];
    buffer.get(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
