// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.LibBpf.CallFailed;
import dev.tcpstates.agent.bpf.LibBpf.LoadedObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loads the BPF object with all that this kernel takes of it. The kernel takes or refuses an object
 * as a whole, so where it refuses, each program that can be done without is tried by itself: only
 * that tells which of them it is, on any kernel.
 */
final class ProgramLoader {
  private final LibBpf lib;
  private final ByteBuffer image;
  private final int ringSize;
  private final List<String> required;
  private final List<String> optional;
  private final List<String> lacked;
  private final Map<String, CallFailed> refused = new LinkedHashMap<>();

  /**
   * @param required the programs without which there is no agent
   * @param optional those without which only some events are missing
   * @param lacked those that this kernel is known not to have a place for
   */
  ProgramLoader(
      LibBpf lib,
      ByteBuffer image,
      int ringSize,
      List<String> required,
      List<String> optional,
      List<String> lacked) {
    this.lib = lib;
    this.image = image;
    this.ringSize = ringSize;
    this.required = required;
    this.optional = optional;
    this.lacked = lacked;
  }

  /** Loads as much as possible. */
  LoadedObject load() throws CallFailed {
    try {
      return load(Set.of());
    } catch (CallFailed e) {
      if (optional.isEmpty() || Errno.isPermission(e)) {
        throw e;
      }
    }
    load(Set.copyOf(optional)).close();
    for (String program : optional) {
      List<String> others = new ArrayList<>(optional);
      others.remove(program);
      try {
        load(Set.copyOf(others)).close();
      } catch (CallFailed e) {
        refused.put(program, e);
      }
    }
    return load(refused.keySet());
  }

  /** The optional programs that the kernel did not take, and why. */
  Map<String, CallFailed> refused() {
    return refused;
  }

  private LoadedObject load(Set<String> without) throws CallFailed {
    List<String> programs = new ArrayList<>(required);
    programs.addAll(optional);
    programs.removeAll(without);
    LoadedObject object = lib.open(image, programs.toArray(String[]::new));
    try {
      for (String program : without) {
        object.leaveOut(program);
      }
      for (String program : lacked) {
        object.leaveOut(program);
      }
      object.setMaxEntries("records", ringSize);
      object.setMaxEntries("counters", lib.possibleCpus());
      object.load();
      return object;
    } catch (CallFailed e) {
      object.close();
      throw e;
    }
  }
}
