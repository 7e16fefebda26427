// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Pointer;

/** The functions of libbpf that only the node program uses; {@link LibBpfLoader} binds them. */
final class NativeNodeBpf {
  private NativeNodeBpf() {}

  static native int bpf_map__set_inner_map_fd(Pointer map, int fd);

  static native int bpf_program__fd(Pointer program);

  static native int bpf_map_create(
      int type, String name, int keySize, int valueSize, int maxEntries, Pointer options);

  static native int bpf_map_update_elem(int map, byte[] key, byte[] value, long flags);

  static native int bpf_map_lookup_elem(int map, byte[] key, byte[] value);

  static native int bpf_map_delete_elem(int map, byte[] key);

  static native int bpf_map_get_next_key(int map, byte[] key, byte[] next);

  static native int bpf_obj_pin(int fd, String path);

  static native int bpf_obj_get(String path);

  static native int bpf_link_create(int program, int target, int type, Pointer options);
}
