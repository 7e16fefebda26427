// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the running kernel allows or lacks, read once from {@code /proc} and {@code /sys}. */
public final class KernelFacts {
  private static final String BTF = "sys/kernel/btf/vmlinux";
  private static final String LOCKDOWN = "sys/kernel/security/lockdown";
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private final String release;
  private final String lockdown;
  private final String securityModules;
  private final String unprivileged;
  private final Condition btf;

  private KernelFacts(Path root) {
    String known = SystemFiles.read(root, "proc/sys/kernel/osrelease");
    release = known == null ? System.getProperty("os.version") : known;
    lockdown = SystemFiles.read(root, LOCKDOWN);
    securityModules = SystemFiles.read(root, "sys/kernel/security/lsm");
    unprivileged = SystemFiles.read(root, "proc/sys/kernel/unprivileged_bpf_disabled");
    btf = btf(root, release);
  }

  /** Reads the facts of this machine. */
  public static KernelFacts read() {
    return read(SystemFiles.ROOT);
  }

  static KernelFacts read(Path root) {
    return new KernelFacts(root);
  }

  /**
   * Returns what {@code System.nanoTime()} is ahead of the clock of BPF programs, in ns: the offset
   * of this JVM's time namespace. 0 if that is not known.
   */
  public static long clockOffset() {
    return clockOffset(SystemFiles.ROOT, "self");
  }

  /** Returns the same for another JVM. */
  public static long clockOffset(long pid) {
    return clockOffset(SystemFiles.ROOT, Long.toString(pid));
  }

  static long clockOffset(Path root, String process) {
    String folder = "proc/" + process;
    String own = SystemFiles.readLink(root, folder + "/ns/time");
    String offsets = SystemFiles.read(root, folder + "/timens_offsets");
    // The file is about the namespace of children, which a process may choose for them.
    if (own == null
        || offsets == null
        || !own.equals(SystemFiles.readLink(root, folder + "/ns/time_for_children"))) {
      return 0;
    }
    return offsets
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length == 3 && words[0].equals("monotonic"))
        .mapToLong(
            words -> TimeUnit.SECONDS.toNanos(Long.parseLong(words[1])) + Long.parseLong(words[2]))
        .findFirst()
        .orElse(0);
  }

  private static Condition btf(Path root, String release) {
    String subject = "kernel BTF";
    if (Files.exists(root.resolve(BTF))) {
      return Condition.fine(subject, "/" + BTF);
    }
    if (!Files.notExists(root.resolve(BTF))) {
      return Condition.certain(
          subject,
          "this JVM may not look at /" + BTF,
          "allow that in the security policy that confines it");
    }
    String absent = "there is no /" + BTF;
    if (!Files.exists(root.resolve("sys/kernel"))) {
      return Condition.certain(
          subject, absent + ", because /sys is not mounted", "mount sysfs at /sys");
    }
    // A kernel that is built without BTF does not make the folder.
    return Files.exists(root.resolve(BTF).getParent())
        ? Condition.certain(
            subject,
            absent + ", because something is mounted over /sys/kernel/btf",
            "leave that mount out")
        : Condition.certain(
            subject,
            absent + ", because the kernel, " + release + ", is built without it",
            "run Linux 5.12 or later that is built with CONFIG_DEBUG_INFO_BTF=y, as distributions'"
                + " kernels are");
  }

  /** Returns the kernel's release, such as {@code 6.1.0-30-amd64}. */
  String release() {
    return release;
  }

  /** Whether the kernel's version is known, and is lower. */
  boolean isBefore(int major, int minor) {
    Matcher version = VERSION.matcher(release);
    if (!version.matches()) {
      return false;
    }
    int ownMajor = Integer.parseInt(version.group(1));
    return ownMajor < major || ownMajor == major && Integer.parseInt(version.group(2)) < minor;
  }

  /** Returns the security modules that are on, as the kernel lists them; {@code null}: unknown. */
  String securityModules() {
    return securityModules;
  }

  /** Whether the kernel keeps its memory secret from root, too. {@code null} if that is unknown. */
  Boolean isConfidential() {
    return lockdown == null ? null : lockdown.contains("[confidentiality]");
  }

  /** Returns what the kernel has and allows, for whatever process. */
  public List<Condition> conditions() {
    return List.of(btf(), lockdown(), unprivilegedBpf());
  }

  /** Whether the kernel describes its types. */
  public Condition btf() {
    return btf;
  }

  /** Never a cause: without the capabilities, tracing is refused for any value. */
  private Condition unprivilegedBpf() {
    return Condition.fine(
        "unprivileged BPF",
        unprivileged == null
            ? "not known"
            : "kernel.unprivileged_bpf_disabled="
                + unprivileged
                + " (no value replaces the capabilities)");
  }

  /** Whether BPF programs may read the kernel's memory. */
  Condition lockdown() {
    String subject = "lockdown";
    if (lockdown == null) {
      return Condition.fine(subject, "none is known: there is no /" + LOCKDOWN);
    }
    return isConfidential()
        ? Condition.possible(
            subject,
            "the kernel's lockdown is 'confidentiality'",
            "boot with lockdown=integrity, or without Secure Boot's lockdown")
        : Condition.fine(subject, lockdown);
  }
}
