// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Churn;
import dev.tcpstates.it.workload.ManyOpen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What the agent keeps on the heap is bounded, and given back. */
@Isolated("it opens and churns sockets by the ten thousand")
@NeedsBpf
class MemoryIT {
  /** With -Dsockets=1000000 it takes some minutes. */
  private static final int SOCKETS = Integer.getInteger("sockets", 100_000);

  private static final long TIMEOUT_SECONDS = 120 + SOCKETS / 1000;

  private static final int MANY_OPEN = 20_000;

  /** Descriptors that a JVM needs for itself. */
  private static final int OWN_DESCRIPTORS = 500;

  private static final long MOST_BYTES_PER_SOCKET = 200;

  /** What the heap may have grown by; two thousandths of the sockets would take as much. */
  private static final long NOISE = 1 << 20;

  @TempDir private Path directory;

  private AgentJvm jvm(Jdk jdk, String name) throws IOException {
    Path own = Files.createDirectory(directory.resolve(name));
    // Its count of used bytes is exact after a collection.
    return new AgentJvm(jdk, own)
        .jvm("-Xmx512m", "-XX:+UseSerialGC", "-XX:SoftRefLRUPolicyMSPerMB=0");
  }

  @OnEachJdk
  void whatHasEndedLeavesNothing(Jdk jdk) throws Exception {
    String count = Integer.toString(SOCKETS);
    // Side by side, for most of the time is waiting.
    try (AgentJvm.Running unrecorded = jvm(jdk, "off").start(Churn.class, count, "false");
        AgentJvm.Running recorded = jvm(jdk, "on").start(Churn.class, count, "true")) {
      assertLeavesNothing(unrecorded, "off");
      assertLeavesNothing(recorded, "on");
    }
  }

  private static void assertLeavesNothing(AgentJvm.Running running, String recording)
      throws Exception {
    String out = running.await(TIMEOUT_SECONDS).ok().out();
    System.out.println("recording " + recording + ": " + out.replace("\n", ", "));
    assertEquals(SOCKETS, number(out, "opened"));
    assertEquals(SOCKETS / 10, number(out, "unconnected"));
    assertEquals(0, number(out, "open"), "sockets in the registry");
    assertTrue(number(out, "emptied") <= 30_000, out);
    assertTrue(number(out, "grown") < NOISE, out);
    // It did have something to give back; each event that counts first forgets what is closed.
    assertTrue(number(out, "most") > 0, out);
  }

  @OnEachJdk
  void anOpenSocketCostsLittle(Jdk jdk) throws Exception {
    for (String threads : new String[] {"false", "true"}) {
      int sockets = Math.min(MANY_OPEN, descriptorLimit() - OWN_DESCRIPTORS) / 2 * 2;
      String count = Integer.toString(sockets);
      String with;
      String without;
      try (AgentJvm.Running agent =
              jvm(jdk, "with" + threads).start(ManyOpen.class, count, threads);
          AgentJvm.Running none =
              jvm(jdk, "without" + threads).withoutAgent().start(ManyOpen.class, count, threads)) {
        with = agent.await().ok().out();
        without = none.await().ok().out();
      }
      assertEquals(number(without, "sockets"), number(with, "sockets"));
      long bytes = (number(with, "heap") - number(without, "heap")) / number(with, "sockets");
      System.out.println(
          jdk
              + ", "
              + count
              + " sockets, a thread each: "
              + threads
              + ": "
              + bytes
              + " bytes each");
      assertTrue(bytes <= MOST_BYTES_PER_SOCKET, bytes + " bytes for a socket");
      assertTrue(bytes > 10, bytes + " bytes for a socket: there is no agent");
    }
  }

  /** JVMs raise their own limit as far as they may. */
  private static int descriptorLimit() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.substring(26).strip().split(" +")[1])
        .mapToInt(limit -> limit.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(limit))
        .findFirst()
        .orElseThrow();
  }

  private static long number(String out, String name) {
    return out.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }
}
