// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Two network namespaces with a cable between them, which can lose packets; new for each test.
 * Needs iproute2 and the kernel's cls_bpf classifier: netem is rarely there.
 */
final class TwoHosts implements BeforeEachCallback, AfterEachCallback, AutoCloseable {
  static final String HERE = "10.201.0.1";
  static final String THERE = "10.201.0.2";

  private static final List<String> ENDS = List.of("here", "there");
  private static final String CABLE = "cable";

  /**
   * Loads the protocol, passes what is not IPv4 (lost ARP would make a host unreachable), loads a
   * random number, drops the packet unless that is above the limit.
   */
  private static final String LOSE =
      "6,32 0 0 4294963200,21 0 3 2048,32 0 0 4294963256,37 1 0 %d,6 0 0 2,6 0 0 0";

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String id =
      "tcpstates-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet() + "-";

  static TwoHosts connected() throws IOException, InterruptedException {
    TwoHosts hosts = new TwoHosts();
    hosts.connect();
    return hosts;
  }

  @Override
  public void beforeEach(ExtensionContext test) throws IOException, InterruptedException {
    KernelTier.require();
    connect();
  }

  private void connect() throws IOException, InterruptedException {
    KernelTier.requireNetworkNamespaces();
    KernelTier.requireTools("tc", "nstat", "nsenter", "ss");
    for (String end : ENDS) {
      Tool.run("ip", "netns", "add", id + end).ok();
    }
    String link = "ip link add %s netns %shere type veth peer name %s netns %sthere";
    Tool.run(String.format(link, CABLE, id, CABLE, id).split(" ")).ok();
    for (String end : ENDS) {
      String address = end.equals("here") ? HERE : THERE;
      run(end, "ip", "link", "set", "lo", "up");
      run(end, "ip", "address", "add", address + "/24", "dev", CABLE);
      run(end, "ip", "link", "set", CABLE, "up");
    }
  }

  @Override
  public void afterEach(ExtensionContext test) throws IOException {
    close();
  }

  @Override
  public void close() throws IOException {
    try {
      for (String end : ENDS) {
        Tool.run("ip", "netns", "del", id + end);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What must stand before a command that is to run at one end. */
  String[] at(String end) {
    return new String[] {"nsenter", "--net=/run/netns/" + id + end};
  }

  String run(String end, String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(at(end)));
    words.addAll(List.of(command));
    return Tool.run(words.toArray(String[]::new)).ok().out();
  }

  /** Somebody there who connects to a port here, and ends when that has been answered. */
  Process knock(int port) throws IOException {
    String[] at = at("there");
    String connect = "exec 3<>/dev/tcp/" + HERE + "/" + port;
    return new ProcessBuilder(at[0], at[1], "timeout", "60", "bash", "-c", connect)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  void sysctl(String end, String name, int value) throws IOException, InterruptedException {
    run(end, "sh", "-c", "echo " + value + " >/proc/sys/net/ipv4/" + name);
  }

  /** From now on the cable loses so much of what is sent either way. */
  void lose(double share) throws IOException, InterruptedException {
    for (String end : ENDS) {
      loseAt(end, share);
    }
  }

  /** From now on the cable loses so much of what is sent to one end. */
  void loseAt(String end, double share) throws IOException, InterruptedException {
    String program = String.format(Locale.ROOT, LOSE, (long) (share * 0xffff_ffffL));
    run(end, "tc", "qdisc", "replace", "dev", CABLE, "clsact");
    run(
        end,
        "tc",
        "filter",
        "add",
        "dev",
        CABLE,
        "ingress",
        "bpf",
        "direct-action",
        "bytecode",
        program);
  }

  void loseNothing() throws IOException, InterruptedException {
    for (String end : ENDS) {
      loseNothingAt(end);
    }
  }

  void loseNothingAt(String end) throws IOException, InterruptedException {
    run(end, "tc", "qdisc", "del", "dev", CABLE, "clsact");
  }

  /** One of the kernel's counters at one end, since the beginning. */
  long counter(String end, String name) throws IOException, InterruptedException {
    return run(end, "nstat", "--zeros", "--noupdate", "--ignore", name)
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.split("\\s+")[1]))
        .findFirst()
        .orElseThrow();
  }
}
