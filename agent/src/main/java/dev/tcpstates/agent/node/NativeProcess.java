// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** The functions of the C library for this process's capabilities, and their constants. */
final class NativeProcess {
  static final int PR_CAPBSET_DROP = 24;
  static final int PR_SET_NO_NEW_PRIVS = 38;
  static final int PR_CAP_AMBIENT = 47;
  static final int PR_CAP_AMBIENT_LOWER = 3;
  static final int CAPABILITY_VERSION_3 = 0x20080522;

  static {
    Native.register(NativeProcess.class, NativeLibrary.getProcess());
  }

  private NativeProcess() {}

  static native int prctl(int option, long two, long three, long four, long five);

  static native int capget(int[] header, int[] data);

  static native int capset(int[] header, int[] data);

  static native int execv(String path, Pointer arguments);
}
