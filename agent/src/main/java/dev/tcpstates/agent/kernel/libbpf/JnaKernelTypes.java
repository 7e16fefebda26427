// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.HashMap;
import java.util.Map;

/** The BTF of the running kernel (Documentation/bpf/btf.rst). */
final class JnaKernelTypes implements LibBpf.KernelTypes {
  private static final String KERNEL_BTF = "/sys/kernel/btf/vmlinux";
  private static final int BTF_KIND_STRUCT = 4;
  private static final int BTF_KIND_ENUM = 6;
  private static final int BTF_KIND_TYPEDEF = 8;

  /**
   * {@code struct btf_type}: name, info, size; then, each of a name and a value, its enums, or,
   * each of a name, a type and an offset, its members.
   */
  private static final int TYPE_INFO = 4;

  private static final int TYPE_BYTES = 12;
  private static final int ENUM_BYTES = 8;
  private static final int MEMBER_BYTES = 12;

  private final Pointer btf;

  JnaKernelTypes() throws LibBpf.CallFailed {
    // Not btf__load_vmlinux_btf: whatever the error is, that makes it ESRCH.
    btf = NativeLibBpf.btf__parse_raw(KERNEL_BTF);
    if (btf == null) {
      throw new LibBpf.CallFailed("reading the kernel's BTF", Native.getLastError(), "");
    }
  }

  @Override
  public boolean has(String typedef) {
    return NativeLibBpf.btf__find_by_name_kind(btf, typedef, BTF_KIND_TYPEDEF) > 0;
  }

  @Override
  public boolean hasField(String struct, String field) {
    int id = NativeLibBpf.btf__find_by_name_kind(btf, struct, BTF_KIND_STRUCT);
    return id > 0 && hasField(id, field);
  }

  private boolean hasField(int struct, String field) {
    Pointer type = NativeLibBpf.btf__type_by_id(btf, struct);
    int count = type.getInt(TYPE_INFO) & 0xffff;
    for (int i = 0; i < count; i++) {
      long at = TYPE_BYTES + (long) i * MEMBER_BYTES;
      String name = NativeLibBpf.btf__name_by_offset(btf, type.getInt(at));
      if (name.equals(field) || name.isEmpty() && hasField(type.getInt(at + 4), field)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Map<Integer, String> enumeration(String name) {
    Map<Integer, String> names = new HashMap<>();
    int id = NativeLibBpf.btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);
    if (id > 0) {
      Pointer type = NativeLibBpf.btf__type_by_id(btf, id);
      int count = type.getInt(TYPE_INFO) & 0xffff;
      for (int i = 0; i < count; i++) {
        long at = TYPE_BYTES + (long) i * ENUM_BYTES;
        names.put(
            type.getInt(at + Integer.BYTES),
            NativeLibBpf.btf__name_by_offset(btf, type.getInt(at)));
      }
    }
    return names;
  }

  @Override
  public void close() {
    NativeLibBpf.btf__free(btf);
  }
}
