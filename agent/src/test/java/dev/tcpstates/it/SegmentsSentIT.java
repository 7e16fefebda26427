// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The counters of segments against ss, in both modes, in a network of its own. */
class SegmentsSentIT {
  private static final String SENT = "tcpstates_segments_sent_total";
  private static final String RETRANSMITS = "tcpstates_retransmits_total";
  private static final String UNKNOWN_KIND = "tcpstates_segment_kind=_OTHER";

  private static final int CONNECTIONS = 3;
  private static final int MUCH = 1_000_000;

  /** Longer than the agent uses a snapshot. */
  private static final String FRESH = "sleep 10500";

  /** More than two polls. */
  private static final String TWO_POLLS = "sleep 2500";

  @TempDir static Path shared;
  private static Unprivileged nobody;

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  @BeforeAll
  static void copies() throws IOException {
    nobody = new Unprivileged(shared);
  }

  @BeforeEach
  void requireTools() {
    KernelTier.requireTools("curl", "ss");
  }

  private Path socket() {
    return directory.resolve("m.sock");
  }

  private AgentJvm exact(Jdk jdk) {
    return new AgentJvm(jdk, directory).under(hosts.at("here")).options("metrics=" + socket());
  }

  private AgentJvm sampled(Jdk jdk) throws IOException {
    String[] command =
        Stream.of(hosts.at("here"), Unprivileged.command())
            .flatMap(Stream::of)
            .toArray(String[]::new);
    return nobody.jvmUnder(jdk, directory, command).options("metrics=" + socket());
  }

  private double sent() throws Exception {
    return Exposition.of(socket()).value(SENT);
  }

  /** What ss shows of both sides of connections with this host itself. */
  private long segmentsOut(Iterable<Pair> pairs) throws Exception {
    long sum = 0;
    for (Pair pair : pairs) {
      sum += segmentsOut(pair.clientPort(), pair.serverPort());
      sum += segmentsOut(pair.serverPort(), pair.clientPort());
    }
    return sum;
  }

  private long segmentsOut(int localPort, int port) throws Exception {
    return Ss.connection(hosts.at("here"), localPort, port).number("segs_out");
  }

