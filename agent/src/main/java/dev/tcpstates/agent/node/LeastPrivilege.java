// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import com.sun.jna.StringArray;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Drops all capabilities except CAP_BPF and CAP_PERFMON. A thread can drop only its own, and a JVM
 * has many threads; so the process sets its limits, and then executes itself again.
 */
public final class LeastPrivilege {
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;
  private static final int HIGHEST = 63;
  private static final long NEEDED = 1L << CAP_PERFMON | 1L << CAP_BPF;

  private LeastPrivilege() {}

  /**
   * Replaces this process by one with these two capabilities; returns if it has no other already.
   *
   * @throws BpfException if JNA can't be loaded
   * @throws IOException if {@code /proc} can't be read, or the process can't be replaced
   */
  public static void ensure() throws BpfException, IOException {
    if ((permitted() & ~NEEDED) == 0) {
      return;
    }
    JnaLoader.load();
    long before = permitted();
    for (int capability = 0; capability <= HIGHEST; capability++) {
      if ((NEEDED >> capability & 1) == 0) {
        NativeProcess.prctl(
            NativeProcess.PR_CAP_AMBIENT, NativeProcess.PR_CAP_AMBIENT_LOWER, capability, 0, 0);
        NativeProcess.prctl(NativeProcess.PR_CAPBSET_DROP, capability, 0, 0, 0);
      }
    }
    NativeProcess.prctl(NativeProcess.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // This thread's, which the process that replaces this one begins with.
    int high = (int) ((before & NEEDED) >>> Integer.SIZE);
    int low = (int) (before & NEEDED);
    NativeProcess.capset(
        new int[] {NativeProcess.CAPABILITY_VERSION_3, 0},
        new int[] {low, low, low, high, high, high});
    replace();
  }

  private static void replace() throws IOException {
    String[] arguments =
        new String(Files.readAllBytes(Path.of("/proc/self/cmdline")), StandardCharsets.UTF_8)
            .split("\0");
    String java = Files.readSymbolicLink(Path.of("/proc/self/exe")).toString();
    NativeProcess.execv(java, new StringArray(arguments));
    throw new IOException("this process can't be replaced by one with fewer capabilities");
  }

  /** The capabilities that this process may use, in bits. */
  private static long permitted() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("CapPrm:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .findFirst()
        .orElse(0);
  }

  /**
   * Says which capability is missing.
   *
   * @return {@code null} if none is
   */
  public static String missing() throws IOException {
    long own = permitted();
    if ((own & NEEDED) == NEEDED) {
      return null;
    }
    return ((own >> CAP_BPF & 1) == 0 ? "CAP_BPF" : "")
        + ((own & NEEDED) == 0 ? " and " : "")
        + ((own >> CAP_PERFMON & 1) == 0 ? "CAP_PERFMON" : "");
  }
}
