// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a JVM that runs. */
@NeedsBpf
class LiveIT {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  @TempDir Path directory;

  /** A command that runs until a signal ends it. */
  private static final class Live implements AutoCloseable {
    private final Process process;
    private final Path out;
    private final Path err;

    Live(Jdk jdk, Path directory, String... words) throws Exception {
      out = directory.resolve("live.out");
      err = directory.resolve("live.err");
      // Whoever runs the tests in the background has them ignore it, and all that they start.
      List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
      command.addAll(List.of(jdk.tool("java"), "-jar", AgentJvm.jar().toString()));
      command.addAll(List.of(words));
      process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      await(err, text -> text.contains("following process"));
    }

    List<String> awaitLines(Predicate<List<String>> enough) throws Exception {
      await(out, text -> enough.test(text.lines().toList()));
      return Files.readString(out).lines().toList();
    }

    private void await(Path file, Predicate<String> enough) throws Exception {
      long deadline = System.nanoTime() + LIMIT_NANOS;
      while (!enough.test(Files.readString(file))) {
        assertTrue(
            process.isAlive() && System.nanoTime() < deadline,
            Files.readString(out) + Files.readString(err));
        Thread.sleep(50);
      }
    }

    /** As Ctrl-C does. */
    int interrupt() throws Exception {
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      return exit();
    }

    int exit() throws Exception {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "does not end");
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

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
