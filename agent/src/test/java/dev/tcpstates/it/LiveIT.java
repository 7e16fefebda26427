// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a JVM that runs. */
@NeedsBpf
class LiveIT {
  @TempDir Path directory;

  @OnEachJdk
  void printFollowsAJvmAndLeavesItAsItWas(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent());
        Live print = new Live(jdk, directory, "print", "-s", "" + shell.pid())) {
      int server = shell.number("listen server");
      int client = shell.number("connect client " + server);
      List<String> lines =
          print.awaitLines(some -> some.stream().filter(isOf(client)).count() >= 3);
      assertEquals(
          "SOCKET,C-PID,C-COMM,IP,LADDR,LPORT,RADDR,RPORT,OLDSTATE,NEWSTATE,MS,OPENED BY",
          lines.get(0));
      // Flight Recorder's own losses are reported, too.
      String events = Tool.jcmd(jdk, shell.pid(), "JFR.check", "verbose=true").ok().out();
      assertTrue(events.matches("(?s).*\\(jdk\\.DataLoss\\)\\s*\\[enabled=true.*"), events);
      // While the connection is there, and not only when its JVM ends.
      shell.run("accept accepted server");
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");
      lines = print.awaitLines(some -> some.stream().filter(isOf(client)).count() >= 9);
      assertEquals(
          List.of(
              "SYN_SENT>ESTABLISHED",
              "ESTABLISHED>FIN_WAIT1",
              "FIN_WAIT1>FIN_WAIT2",
              "FIN_WAIT2>CLOSE"),
          lines.stream()
              .map(line -> line.split(","))
              .filter(row -> row[5].equals("" + client))
              .map(row -> row[8] + ">" + row[9])
              .toList());
      assertTrue(lines.get(1).contains("SocketShell."), lines.get(1));

      assertEquals(0, print.interrupt());
      assertTrue(
          Tool.jcmd(jdk, shell.pid(), "JFR.check").ok().out().contains("No available recordings"));
      assertFalse(hasBpf(shell.pid()), "the agent is still attached");
      shell.end();
    }
  }

  @OnEachJdk
  void whatWasThereBeforeStays(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory))) {
      Tool.jcmd(jdk, shell.pid(), "JFR.start", "name=theirs").ok();
      try (Live life = new Live(jdk, directory, "life", "--format", "json", "" + shell.pid())) {
        int server = shell.number("listen server");
        int client = shell.number("connect client " + server);
        shell.run("accept accepted server");
        shell.run("close client");
        shell.run("eof accepted");
        shell.run("close accepted");
        life.awaitLines(
            some -> some.stream().anyMatch(line -> line.contains("\"localPort\":" + client + ",")));
        assertEquals(0, life.interrupt());
      }
      String recordings = Tool.jcmd(jdk, shell.pid(), "JFR.check").ok().out();
      assertTrue(recordings.contains("name=theirs"), recordings);
      assertFalse(recordings.contains("tcpstates"), recordings);
      assertTrue(hasBpf(shell.pid()), "the agent is gone");
      shell.end();
    }
  }

  @OnEachJdk
  void theLastOfTwoDetaches(Jdk jdk) throws Exception {
    Path one = Files.createDirectory(directory.resolve("one"));
    Path two = Files.createDirectory(directory.resolve("two"));
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent());
        Live first = new Live(jdk, one, "print", "-s", "" + shell.pid());
        Live second = new Live(jdk, two, "print", "-s", "" + shell.pid())) {
      assertEquals(0, first.interrupt());
      assertTrue(hasBpf(shell.pid()), "the agent is gone");
      int server = shell.number("listen server");
      int client = shell.number("connect client " + server);
      second.awaitLines(some -> some.stream().filter(isOf(client)).count() >= 3);
      assertEquals(0, second.interrupt());
      assertFalse(hasBpf(shell.pid()), "the agent is still attached");
      shell.end();
    }
  }

  @OnEachJdk
  void aKilledCommandLeavesNothingBehind(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent())) {
      try (Live print = new Live(jdk, directory, "print", "" + shell.pid())) {
        print.process.destroyForcibly();
        assertEquals(128 + 9, print.exit());
      }
      long deadline = System.nanoTime() + Live.LIMIT_NANOS;
      while (hasBpf(shell.pid())) {
        assertTrue(System.nanoTime() < deadline, "the agent is still attached");
        Thread.sleep(50);
      }
      assertTrue(
          Tool.jcmd(jdk, shell.pid(), "JFR.check").ok().out().contains("No available recordings"));
      shell.end();
    }
  }

  @OnEachJdk
  void itFollowsIntoAnotherRepository(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent());
        Live print = new Live(jdk, directory, "print", "-s", "" + shell.pid())) {
      int server = shell.number("listen server");
      print.awaitLines(some -> some.stream().anyMatch(isOf(server)));
      Path other = Files.createDirectory(directory.resolve("other"));
      Tool.jcmd(jdk, shell.pid(), "JFR.configure", "repositorypath=" + other).ok();
      // JFR writes to the new place from the next chunk on.
      Tool.jcmd(jdk, shell.pid(), "JFR.start", "name=next").ok();
      int client = shell.number("connect client " + server);
      List<String> lines =
          print.awaitLines(some -> some.stream().filter(isOf(client)).count() >= 3);
      assertEquals(3, lines.stream().filter(isOf(client)).count(), lines::toString);
      assertEquals(0, print.interrupt());
      shell.end();
    }
  }

  @OnEachJdk
  void itEndsWithItsJvm(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent());
        Live print = new Live(jdk, directory, "print", "" + shell.pid())) {
      shell.end();
      assertEquals(0, print.exit());
      assertTrue(Files.readString(print.err).contains("has ended"), Files.readString(print.err));
    }
  }

  @OnEachJdk
  void aProcessThatCannotBeFollowedIsNamed(Jdk jdk) throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Tool result = Tool.agent(jdk, "print", "" + gone.pid());
    assertEquals(1, result.exit());
    assertEquals(
        "can't attach to process " + gone.pid() + ": there is no such process\n", result.err());
  }

  private static Predicate<String> isOf(int port) {
    return line -> line.contains("," + port + ",");
  }

  private static boolean hasBpf(long pid) throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          if (Files.readSymbolicLink(descriptor).toString().contains("bpf")) {
            return true;
          }
        } catch (IOException e) {
          // Closed meanwhile.
        }
      }
    }
    return false;
  }
}
