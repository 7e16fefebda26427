// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernel grants a process, as far as BPF needs it, read once from {@code /proc/PID}.
 * Immutable. What can't be read counts as unknown, and unknown is never taken for a cause.
 */
public final class Privileges {
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  /** USER_NS_INIT_INO of linux/nsfs.h. */
  private static final String INITIAL_NAMESPACE = "user:[4026531837]";

  private static final String WHOLE_MAP = "0 0 4294967295";
  private static final String SECCOMP_FILTER = "2";

  private static final String FROM_OUTSIDE =
      "start it as root with both (Docker: --cap-add=BPF --cap-add=PERFMON; Kubernetes:"
          + " capabilities.add: [BPF, PERFMON] and runAsUser: 0), or let systemd grant them"
          + " (CAP_BPF CAP_PERFMON in AmbientCapabilities= and, if set, CapabilityBoundingSet=)";
  private static final String AS_OTHER_USER =
      "run it as root, or give it both as ambient capabilities (systemd:"
          + " AmbientCapabilities=CAP_BPF CAP_PERFMON; by hand: setpriv --inh-caps +bpf,+perfmon"
          + " --ambient-caps +bpf,+perfmon); Docker's --cap-add and Kubernetes' capabilities.add"
          + " reach only root";

  private final KernelFacts kernel;
  private final String name;
  private final String folder;
  private final Map<String, String> status = new HashMap<>();
  private final String userNamespace;
  private final String userMap;
  private final String label;
  private final String selinuxEnforced;
  private final String lockedMemory;

  private Privileges(Path root, String process, String name, KernelFacts kernel) {
    this.kernel = kernel;
    this.name = name;
    this.folder = "proc/" + process;
    String text = SystemFiles.read(root, folder + "/status");
    if (text != null) {
      text.lines().forEach(this::addToStatus);
    }
    userNamespace = SystemFiles.readLink(root, folder + "/ns/user");
    String map = SystemFiles.read(root, folder + "/uid_map");
    userMap = map == null ? null : map.replaceAll(" +", " ");
    label = SystemFiles.read(root, folder + "/attr/current");
    selinuxEnforced = SystemFiles.read(root, "sys/fs/selinux/enforce");
    String limits = SystemFiles.read(root, folder + "/limits");
    lockedMemory = limits == null ? null : SystemFiles.limit(limits, "Max locked memory");
  }

  /** Reads the privileges of this JVM. */
  public static Privileges ofThisJvm(KernelFacts kernel) {
    return ofThisJvm(SystemFiles.ROOT, kernel);
  }

  static Privileges ofThisJvm(Path root, KernelFacts kernel) {
    return new Privileges(root, "self", "this JVM", kernel);
  }

  /**
   * Reads the privileges of another JVM.
   *
   * @param pid its process id, in the PID namespace of this one
   */
  public static Privileges of(long pid, KernelFacts kernel) {
    return new Privileges(SystemFiles.ROOT, Long.toString(pid), "JVM " + pid, kernel);
  }

