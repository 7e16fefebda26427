// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** What the tests with real sockets need of a machine. */
public final class KernelTier {
  private static final int CAP_SETGID = 6;
  private static final int CAP_SETUID = 7;
  private static final int CAP_SETPCAP = 8;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private KernelTier() {}

  /** Skips the test, with the reason, where the kernel tier can't run; in CI that is a failure. */
  public static void require() throws IOException {
    List<String> missing = new ArrayList<>();
    if (!Files.exists(Path.of("/sys/kernel/btf/vmlinux"))) {
      missing.add("kernel BTF (/sys/kernel/btf/vmlinux)");
    }
    if (!has(CAP_BPF, CAP_PERFMON)) {
      missing.add("the capabilities CAP_BPF and CAP_PERFMON (run as root)");
    }
    need(missing);
  }

  /** The same for tests that run a JVM as another user or in a mount namespace of its own. */
  static void requireRoot() throws IOException {
    need(
        has(CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SYS_ADMIN)
            ? List.of()
            : List.of("root's capabilities (run as root)"));
    requireTools("setpriv", "unshare", "mount");
  }

  private static boolean has(int... capabilities) throws IOException {
    long effective =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("CapEff:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .findFirst()
            .orElse(0);
    return IntStream.of(capabilities).allMatch(capability -> (effective >> capability & 1) == 1);
  }

  /** The same for programs that a test calls, by name or by path. */
  public static void requireTools(String... tools) {
    List<String> missing = new ArrayList<>();
    for (String tool : tools) {
      boolean found =
          List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin").stream()
              .anyMatch(folder -> Files.isExecutable(Path.of(folder).resolve(tool)));
      if (!found) {
        missing.add("the program " + tool);
      }
    }
    need(missing);
  }

  /** The same for a network that a test makes for itself. */
  static void requireNetworkNamespaces() throws IOException, InterruptedException {
    requireTools("unshare", "ip");
    Process attempt =
        new ProcessBuilder("unshare", "--net", "ip", "link", "set", "lo", "up")
            .redirectErrorStream(true)
            .start();
    String output = new String(attempt.getInputStream().readAllBytes());
    need(attempt.waitFor() == 0 ? List.of() : List.of("unshare --net (" + output.strip() + ")"));
  }

  /** The same for the kernel's own tracing, which is mounted if it is not. */
  static void requireTracefs() throws IOException, InterruptedException {
    Path instances = Path.of("/sys/kernel/tracing/instances");
    if (!Files.exists(instances)) {
      new ProcessBuilder("mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    }
    need(
        Files.isWritable(instances)
            ? List.of()
            : List.of(
                "a writable tracefs (mount -t tracefs tracefs /sys/kernel/tracing; run as root)"));
  }

  private static void need(List<String> missing) {
    if (!missing.isEmpty()) {
      String message = "missing here: " + String.join(", ", missing);
      if ("true".equals(System.getenv("CI"))) {
        Assertions.fail(message);
      }
      Assumptions.abort(message);
    }
  }
}
