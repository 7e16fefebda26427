// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is sent again over a cable that loses packets, against the counters of nstat and ss. */
class RetransmitIT {
  private static final int MUCH = 3_000_000;

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  private AgentJvm jvm(Jdk jdk, String end) throws Exception {
    Path own = Files.createDirectories(directory.resolve(end));
    return new AgentJvm(jdk, own).under(hosts.at(end)).record();
  }

  /** The events of one end, whose segments are as many as the kernel's counters there say. */
  private Segments read(Path recording, String end) throws Exception {
    Segments segments =
        Segments.retransmits(recording)
            .sound("TimedShell.bind", "TimedShell.listen", "TimedShell.accept");
    assertEquals(0, hosts.counter(end, "TcpExtTCPRetransFail"));
    assertEquals(
        hosts.counter(end, "TcpRetransSegs"),
        segments.sum("segments"),
        () -> segments.rows("startTime", "state", "kind", "retransmits").toString());
    Map<String, Long> kinds = segments.count("kind");
    assertEquals(
        hosts.counter(end, "TcpExtTCPSynRetrans"),
        kinds.getOrDefault("SYN", 0L) + kinds.getOrDefault("SYN_ACK", 0L));
    return segments;
  }

  /** Each says how many there have been, itself included; the last one's number is returned. */
  private static long assertCounted(Segments ofOneConnection) {
    long sent = 0;
    for (RecordedEvent event : ofOneConnection.all()) {
      sent += event.getInt("segments");
      assertEquals(sent, event.getInt("retransmits"), event::toString);
    }
    return sent;
  }

  private static ConnectionInfo only(Path recording) throws Exception {
    Connections connections = Connections.read(recording).agreeWithTransitions().nothingLeftOpen();
    assertEquals(1, connections.all().size());
    return connections.all().get(0);
  }

  @OnEachJdk
  void data(Jdk jdk) throws Exception {
    Path here;
    Path there;
    Ss.Info client;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      int clientPort = left.number("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      hosts.lose(0.03);
      for (TimedShellJvm from : List.of(left, right)) {
        TimedShellJvm to = from == left ? right : left;
        String end = from == left ? "here" : "there";
        do { // until the cable has lost more than a probe makes good
          to.begin("receive " + (to == left ? "C " : "S ") + MUCH);
          from.run("send " + (from == left ? "C " : "S ") + MUCH);
          assertEquals(MUCH, to.end().number());
        } while (hosts.counter(end, "TcpRetransSegs") <= hosts.counter(end, "TcpExtTCPLossProbes"));
      }
      hosts.loseNothing();
      left.run("sleep 1000"); // nothing is on its way any more
      client = Ss.connection(hosts.at("here"), clientPort, port);
      left.run("close C");
      right.run("eof S");
      right.run("close S");
      right.run("ended " + port);
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }

    for (String end : List.of("here", "there")) {
      Path recording = end.equals("here") ? here : there;
      ConnectionInfo connection = only(recording);
      Segments all = read(recording, end);
      Segments own = all.of(connection);
      assertEquals(all, own);
      assertEquals(connection.retransmits(), assertCounted(own));
      assertEquals(connection.bytesRetransmitted(), own.sum("bytesRetransmitted"));
      Map<String, Long> kinds = own.count("kind");
      assertTrue(Set.of("DATA", "LOSS_PROBE").containsAll(kinds.keySet()), kinds::toString);
      assertTrue(kinds.containsKey("DATA"), kinds::toString);
      // A probe that is new data is none that is sent again.
      assertTrue(kinds.getOrDefault("LOSS_PROBE", 0L) <= hosts.counter(end, "TcpExtTCPLossProbes"));
      assertEquals(Set.of("ESTABLISHED"), own.count("state").keySet());
      System.out.println(end + ": " + kinds + " in " + own.sum("segments") + " segments");
    }
    Segments sent = Segments.retransmits(here);
    assertEquals(client.number("bytes_retrans"), sent.sum("bytesRetransmitted"));
    assertEquals(client.number("retrans"), sent.sum("segments"));
  }