  private void addToStatus(String line) {
    int colon = line.indexOf(':');
    if (colon > 0) {
      status.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
  }

  /** Returns what the process may and may not do, the strongest hindrance first. */
  public List<Condition> conditions() {
    return List.of(
        userNamespace(),
        capabilities(),
        noNewPrivileges(),
        lockedMemory(),
        seccomp(),
        confinement());
  }

  /** Whether it is known that the process is in the initial user namespace. */
  boolean isInInitialUserNamespace() {
    return userNamespace == null
        ? WHOLE_MAP.equals(userMap)
        : userNamespace.equals(INITIAL_NAMESPACE);
  }

  /** Whether the capabilities count: the kernel asks for them in the initial user namespace. */
  Condition userNamespace() {
    String subject = "user namespace";
    if (userNamespace == null && userMap == null) {
      return Condition.fine(subject, "not known");
    }
    return isInInitialUserNamespace()
        ? Condition.fine(subject, "the initial one")
        : Condition.certain(
            subject,
            name
                + " runs in a child user namespace, where CAP_BPF and CAP_PERFMON do not count for"
                + " BPF",
            "start it in the initial user namespace (no rootless Docker or Podman; Docker:"
                + " --userns=host; Kubernetes: no hostUsers: false; systemd: no PrivateUsers=)");
  }

  /** Whether the process has the capabilities, and if not, where they were lost. */
  Condition capabilities() {
    String subject = "capabilities";
    if (!status.containsKey("CapEff")) {
      return Condition.certain(
          subject, "not known, because /" + folder + "/status can't be read", "mount /proc");
    }
    List<String> missing = missing("CapEff");
    if (missing.isEmpty()) {
      return Condition.fine(subject, held());
    }
    boolean root = user().equals("0");
    String lacks =
        name + " runs as " + (root ? "root" : "user " + user()) + " without " + and(missing);
    List<String> excluded = missing("CapBnd");
    if (!excluded.isEmpty()) {
      return Condition.certain(
          subject,
          lacks
              + ", and its bounding set excludes "
              + (excluded.equals(missing) ? (missing.size() == 1 ? "it" : "both") : and(excluded)),
          FROM_OUTSIDE);
    }
    if (root) {
      return Condition.certain(
          subject,
          lacks + ", which its bounding set allows",
          "let the program that starts it (setpriv, capsh, a launcher) keep them");
    }
    return Condition.certain(
        subject,
        lacks,
        hasNoNewPrivileges()
            ? AS_OTHER_USER + "; no_new_privs is set, so sudo and file capabilities have no effect"
            : AS_OTHER_USER);
  }

  /** The names of the capabilities that BPF needs and a set lacks. */
  private List<String> missing(String set) {
    List<String> missing = new ArrayList<>();
    // CAP_SYS_ADMIN includes both, as before Linux 5.8, which had it alone.
    if (!has(set, CAP_BPF) && !has(set, CAP_SYS_ADMIN)) {
      missing.add("CAP_BPF");
    }
    if (!has(set, CAP_PERFMON) && !has(set, CAP_SYS_ADMIN)) {
      missing.add("CAP_PERFMON");
    }
    return missing;
  }

  private boolean has(String set, int capability) {
    String bits = status.get(set);
    return bits != null && (Long.parseUnsignedLong(bits, 16) >> capability & 1) == 1;
  }

  /** The capabilities that are enough for BPF, of those that the process has. */
  String held() {
    return has("CapEff", CAP_BPF) && has("CapEff", CAP_PERFMON)
        ? "CAP_BPF and CAP_PERFMON"
        : "CAP_SYS_ADMIN";
  }

  private static String and(List<String> names) {
    return String.join(" and ", names);
  }

  /** The effective user's id. */
  private String user() {
    String[] ids = status.getOrDefault("Uid", "? ?").split("\\s+");
    return ids[Math.min(1, ids.length - 1)];
  }

  private boolean hasNoNewPrivileges() {
    return "1".equals(status.get("NoNewPrivs"));
  }

  /** Matters only to a process that would get its capabilities by running a file. */
  private Condition noNewPrivileges() {
    return Condition.fine("no_new_privs", hasNoNewPrivileges() ? "set" : "not set");
  }

  /** Whether the limit of locked memory holds for BPF maps, as it did before Linux 5.11. */
  Condition lockedMemory() {
    String subject = "locked memory";
    if (lockedMemory == null) {
      return Condition.fine(subject, "not known");
    }
    if (!kernel.isBefore(5, 11)) {
      return Condition.fine(subject, "this kernel does not count BPF maps");
    }
    return lockedMemory.equals("unlimited")
        ? Condition.fine(subject, "unlimited")
        : Condition.possible(
            subject,
            "Linux "
                + kernel.release()
                + " counts BPF maps as locked memory, of which it may have only "
                + lockedMemory
                + " bytes",
            "run Linux 5.12 or later, which the agent needs and which has no such limit");
  }

  /** Whether a filter of system calls is on, which may refuse {@code bpf}. */
  Condition seccomp() {
    String subject = "seccomp";
    return hasSeccompFilter()
        ? Condition.possible(
            subject,
            "a seccomp filter is on",
            "allow the system call bpf in its seccomp profile (Docker: --security-opt seccomp=FILE;"
                + " Kubernetes: securityContext.seccompProfile; systemd: SystemCallFilter=bpf)")
        : Condition.fine(subject, status.containsKey("Seccomp") ? "no filter" : "not known");
  }

  boolean hasSeccompFilter() {
    return SECCOMP_FILTER.equals(status.get("Seccomp"));
  }

  /** Whether SELinux or AppArmor confines the process, which may refuse BPF. */
  Condition confinement() {
    String subject = "confinement";
    if (label == null || label.isEmpty()) {
      return Condition.fine(subject, "none is known");
    }
    if (label.endsWith(" (enforce)") || label.endsWith(" (kill)")) {
      return Condition.possible(
          subject,
          "the AppArmor profile '" + label + "' confines it",
          "allow capability bpf and capability perfmon in its AppArmor profile (Docker:"
              + " --security-opt apparmor=NAME; the kernel's log has what was denied)");
    }
    String[] context = label.split(":");
    if (!label.endsWith(")") && context.length >= 3 && !"0".equals(selinuxEnforced)) {
      String type = context[2];
      if (!type.startsWith("unconfined_") && !type.equals("spc_t")) {
        return Condition.possible(
            subject,
            "SELinux confines it as '" + label + "'",
            "allow type "
                + type
                + " the classes bpf and capability2 in the SELinux policy (Docker,"
                + " Podman: --security-opt label=disable; ausearch -m avc has what was denied)");
      }
    }
    return Condition.fine(subject, label);
  }
}
