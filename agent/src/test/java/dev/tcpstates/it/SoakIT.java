// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.oracle.ControlPage;
import dev.tcpstates.it.workload.Soak;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Mixed traffic for long, with everything recorded: at the end all numbers are still right. */
class SoakIT {
  /** With -Dsoak=600 as by hand; in CI, it is one round of each. */
  private static final int SECONDS = Integer.getInteger("soak", 20);

  /** What the heap may have grown by from the first third to the last. */
  private static final long NOISE = 2 << 20;

  /** Missed transitions, at most; a connection has about ten. */
  private static final double MISSED_PER_CONNECTION = 0.01;

  private static final Set<String> TRANSIENT =
      Set.of("SYN_SENT", "SYN_RECV", "FIN_WAIT1", "CLOSING", "LAST_ACK");

  private static final Pattern GAUGES = Pattern.compile("\"sockets\":\\[([-\\d,]+)]");

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  @BeforeEach
  void connect() throws Exception {
    KernelTier.requireTools("bpftool");
  }

  @OnEachJdk
  void endsAsSsSees(Jdk jdk) throws Exception {
    Path jfc = directory.resolve("full.jfc");
    Files.writeString(jfc, Tool.agent(jdk, "jfc", "full").ok().out());
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .under(hosts.at("here"))
            .jvm("-Xmx256m", "-XX:+UseSerialGC", "-XX:SoftRefLRUPolicyMSPerMB=0")
            .record("maxsize=4g,settings=" + jfc);
    try (AgentJvm.Running running = jvm.start(Soak.class, Integer.toString(SECONDS))) {
      int sockets = Integer.parseInt(running.awaitLine("quiet ", SECONDS + 120));
      long pid = running.process().pid();
      Events.await("all ends", () -> isQuiet(sockets));
      // From now on, TIME_WAIT is all that changes, and only gets less.
      Map<String, Integer> before = Ss.states(hosts.at("here"));
      final Instant from = Instant.now();
      Thread.sleep(2_500);
      final Instant to = Instant.now();
      Map<String, Integer> after = Ss.states(hosts.at("here"));
      final Map<String, Integer> gauges = gauges(pid);
      Path file = directory.resolve("dump.jfr");
      Tool.jcmd(jdk, pid, "JFR.dump", "filename=" + file).ok();
      final long staying = staying();
      running.send("");
      String out = running.await().ok().out();

      long[] heap =
          out.lines().filter(l -> l.startsWith("heap ")).mapToLong(l -> number(l)).toArray();
      final long connections =
          out.lines().filter(l -> l.startsWith("connections ")).mapToLong(l -> number(l)).sum();
      System.out.printf(
          "%s, %d s, %d connections; heap %d to %d; ss before %s, after %s; gauges %s%n",
          jdk, SECONDS, connections, heap[0], heap[heap.length - 1], before, after, gauges);
      assertTrue(connections > SECONDS * 20L, "connections: " + connections);
      int timeWaitBefore = before.remove("TIME_WAIT");
      int timeWaitAfter = after.remove("TIME_WAIT");
      assertEquals(sockets, before.values().stream().mapToInt(Integer::intValue).sum());
      assertEquals(before, after, "it is not quiet");
      int events = 0;
      for (RecordedEvent count : Events.of(file, "StateCount")) {
        if (count.getStartTime().isAfter(from) && count.getStartTime().isBefore(to)) {
          Map<String, Integer> states = Events.states(count);
          int timeWait = states.remove("TIME_WAIT");
          assertTrue(
              timeWaitAfter <= timeWait && timeWait <= timeWaitBefore,
              timeWaitAfter + " <= " + timeWait + " <= " + timeWaitBefore);
          assertEquals(before, states);
          events++;
        }
      }
      assertTrue(events >= 1, "no events");

      TcpRecording recording = Recorded.readWithLosses(file);
      LongSummaryStatistics ended =
          recording.connections().stream().mapToLong(ConnectionInfo::bytesSent).summaryStatistics();
      long emitted =
          Events.of(file, "Throughput").stream().mapToLong(e -> e.getLong("bytesSent")).sum();
      long sent = ended.getSum() + staying;
      System.out.println(recording.losses() + "; bytes " + emitted + " of " + sent);
      int missed = 0;
      for (Loss loss : recording.losses()) {
        // Some kernels run no program on top of their own init: then an end may be missing.
        assertEquals("PROGRAM_SKIPPED", loss.reason());
        missed += loss.count();
      }
      assertTrue(missed <= MISSED_PER_CONNECTION * connections, "missed transitions: " + missed);
      // A missed transition leaves two states' counts wrong by one, and one connection without end.
      for (TcpState state : TcpState.values()) {
        int expected = before.getOrDefault(state.name(), 0);
        int counted = gauges.getOrDefault(state.name(), 0);
        assertEquals(expected, counted, missed, "the programs' counter of " + state);
      }
      assertEquals(sent, emitted, (double) missed * ended.getMax(), "bytes");

      long early = Stream.of(0, 1, 2).mapToLong(i -> heap[i]).max().orElseThrow();
      long late = Stream.of(7, 8, 9).mapToLong(i -> heap[i]).min().orElseThrow();
      assertTrue(late - early < NOISE, "the heap grew from " + early + " to " + late);
    }
  }

  private static long number(String line) {
    return Long.parseLong(line.substring(line.indexOf(' ') + 1));
  }

  /** The sockets of the workload's network, those in TIME_WAIT left out. */
  /** Whether so many sockets are open, and none is in a state that an ACK ends. */
  private boolean isQuiet(int open) throws Exception {
    Map<String, Integer> states = Ss.states(hosts.at("here"));
    states.remove("TIME_WAIT");
    return Collections.disjoint(states.keySet(), TRANSIENT)
        && states.values().stream().mapToInt(Integer::intValue).sum() == open;
  }

  /** What the connections that are still open have sent, as ss counts it. */
  private long staying() throws Exception {
    Matcher bytes =
        Pattern.compile("bytes_sent:(\\d+)")
            .matcher(hosts.run("here", "ss", "-tinHO", "state", "connected"));
    long sum = 0;
    while (bytes.find()) {
      sum += Long.parseLong(bytes.group(1));
    }
    return sum;
  }

  /** What the BPF programs have counted, up and down, since the JVM's start. */
  private static Map<String, Integer> gauges(long pid) throws Exception {
    String map = Long.toString(ControlPage.counters(pid));
    Matcher found = GAUGES.matcher(Tool.run("bpftool", "-j", "map", "dump", "id", map).ok().out());
    Map<String, Integer> gauges = new TreeMap<>();
    int cpus = 0;
    for (; found.find(); cpus++) {
      String[] counts = found.group(1).split(",");
      for (int state = 0; state < counts.length; state++) {
        gauges.merge(TcpState.nameOf(state), Integer.parseInt(counts[state]), Integer::sum);
      }
    }
    assertTrue(cpus > 0);
    gauges.values().removeIf(count -> count == 0);
    return gauges;
  }
}
