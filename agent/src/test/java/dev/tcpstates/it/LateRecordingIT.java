// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.ACCEPTED;
import static dev.tcpstates.it.Story.CLIENT;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.ManySites;
import dev.tcpstates.it.workload.ShortRecordings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.io.TempDir;

/** Recordings of sockets that were opened before the recording began. */
@NeedsBpf
class LateRecordingIT {
  private static final int CHUNK_HEADER = 68;

  @TempDir private Path directory;

  /** Without the events that make JFR ask the agent when a recording begins. */
  @OnEachJdk
  void transitionsAloneAreRecordedFromTheFirst(Jdk jdk) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("20"));
    for (int i = 0; i < 3; i++) {
      arguments.add(directory.resolve("short" + i + ".jfr").toString());
    }
    new AgentJvm(jdk, directory).run(ShortRecordings.class, arguments.toArray(String[]::new)).ok();
    for (String file : arguments.subList(1, arguments.size())) {
      // Of each connection five at each end.
      assertEquals(20 * 10, Events.of(Path.of(file), "StateChange").size(), file);
    }
  }

  @OnEachJdk
  void aRecordingStartedLaterNamesTheOpeners(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory))) {
      int server = shell.number("listen server");
      int client = shell.number("connect client " + server);
      shell.run("accept accepted server");
      int stays = shell.number("connect stays " + server);
      shell.run("accept staysAccepted server");
      int gone = shell.number("connect gone " + server);
      shell.run("accept goneAccepted server");
      shell.run("close gone");
      shell.run("close goneAccepted");
      Thread.sleep(2000);
      Path file = directory.resolve("late.jfr");
      Tool.jcmd(jdk, shell.pid(), "JFR.start", "name=late", "filename=" + file).ok();
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");
      Tool.jcmd(jdk, shell.pid(), "JFR.stop", "name=late").ok();

      Story story = Story.read(file).sound();
      Map<String, String> openers = new TreeMap<>();
      openers.put(name(server, 0), "SocketShell.listen");
      openers.put(name(client, server), "SocketShell.connect");
      openers.put(name(server, client), "SocketShell.accept");
      openers.put(name(stays, server), "SocketShell.connect");
      openers.put(name(server, stays), "SocketShell.accept");
      assertEquals(openers, story.listedOpeners());
      for (Story.Listed listed : story.listed()) {
        assertEquals("main", listed.openThread());
        assertTrue(story.recording().openSites().containsKey(listed.openSiteId()));
        assertTrue(listed.timeInState().compareTo(Duration.ofSeconds(2)) >= 0, listed.toString());
        assertEquals(
            listed.name().equals(name(server, 0)) ? "LISTEN" : "ESTABLISHED", listed.state());
      }
      assertEquals(
          Map.of(
              name(client, server), CLIENT.substring(CLIENT.indexOf("ESTABLISHED")),
              name(server, client), ACCEPTED.substring(ACCEPTED.indexOf("ESTABLISHED"))),
          story.states());
      assertEquals("SocketShell.connect", story.openers().get(name(client, server)));
      assertEquals("SocketShell.accept", story.openers().get(name(server, client)));
      assertTrue(
          story
                  .timeline(name(client, server))
                  .transitions()
                  .get(0)
                  .timeInState()
                  .compareTo(Duration.ofSeconds(2))
              >= 0);
      assertTrue(gone > 0);
      shell.end();
    }
  }

  /** Chunks end and begin under load; each of them must explain the sites that it names. */
  @OnEachJdk
  void everyChunkExplainsItsSites(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .jvm("-Xlog:jfr+startup=error")
            .jvm("-XX:FlightRecorderOptions:maxchunksize=1M,repository=" + directory)
            .jvm("-XX:StartFlightRecording:name=load,maxsize=3M");
    try (AgentJvm.Running running = jvm.start(ManySites.class)) {
      running.awaitLine("ready");
      Instant start = Instant.now();
      long pid = running.process().pid();
      Path file = directory.resolve("dump.jfr");
      for (int i = 0; i < 8; i++) {
        // Each dump is the end of a chunk, in the midst of everything.
        Thread.sleep(500);
        Tool.jcmd(jdk, pid, "JFR.dump", "name=load", "filename=" + file).ok();
      }
      running.send("end");
      running.awaitLine("ended");
      Path last = directory.resolve("last.jfr");
      Tool.jcmd(jdk, pid, "JFR.dump", "name=load", "filename=" + last).ok();
      running.send("exit");
      running.await().ok();

      // What was opened first is not in the recording any more.
      Story story = Story.read(last);
      AgainIfSkipped.assertNoneLost(story.recording());
      assertTrue(
          story.recording().agentStates().get(0).time().isAfter(start),
          "no chunk has been dropped");
      story.sound();

      List<Path> chunks = chunks(last);
      assertTrue(chunks.size() >= 2, "chunks: " + chunks.size());
      Set<Long> sites = new HashSet<>();
      for (Path chunk : chunks) {
        sites.addAll(assertExplained(chunk));
      }
      // Those that were opened at the start and closed at the end are among them.
      assertTrue(sites.size() >= 3 * ManySites.SITES, "sites: " + sites.size());
    }
  }

  /** Returns the sites that a chunk names in its events. */
  private static Set<Long> assertExplained(Path chunk) throws IOException {
    Set<Long> explained = new HashSet<>();
    Map<Long, RecordedEvent> used = new TreeMap<>();
    try (RecordingFile file = new RecordingFile(chunk)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        switch (event.getEventType().getName()) {
          case "tcpstates.OpenSite" -> explained.add(event.getLong("openSiteId"));
          case "tcpstates.StateChange", "tcpstates.SocketOpen", "tcpstates.SocketState" ->
              used.putIfAbsent(event.getLong("openSiteId"), event);
          default -> {}
        }
      }
    }
    Set<Long> sites = Set.copyOf(used.keySet());
    used.keySet().removeAll(explained);
    assertTrue(used.isEmpty(), () -> chunk + " doesn't explain the sites of " + used.values());
    return sites;
  }

  /** A recording's chunks, as files of their own. */
  private List<Path> chunks(Path recording) throws IOException {
    List<Path> chunks = new ArrayList<>();
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(recording));
    for (int at = 0; at + CHUNK_HEADER < all.capacity(); ) {
      int size = (int) all.getLong(at + Long.BYTES);
      byte[] chunk = new byte[size];
      all.get(at, chunk);
      chunks.add(Files.write(directory.resolve("chunk" + chunks.size() + ".jfr"), chunk));
      at += size;
    }
    return chunks;
  }
}
