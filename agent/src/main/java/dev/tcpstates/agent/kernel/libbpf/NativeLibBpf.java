// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Pointer;

/**
 * The functions of libbpf 1.x that are used, by their own names; {@link LibBpfLoader} binds them.
 */
final class NativeLibBpf {
  private NativeLibBpf() {}

  static native String libbpf_version_string();

  /** The size_t argument is 64 bits wide on every platform there is an agent for. */
  static native Pointer bpf_object__open_mem(Pointer image, long size, Pointer options);

  static native int bpf_object__load(Pointer object);

  static native void bpf_object__close(Pointer object);

  static native Pointer bpf_object__find_map_by_name(Pointer object, String name);

  static native int bpf_map__set_max_entries(Pointer map, int entries);

  static native int bpf_map__reuse_fd(Pointer map, int fd);

  static native int bpf_map__fd(Pointer map);

  static native Pointer bpf_object__find_program_by_name(Pointer object, String name);

  static native int bpf_program__set_log_buf(Pointer program, Pointer log, long size);

  static native int bpf_program__set_autoload(Pointer program, byte autoload);

  static native Pointer bpf_program__attach(Pointer program);

  static native Pointer bpf_program__attach_iter(Pointer program, Pointer options);

  static native int bpf_link__fd(Pointer link);

  static native int bpf_iter_create(int link);

  static native int bpf_link__destroy(Pointer link);

  static native int bpf_map_update_elem(int map, int[] key, byte[] value, long flags);

  static native Pointer btf__parse_raw(String path);

  static native int btf__find_by_name_kind(Pointer btf, String name, int kind);

  static native Pointer btf__type_by_id(Pointer btf, int id);

  static native String btf__name_by_offset(Pointer btf, int offset);

  static native void btf__free(Pointer btf);

  static native Pointer libbpf_set_print(Pointer function);
}
