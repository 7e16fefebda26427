// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import dev.tcpstates.agent.kernel.facts.Condition.Effect;
import dev.tcpstates.agent.kernel.libbpf.Errno;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Why the kernel refused a call, by what is known of the process and the kernel. One line: the
 * cause, the call in parentheses, and after the first {@code "; "} what to do.
 */
public final class Refusal {
  /** Older kernels lack a helper that the BPF programs call. */
  private static final int[] FIRST_KERNEL = {5, 12};

  /** The verifier's words for a helper that is denied, until and from Linux 6.7 on. */
  private static final Pattern NO_READING =
      Pattern.compile("(unknown func|cannot use helper) bpf_probe_read");

  private final Privileges privileges;
  private final KernelFacts kernel;

  Refusal(Privileges privileges, KernelFacts kernel) {
    this.privileges = privileges;
    this.kernel = kernel;
  }

  /** Reads the facts as they are now. */
  public static Refusal now() {
    KernelFacts kernel = KernelFacts.read();
    return new Refusal(Privileges.ofThisJvm(kernel), kernel);
  }

  /** Explains a failed call. */
  public String explain(CallFailed e) {
    String call = " (" + e.brief() + "); ";
    if (Errno.isPermission(e)) {
      return permission(call);
    }
    return switch (e.errno) {
      case Errno.ENOSYS ->
          (privileges.hasSeccompFilter()
                  ? "this kernel has no system call bpf, or a seccomp filter hides it"
                  : "this kernel has no system call bpf")
              + call
              + (privileges.hasSeccompFilter() ? privileges.seccomp().remedy() + ", or " : "")
              + "run a Linux kernel that is built with CONFIG_BPF_SYSCALL=y (gVisor has no BPF)";
      case Errno.EAGAIN ->
          "signals or a debugger interrupted the kernel's check of the BPF programs each time"
              + call
              + "attach the agent again while neither does";
      case Errno.ENOMEM ->
          "the kernel has no memory left for BPF"
              + call
              + "set a smaller ringSize, or raise the memory limit of the container or the machine";
      case Errno.EMFILE ->
          "this JVM has no file descriptor left"
              + call
              + "raise its limit (ulimit -n; systemd: LimitNOFILE=)";
      case Errno.ENFILE ->
          "this machine has no file left to open" + call + "raise the sysctl fs.file-max";
      case Errno.ENOSPC ->
          "the kernel has no room left for another BPF object"
              + call
              + "unload BPF programs that nobody needs (bpftool prog)";
      default -> other(e, call);
    };
  }

  private String permission(String call) {
    for (Condition one : List.of(privileges.userNamespace(), privileges.capabilities())) {
      if (one.effect() == Effect.CERTAIN) {
        return (one.found().startsWith("not known")
                ? "the kernel refuses BPF, and why is " + one.found()
                : one.found())
            + call
            + one.remedy();
      }
    }
    String held = "this JVM has " + privileges.held();
    List<Condition> possible =
        Stream.of(
                privileges.lockedMemory(),
                privileges.seccomp(),
                privileges.confinement(),
                kernel.lockdown())
            .filter(condition -> condition.effect() == Effect.POSSIBLE)
            .toList();
    if (!possible.isEmpty()) {
      return held
          + ", but "
          + join(" and ", possible.stream().map(Condition::found))
          + ", which may forbid this"
          + call
          + join("; or ", possible.stream().map(Condition::remedy));
    }
    return held
        + (privileges.isInInitialUserNamespace() ? " in the initial user namespace" : "")
        + ", and the kernel refuses this all the same"
        + call
        + "look for the kernel's reason in its log (dmesg) and the audit log, and report this line"
        + " with the kernel's version, "
        + kernel.release()
        + (kernel.securityModules() == null
            ? ""
            : ", and its security modules, " + kernel.securityModules());
  }

  private String other(CallFailed e, String call) {
    // From 5.5 on, every kernel has this helper and denies it to those who may not read its memory.
    if (NO_READING.matcher(e.log).find() && !Boolean.FALSE.equals(kernel.isConfidential())) {
      return (kernel.isConfidential() == null
              ? "the kernel's lockdown or a security module forbids BPF to read the kernel's memory"
              : "the kernel's lockdown is 'confidentiality', which forbids BPF to read the kernel's"
                  + " memory")
          + call
          + "boot with lockdown=integrity, or without Secure Boot's lockdown";
    }
    return "Linux "
        + kernel.release()
        + " does not do what the agent asks of it"
        + call
        + (kernel.isBefore(FIRST_KERNEL[0], FIRST_KERNEL[1])
            ? "run Linux 5.12 or later"
            : "report this line");
  }

  private static String join(String separator, Stream<String> parts) {
    return parts.collect(Collectors.joining(separator));
  }
}
