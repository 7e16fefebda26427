// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import java.util.HashMap;
import java.util.Map;

/** Finds error numbers by the C library's texts, which are in the process's language. */
public final class ErrorTexts {
  private static final int LAST = 133; // EHWPOISON

  private static Map<String, Integer> numbers;

  private ErrorTexts() {}

  /** Returns the error number of a text such as {@code Network is unreachable}; 0 if unknown. */
  public static synchronized int errno(String text) {
    if (numbers == null) {
      numbers = new HashMap<>();
      for (int errno = LAST; errno > 0; errno--) {
        numbers.put(NativeLibC.strerror(errno), errno);
      }
    }
    return numbers.getOrDefault(text, 0);
  }
}
