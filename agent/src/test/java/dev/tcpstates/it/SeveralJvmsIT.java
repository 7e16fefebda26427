// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.ACCEPTED;
import static dev.tcpstates.it.Story.CLIENT;
import static dev.tcpstates.it.Story.LISTENER;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one machine: each recording holds its own JVM's sockets, and only these. */
@NeedsBpf
class SeveralJvmsIT {
  private static final int CONNECTIONS = 5;

  @TempDir private Path directory;

  /** Two JVMs of each JDK, in a ring in which each connects to the next. */
  @Test
  void eachSeesItsOwnEnds() throws Exception {
    List<Jdk> jdks = new ArrayList<>(Jdk.all());
    jdks.addAll(Jdk.all());
    int count = jdks.size();
    List<Shell> shells = new ArrayList<>();
    List<Map<String, String>> expected = new ArrayList<>();
    List<Integer> servers = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        Path own = Files.createDirectory(directory.resolve("jvm" + i));
        shells.add(Shell.start(new AgentJvm(jdks.get(i), own).record()));
        int server = shells.get(i).number("listen server");
        servers.add(server);
        expected.add(new TreeMap<>(Map.of(name(server, 0), LISTENER)));
      }
      for (int i = 0; i < count; i++) {
        int next = (i + 1) % count;
        for (int c = 0; c < CONNECTIONS; c++) {
          int client = shells.get(i).number("connect client " + servers.get(next));
          shells.get(next).run("accept accepted server");
          shells.get(i).run("close client");
          shells.get(next).run("eof accepted");
          shells.get(next).run("close accepted");
          expected.get(i).put(name(client, servers.get(next)), CLIENT);
          expected.get(next).put(name(servers.get(next), client), ACCEPTED);
        }
      }
      for (int i = 0; i < count; i++) {
        shells.get(i).run("close server");
        Story story = Story.read(shells.get(i).end().recording()).sound();
        assertEquals(expected.get(i), story.states(), "JVM " + i);
      }
    } finally {
      shells.forEach(Shell::close);
    }
  }

  @OnEachJdk
  void socketsOfChildProcessesAreNotTheJvms(Jdk jdk) throws Exception {
    KernelTier.requireTools("bash");
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).record())) {
      int server = shell.number("listen server");
      // The child itself, and a child of the child. They end before they are accepted.
      String connect = "exec 3<>/dev/tcp/127.0.0.1/" + server;
      Path script = Files.writeString(directory.resolve("connect.sh"), connect + "\n");
      Path nested =
          Files.writeString(directory.resolve("nested.sh"), "bash " + script + "\ntrue\n");
      assertEquals("0", shell.run("fork bash " + script));
      int first = shell.number("accept first server");
      assertEquals("0", shell.run("fork bash " + nested));
      int second = shell.number("accept second server");
      for (String accepted : List.of("first", "second")) {
        shell.run("eof " + accepted);
        shell.run("close " + accepted);
      }
      int own = shell.number("connect own " + server);
      shell.run("accept ownAccepted server");
      shell.run("close own");
      shell.run("eof ownAccepted");
      shell.run("close ownAccepted");
      shell.run("close server");

      Story story = Story.read(shell.end().recording()).sound();
      assertEquals(
          Map.of(
              name(server, 0), LISTENER,
              name(server, first), ACCEPTED,
              name(server, second), ACCEPTED,
              name(server, own), ACCEPTED,
              name(own, server), CLIENT),
          story.states());
    }
  }
}
