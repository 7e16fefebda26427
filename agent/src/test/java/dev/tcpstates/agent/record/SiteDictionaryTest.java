// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.boot.SocketListener;
import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import java.io.FileDescriptor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteDictionaryTest {
  @TempDir Path directory;

  private final SiteDictionary dictionary = new SiteDictionary();
  private final AtomicLong cookie = new AtomicLong();
  private final OpenSockets sockets =
      new OpenSockets(
          64,
          new StackRule(List.of(), List.of()),
          fd -> cookie.get(),
          (socketId, site, fd) -> null);

  private CallSite open(long socketId) {
    cookie.set(socketId);
    sockets.opened(new FileDescriptor(), SocketListener.CONNECT);
    return sockets.findReported(socketId).site();
  }

  private interface Step {
    void run() throws Exception;
  }

  /** What a recording holds if it lasts just for this step. */
  private Map<Long, OpenSiteInfo> recorded(Step step) throws Exception {
    Path file = directory.resolve("chunk.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("tcpstates.OpenSite");
      recording.start();
      step.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingReader.read(file).openSites();
  }

  @Test
  void eachChunkExplainsWhatItUses() throws Exception {
    CallSite idle = open(1);
    CallSite used = open(2);
    sockets.ended(1);
    sockets.ended(2);

    Map<Long, OpenSiteInfo> first =
        recorded(
            () -> {
              dictionary.used(used);
              dictionary.used(used);
            });
    assertEquals(Set.of((long) used.id()), first.keySet());
    assertEquals(used.openedBy(), first.get((long) used.id()).openedBy());

    // Used between the two chunks, so perhaps in the next one: emitted again at its start.
    dictionary.edge(sockets.sites());
    dictionary.used(idle);
    Map<Long, OpenSiteInfo> second = recorded(() -> dictionary.edge(sockets.sites()));
    assertEquals(Set.of((long) idle.id()), second.keySet());

    Map<Long, OpenSiteInfo> third = recorded(() -> dictionary.used(used));
    assertEquals(Set.of((long) used.id()), third.keySet());
  }

  @Test
  void sitesWithOpenSocketsAreToldAtEveryEdge() throws Exception {
    CallSite site = open(1);
    for (int i = 0; i < 3; i++) {
      Map<Long, OpenSiteInfo> chunk = recorded(() -> dictionary.edge(sockets.sites()));
      assertEquals(1, chunk.get((long) site.id()).open());
    }
  }
}
