// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * While it is open, libbpf prints nothing to standard error, which is the application's: errors
 * come back as numbers. Keeps the thread's last error.
 */
final class Silence implements AutoCloseable {
  private final Pointer print = NativeLibBpf.libbpf_set_print(null);

  @Override
  public void close() {
    int errno = Native.getLastError();
    NativeLibBpf.libbpf_set_print(print);
    Native.setLastError(errno);
  }
}
