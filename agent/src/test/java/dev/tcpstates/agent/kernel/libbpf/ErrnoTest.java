// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrnoTest {
  private static final Path HEADERS = Path.of("/usr/include/asm-generic");
  private static final Pattern DEFINE = Pattern.compile("#define\\s+(E\\w+)\\s+(\\d+)\\b.*");

  @ParameterizedTest
  @CsvSource({
    "1, EPERM",
    "4, EINTR",
    "9, EBADF",
    "12, ENOMEM",
    "13, EACCES",
    "14, EFAULT",
    "17, EEXIST",
    "19, ENODEV",
    "28, ENOSPC",
    "34, ERANGE",
    "38, ENOSYS",
    "40, ELOOP",
    "95, EOPNOTSUPP",
    "133, EHWPOISON",
    "524, ENOTSUPP",
    "4000, LIBBPF_ERRNO__LIBELF",
    "4013, LIBBPF_ERRNO__NLPARSE",
    "-1, errno_-1",
    "0, errno_0",
    "41, errno_41",
    "58, errno_58",
    "134, errno_134",
    "3999, errno_3999",
    "4014, errno_4014"
  })
  void namesANumber(int errno, String name) {
    assertEquals(name, Errno.name(errno));
  }

  @Test
  void namesAreThoseOfTheKernelsHeaders() throws IOException {
    Assumptions.assumeTrue(Files.isDirectory(HEADERS), "missing here: " + HEADERS);
    Map<Integer, String> defined = new TreeMap<>();
    for (String header : new String[] {"errno-base.h", "errno.h"}) {
      for (String line : Files.readAllLines(HEADERS.resolve(header))) {
        Matcher define = DEFINE.matcher(line);
        if (define.matches()) {
          defined.put(Integer.parseInt(define.group(2)), define.group(1));
        }
      }
    }
    assertTrue(defined.size() > 100, defined::toString);
    defined.forEach((errno, name) -> assertEquals(name, Errno.name(errno)));
  }
}
