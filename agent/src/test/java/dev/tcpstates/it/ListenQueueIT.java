// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * ListenQueue against ss, and against the counters of a network where all sockets are this JVM's.
 */
class ListenQueueIT {
  private static final String OFTEN = "+tcpstates.ListenQueue#period=100ms";
  private static final int KNOCKS = 10;

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  @OnEachJdk
  void overflow(Jdk jdk) throws Exception {
    Path file = directory.resolve("late.jfr");
    AgentJvm jvm = new AgentJvm(jdk, directory).under(hosts.at("here"));
    try (TimedShellJvm here = TimedShellJvm.start(jvm)) {
      int full = here.number("listen full " + TwoHosts.HERE + " 1");
      int calm = here.number("listen calm " + TwoHosts.HERE + " 7");
      here.run("knock calm1 " + TwoHosts.HERE + " " + calm);
      overflow(here, full, "before"); // not recorded: it is over when the recording starts
      final long overflowsBefore = hosts.counter("here", "TcpExtListenOverflows");
      final long dropsBefore = hosts.counter("here", "TcpExtListenDrops");
      assertNotEquals(0, dropsBefore);
      long pid = here.running().process().pid();
      Tool.jcmd(jdk, pid, "JFR.start", "name=late", OFTEN, "filename=" + file).ok();

      overflow(here, full, "after");
      Instant from = Instant.now();
      here.run("sleep 500");
      final Instant to = Instant.now();
      assertEquals(new Ss.Queue(2, 1), Ss.queue(hosts.at("here"), full));
      assertEquals(new Ss.Queue(1, 7), Ss.queue(hosts.at("here"), calm));
      Tool.jcmd(jdk, pid, "JFR.stop", "name=late").ok();
      long overflows = hosts.counter("here", "TcpExtListenOverflows") - overflowsBefore;
      long drops = hosts.counter("here", "TcpExtListenDrops") - dropsBefore;
      assertTrue(overflows >= KNOCKS - 2, "overflows: " + overflows);

      List<RecordedEvent> queues = Events.of(file, "ListenQueue");
      assertEquals(drops, sum(queues, full, "drops"));
      assertEquals(0, sum(queues, calm, "drops"));
      assertEquals(overflows, sum(queues, full, "namespaceOverflows"));
      assertEquals(overflows, sum(queues, calm, "namespaceOverflows"));
      int last = 0;
      for (RecordedEvent queue : queues) {
        boolean isFull = queue.getInt("localPort") == full;
        assertEquals(TwoHosts.HERE, queue.getString("localAddress"));
        assertTrue(queue.getString("openThread").startsWith("thread "), queue::toString);
        assertTrue(queue.getString("openedBy").contains("TimedShell.listen"));
        if (queue.getStartTime().isAfter(from) && queue.getStartTime().isBefore(to)) {
          assertEquals(isFull ? 2 : 1, queue.getInt("queueLength"));
          assertEquals(isFull ? 1 : 7, queue.getInt("queueLimit"));
          last++;
        }
      }
      assertTrue(last >= 4, "events: " + last);
      here.exit();
    }
  }

  /** More knock than the queue takes; those that are left outside give up soon. */
  private void overflow(TimedShellJvm here, int port, String name) throws Exception {
    boolean queued = name.equals("after");
    for (int i = 0; i < KNOCKS; i++) {
      here.run("knock " + name + i + " " + TwoHosts.HERE + " " + port);
    }
    here.run("sleep 1500"); // each has tried twice
    for (int i = queued ? 2 : 0; i < KNOCKS; i++) {
      here.run("close " + name + i);
    }
    if (!queued) {
      here.run("accept a full");
      here.run("accept b full");
      here.run("close a");
      here.run("close b");
    }
  }

  private static long sum(List<RecordedEvent> queues, int port, String field) {
    return queues.stream()
        .filter(queue -> queue.getInt("localPort") == port)
        .mapToLong(queue -> queue.getInt(field))
        .sum();
  }
}