  /** One segment, and then the end: a probe first, and when that is lost too, the timeout. */
  @OnEachJdk
  void probeThenTimeout(Jdk jdk) throws Exception {
    Path here;
    Path there;
    long dataTimeouts;
    long dataProbes;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      left.run("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      hosts.lose(1);
      left.run("send C 7");
      left.run("sleep 1000");
      hosts.loseNothing();
      right.run("available S 7");
      dataTimeouts = hosts.counter("here", "TcpExtTCPTimeouts");
      dataProbes = hosts.counter("here", "TcpExtTCPLossProbes");
      hosts.lose(1);
      left.run("close C");
      left.run("sleep 1000");
      hosts.loseNothing();
      right.run("receive S 8"); // seven, and the end
      right.run("close S");
      right.run("ended " + port);
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }

    ConnectionInfo connection = only(here);
    Segments own = read(here, "here").of(connection);
    assertEquals(connection.retransmits(), assertCounted(own));
    Segments ofData = own.with("state", "ESTABLISHED");
    assertEquals(Map.of("LOSS_PROBE", dataProbes, "DATA", dataTimeouts), ofData.count("kind"));
    assertEquals(1, dataProbes);
    assertEquals("LOSS_PROBE", ofData.all().get(0).getString("kind"));
    for (RecordedEvent event : ofData.all()) {
      assertEquals(7, event.getLong("bytesRetransmitted"));
    }
    long timeouts = hosts.counter("here", "TcpExtTCPTimeouts") - dataTimeouts;
    long probes = hosts.counter("here", "TcpExtTCPLossProbes") - dataProbes;
    Segments ofFin = own.with("state", "FIN_WAIT1");
    assertTrue(timeouts > 0);
    assertEquals(timeouts, ofFin.with("kind", "FIN").all().size());
    assertEquals(probes, ofFin.with("kind", "LOSS_PROBE").all().size());
    assertEquals(0, ofFin.sum("bytesRetransmitted"));
    assertEquals(own.all().size(), ofData.all().size() + ofFin.all().size());
    assertEquals(List.of(), read(there, "there").all());
  }

  @OnEachJdk
  void synAndSynAck(Jdk jdk) throws Exception {
    Path here;
    Path there;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      left.run("bind C");
      hosts.loseAt("here", 1); // the SYN arrives, the SYN-ACK doesn't
      left.begin("connect C " + TwoHosts.THERE + " " + port);
      Events.await("retransmitted SYN", () -> hosts.counter("here", "TcpRetransSegs") >= 2);
      Events.await("retransmitted SYN-ACK", () -> hosts.counter("there", "TcpRetransSegs") >= 1);
      hosts.loseNothingAt("here");
      assertEquals("connected", left.end().result());
      right.run("accept S L");
      left.run("close C");
      right.run("eof S");
      right.run("close S");
      right.run("ended " + port);
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }

    ConnectionInfo client = only(here);
    Segments syns = read(here, "here").of(client);
    assertEquals(Set.of("SYN"), syns.count("kind").keySet());
    assertEquals(Set.of("SYN_SENT"), syns.count("state").keySet());
    assertTrue(syns.all().size() >= 2, syns::toString);
    assertEquals(client.retransmits(), assertCounted(syns));

    // The request had the number that its socket was to have, and was its listener's.
    ConnectionInfo server = only(there);
    Segments synAcks = read(there, "there").of(server).sound("TimedShell.listen");
    assertFalse(synAcks.all().isEmpty());
    assertEquals(Set.of("SYN_ACK"), synAcks.count("kind").keySet());
    assertEquals(Set.of("NEW_SYN_RECV"), synAcks.count("state").keySet());
    assertEquals(server.retransmits(), assertCounted(synAcks));
    assertEquals(0, syns.sum("bytesRetransmitted") + synAcks.sum("bytesRetransmitted"));
    for (RecordedEvent event : syns.all()) {
      assertTrue(event.getStartTime().isAfter(client.startTime()));
      assertTrue(event.getStartTime().isBefore(client.endTime()));
    }
    for (RecordedEvent event : synAcks.all()) {
      assertTrue(event.getStartTime().isBefore(server.startTime()));
    }
  }
}
