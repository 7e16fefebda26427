// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is left to this JVM of the things that a start takes: file descriptors, and memory for the
 * ring. A start that takes the last of them harms the application, so it is not begun then. What
 * can't be read counts as enough.
 */
public final class Room {
  /** A start takes up to 40 at a time, and keeps 14. The rest is the application's. */
  static final int DESCRIPTORS = 64;

  private static final String SUBJECT_DESCRIPTORS = "file descriptors";
  private static final String SUBJECT_MEMORY = "memory";
  private static final long KILOBYTE = 1024;
  private static final long MEGABYTE = 1024 * KILOBYTE;

  private static final String SELF = "self";

  private final Path root;
  private final String process;

  Room(Path root) {
    this(root, SELF);
  }

  private Room(Path root, String process) {
    this.root = root;
    this.process = process;
  }

  /** Returns the room of this JVM, which is read at each call. */
  public static Room ofThisJvm() {
    return new Room(SystemFiles.ROOT);
  }

  /**
   * Returns the room of another JVM.
   *
   * @param pid its process id, in the PID namespace of this one
   */
  public static Room of(long pid) {
    return new Room(SystemFiles.ROOT, Long.toString(pid));
  }

  private String proc(String file) {
    return "proc/" + process + "/" + file;
  }

  /** Whether there are enough file descriptors for a start, and for the application beside it. */
  public Condition descriptors() {
    String limits = SystemFiles.read(root, proc("limits"));
    String[] open = new File(root.toFile(), proc("fd")).list();
    String limit = limits == null ? "unlimited" : SystemFiles.limit(limits, "Max open files");
    if (open == null || limit == null || limit.equals("unlimited")) {
      return Condition.fine(SUBJECT_DESCRIPTORS, "no limit is known");
    }
    int listing = process.equals(SELF) ? 1 : 0;
    long left = Long.parseLong(limit) - open.length + listing;
    return left >= DESCRIPTORS
        ? Condition.fine(SUBJECT_DESCRIPTORS, left + " left")
        : Condition.certain(
            SUBJECT_DESCRIPTORS,
            (process.equals(SELF) ? "this JVM" : "JVM " + process)
                + " has only "
                + left
                + " file descriptors left of "
                + limit
                + ", and the agent starts only if there are "
                + DESCRIPTORS,
            "raise its limit (ulimit -n; systemd: LimitNOFILE=)");
  }

  /**
   * Whether a ring takes at most half of the memory that is left, by the limits of the control
   * groups and by what the machine has.
   *
   * @param ringSize in bytes
   */
  public Condition memory(long ringSize) {
    long left = Math.min(availableOnMachine(), leftInControlGroups());
    return ringSize <= left / 2
        ? Condition.fine(SUBJECT_MEMORY, "enough")
        : Condition.certain(
            SUBJECT_MEMORY,
            "a ring of "
                + megabytes(ringSize)
                + " takes more than half of the "
                + megabytes(left)
                + " of memory that are left",
            "set a smaller ringSize, or raise the memory limit of the container or the machine");
  }

  private static String megabytes(long bytes) {
    return Math.max(0, bytes) / MEGABYTE + " MB";
  }

  private long availableOnMachine() {
    Long kilobytes = number(SystemFiles.read(root, "proc/meminfo"), "MemAvailable:");
    return kilobytes == null ? Long.MAX_VALUE : kilobytes * KILOBYTE;
  }

  private long leftInControlGroups() {
    String groups = SystemFiles.read(root, proc("cgroup"));
    long left = Long.MAX_VALUE;
    if (groups != null) {
      for (String line : groups.lines().toList()) {
        String[] parts = line.split(":", 3);
        if (parts.length < 3) {
          continue;
        }
        if (parts[1].isEmpty()) {
          left = Math.min(left, left("sys/fs/cgroup", parts[2], "memory.max", "anon"));
        } else if (parts[1].equals("memory")) {
          String limit = "memory.limit_in_bytes";
          left = Math.min(left, left("sys/fs/cgroup/memory", parts[2], limit, "total_rss"));
        }
      }
    }
    return left;
  }

  /** The least that the limits of a group and of those above it leave. */
  private long left(String mount, String group, String limitFile, String used) {
    Path top = root.resolve(mount);
    Path folder = top.resolve(group.substring(1)).normalize();
    if (!folder.startsWith(top) || !Files.exists(folder)) {
      folder = top; // in a container, the group's path may be the host's
    }
    long left = Long.MAX_VALUE;
    for (; folder.startsWith(top); folder = folder.getParent()) {
      String name = root.relativize(folder).toString();
      String limit = SystemFiles.read(root, name + "/" + limitFile);
      if (limit != null && !limit.equals("max")) {
        Long taken = number(SystemFiles.read(root, name + "/memory.stat"), used);
        left = Math.min(left, Long.parseLong(limit) - (taken == null ? 0 : taken));
      }
    }
    return left;
  }

  /** The number behind a name, at the start of one of the lines. */
  private static Long number(String text, String name) {
    return text == null
        ? null
        : text.lines()
            .map(line -> line.split("\\s+"))
            .filter(words -> words.length > 1 && words[0].equals(name))
            .map(words -> Long.valueOf(words[1]))
            .findFirst()
            .orElse(null);
  }
}
