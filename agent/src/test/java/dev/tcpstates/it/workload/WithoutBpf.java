// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.Arrays;

/**
 * Becomes another program, for which a seccomp filter makes {@code bpf} fail as the first argument,
 * an error number, says.
 */
public final class WithoutBpf {
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_SET_SECCOMP = 22;
  private static final long SECCOMP_MODE_FILTER = 2;

  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int RETURN = 0x06;
  private static final int SECCOMP_RET_ERRNO = 0x00050000;
  private static final int SECCOMP_RET_ALLOW = 0x7fff0000;

  private WithoutBpf() {}

  static native int prctl(int option, long one, long two, long three, long four);

  /** Does not return, unless it fails. */
  static native int execvp(String file, Pointer arguments);

  public static void main(String[] args) {
    Native.register(WithoutBpf.class, "c");
    int errno = Integer.parseInt(args[0]);
    int bpf = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
    // struct sock_filter: code, where to jump if true and if not, operand
    Memory filter = new Memory(4 * Long.BYTES);
    filter.setLong(0, instruction(LOAD_WORD, 0, 0));
    filter.setLong(8, instruction(JUMP_IF_EQUAL, 1, bpf));
    filter.setLong(16, instruction(RETURN, 0, SECCOMP_RET_ERRNO | errno));
    filter.setLong(24, instruction(RETURN, 0, SECCOMP_RET_ALLOW));
    // struct sock_fprog: how many, and where
    Memory program = new Memory(2 * Long.BYTES);
    program.setLong(0, 4);
    program.setPointer(8, filter);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, Pointer.nativeValue(program), 0, 0) != 0) {
      throw new IllegalStateException("seccomp: errno " + Native.getLastError());
    }
    String[] command = Arrays.copyOfRange(args, 1, args.length);
    execvp(command[0], new com.sun.jna.StringArray(command));
    throw new IllegalStateException("exec: errno " + Native.getLastError());
  }

  private static long instruction(int code, int skippedUnlessEqual, int operand) {
    return code | (long) skippedUnlessEqual << 24 | (long) operand << 32;
  }
}