  private static List<Pair> transfers(TimedShellJvm shell) throws Exception {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      int port = shell.number("listen L" + i + " 127.0.0.1 9");
      Pair pair = Pair.connected(shell, "" + i, "L" + i, port);
      shell.run("transfer " + pair.client() + " " + pair.server() + " " + MUCH);
      pairs.add(pair);
    }
    shell.run("sleep 60"); // the last acknowledgement may be delayed by 40 ms
    return pairs;
  }

  private static void close(TimedShellJvm shell, Pair pair) throws Exception {
    shell.run("close " + pair.client());
    shell.run("eof " + pair.server());
    shell.run("close " + pair.server());
    shell.run("ended " + pair.serverPort());
  }

  @OnEachJdk
  void openAndEndedConnections(Jdk jdk) throws Exception {
    try (TimedShellJvm shell = TimedShellJvm.start(exact(jdk))) {
      List<Pair> pairs = transfers(shell);
      long open = segmentsOut(pairs);
      assertTrue(open > CONNECTIONS * MUCH / 65_536, "" + open);
      assertEquals(open, sent());

      // The end of the first one counts at once.
      Pair first = pairs.remove(0);
      close(shell, first);
      // The client's FIN; the server's acknowledgement of it, and its FIN.
      long ended = open - segmentsOut(pairs) + 1 + 2;
      double withEnd = sent();
      assertEquals(open + 3, withEnd);

      // What the open ones send counts with the next snapshot.
      Pair second = pairs.get(0);
      shell.run("transfer " + second.server() + " " + second.client() + " " + MUCH);
      assertTrue(sent() >= withEnd);
      shell.run(FRESH);
      assertEquals(ended + segmentsOut(pairs), sent());

      for (Pair pair : pairs) {
        ended += segmentsOut(List.of(pair)) + 3;
        close(shell, pair);
      }
      assertEquals(ended, sent());
      shell.run(FRESH);
      assertEquals(ended, sent());
      shell.exit();
    }
  }

  @OnEachJdk
  void polled(Jdk jdk) throws Exception {
    try (TimedShellJvm shell = TimedShellJvm.start(sampled(jdk))) {
      List<Pair> pairs = transfers(shell);
      long open = segmentsOut(pairs);
      assertEquals(open, sent());
      shell.run(TWO_POLLS);
      Pair first = pairs.remove(0);
      close(shell, first);
      shell.run(TWO_POLLS);
      // A poll may find it before or after it sends its FIN.
      double withEnd = sent();
      assertTrue(withEnd >= open && withEnd <= open + 3, withEnd + " of " + open);

      Pair second = pairs.get(0);
      long before = segmentsOut(List.of(second));
      shell.run("transfer " + second.server() + " " + second.client() + " " + MUCH);
      shell.run(FRESH);
      assertEquals(withEnd + segmentsOut(List.of(second)) - before, sent());
      shell.exit();
    }
  }

  @OnEachJdk
  void retransmittedOnesOfALossyCable(Jdk jdk) throws Exception {
    lossy(jdk, exact(jdk));
  }

  @OnEachJdk
  void retransmittedOnesPolled(Jdk jdk) throws Exception {
    Exposition metrics = lossy(jdk, sampled(jdk));
    assertEquals(1, metrics.all(RETRANSMITS).size());
    assertEquals(metrics.sum(RETRANSMITS), metrics.value(RETRANSMITS, UNKNOWN_KIND));
  }

  private Exposition lossy(Jdk jdk, AgentJvm here) throws Exception {
    AgentJvm there =
        new AgentJvm(jdk, Files.createDirectories(directory.resolve("there")))
            .under(hosts.at("there"))
            .withoutAgent();
    try (TimedShellJvm left = TimedShellJvm.start(here);
        TimedShellJvm right = TimedShellJvm.start(there)) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      int clientPort = left.number("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      hosts.lose(0.03);
      do {
        right.begin("receive S " + MUCH);
        left.run("send C " + MUCH);
        assertEquals(MUCH, right.end().number());
      } while (hosts.counter("here", "TcpRetransSegs") < 5);
      hosts.loseNothing();
      left.run("sleep 1000"); // nothing is on its way any more
      Ss.Info client = Ss.connection(hosts.at("here"), clientPort, port);
      Exposition metrics = Exposition.of(socket());
      assertEquals(hosts.counter("here", "TcpRetransSegs"), client.number("retrans"));
      assertEquals(client.number("retrans"), metrics.sum(RETRANSMITS));
      assertEquals(client.number("segs_out"), metrics.value(SENT));
      left.exit();
      right.exit();
      return metrics;
    }
  }

  /** The agent comes to a JVM with an open connection, goes, and comes again. */
  @OnEachJdk
  void attachedToARunningJvm(Jdk jdk) throws Exception {
    AgentJvm jvm = new AgentJvm(jdk, directory).under(hosts.at("here")).withoutAgent();
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      String pid = "" + shell.running().process().pid();
      List<Pair> pairs = transfers(shell);
      Pair pair = pairs.get(0);
      final long older = segmentsOut(pairs);
      Tool.agent(jdk, "attach", pid, "metrics=" + socket()).ok();
      shell.run("transfer " + pair.client() + " " + pair.server() + " " + MUCH);
      shell.run("sleep 60");
      long counted = segmentsOut(pairs) - older;
      assertEquals(counted, sent());

      Tool.agent(jdk, "detach", pid).ok();
      shell.run("transfer " + pair.client() + " " + pair.server() + " " + MUCH);
      shell.run("sleep 60");
      assertTrue(segmentsOut(pairs) > older + counted);
      Tool.agent(jdk, "attach", pid, "metrics=" + socket()).ok();
      assertEquals(counted, sent());
      close(shell, pair);
      assertEquals(counted + 3, sent());
      shell.exit();
    }
  }
}
