// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.SocketShell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** The commands that evaluate a recording, with a running JVM instead. */
@NeedsBpf
class BatchLiveIT {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  @TempDir Path directory;

  private Path temporary() throws IOException {
    return Files.createDirectories(directory.resolve("temporary"));
  }

  private Shell leaking(Jdk jdk) throws Exception {
    Shell shell =
        Shell.start(
            new AgentJvm(jdk, directory).withoutAgent().jvm("-Djava.io.tmpdir=" + temporary()));
    int server = shell.number("listen server");
    shell.number("connect leaked " + server);
    shell.run("accept accepted server");
    shell.run("close accepted");
    shell.run("eof leaked");
    return shell;
  }

  /** No agent, no recording, no file. */
  private void assertAsBefore(Jdk jdk, Shell shell) throws Exception {
    String recordings = Tool.jcmd(jdk, shell.pid(), "JFR.check").ok().out();
    assertTrue(recordings.contains("No available recordings"), recordings);
    String detach = Tool.agent(jdk, "detach", "" + shell.pid()).ok().out();
    assertTrue(detach.startsWith("nothing to detach"), detach);
    try (Stream<Path> files = Files.list(temporary())) {
      assertEquals(
          List.of(),
          files
              .map(file -> file.getFileName().toString())
              .filter(n -> n.startsWith("tcp"))
              .toList());
    }
  }

  @OnEachJdk
  void eachCommandRecordsAndAnswersAndLeavesTheJvmAsItWas(Jdk jdk) throws Exception {
    try (Shell shell = leaking(jdk)) {
      String pid = "" + shell.pid();
      Tool summary = Tool.agent(jdk, "summary", "--for", "1s", pid).ok();
      assertTrue(summary.out().startsWith("JVM " + pid + " "), summary.out());
      assertTrue(summary.out().matches("(?s).*\nCLOSE_WAIT +1 +1 .*"), summary.out());
      assertEquals(
          "recording process " + pid + " for 1 s; Ctrl-C ends it earlier\n", summary.err());

      Tool check = Tool.agent(jdk, "check", "--no-leaks", "--for", "0s", pid);
      assertEquals(1, check.exit(), check.err());
      assertTrue(check.out().contains("FAIL  no-leaks: 1 "), check.out());

      Path page = directory.resolve("page.html");
      Tool.agent(jdk, "report", "--for", "1s", "-o", page.toString(), pid).ok();
      assertTrue(Files.readString(page).contains("process " + pid), "the page has another name");

      Tool stacks = Tool.agent(jdk, "stacks", "--state", "CLOSE_WAIT", "--for", "1s", pid).ok();
      assertEquals(1, stacks.out().lines().count(), stacks.out());
      assertAsBefore(jdk, shell);
      shell.end();
    }
  }

  @OnEachJdk
  void aSignalEndsTheRecordingAndTheAnswerFollows(Jdk jdk) throws Exception {
    try (Shell shell = leaking(jdk)) {
      Path out = directory.resolve("live.out");
      Path err = directory.resolve("live.err");
      Process check =
          new ProcessBuilder(
                  "env",
                  "--default-signal=INT",
                  jdk.tool("java"),
                  "-jar",
                  AgentJvm.jar().toString(),
                  "check",
                  "--no-leaks",
                  "--for",
                  "10min",
                  "" + shell.pid())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      long deadline = System.nanoTime() + LIMIT_NANOS;
      while (!Files.readString(err).contains("recording process")) {
        assertTrue(check.isAlive() && System.nanoTime() < deadline, Files.readString(err));
        Thread.sleep(50);
      }
      int client = shell.number("connect during " + shell.number("listen other"));
      assertTrue(client > 0);
      new ProcessBuilder("kill", "-INT", "" + check.pid()).start().waitFor();
      assertTrue(check.waitFor(60, TimeUnit.SECONDS), "does not end");
      assertEquals(1, check.exitValue(), Files.readString(err));
      String answer = Files.readString(out);
      assertTrue(answer.contains("FAIL  no-leaks: 1 "), answer);
      assertAsBefore(jdk, shell);
      shell.end();
    }
  }

  @OnEachJdk
  void aKilledCommandLeavesNothingBehind(Jdk jdk) throws Exception {
    try (Shell shell = leaking(jdk)) {
      Path err = directory.resolve("live.err");
      Process summary =
          new ProcessBuilder(
                  jdk.tool("java"), "-jar", AgentJvm.jar().toString(), "summary", "" + shell.pid())
              .redirectError(err.toFile())
              .redirectOutput(directory.resolve("live.out").toFile())
              .start();
      long deadline = System.nanoTime() + LIMIT_NANOS;
      while (!Files.readString(err).contains("recording process")) {
        assertTrue(summary.isAlive() && System.nanoTime() < deadline, Files.readString(err));
        Thread.sleep(50);
      }
      summary.destroyForcibly().waitFor();
      while (!Tool.agent(jdk, "detach", "" + shell.pid()).out().startsWith("nothing")
          || Files.list(temporary()).anyMatch(f -> f.getFileName().toString().startsWith("tcp"))) {
        assertTrue(System.nanoTime() < deadline, "something is left behind");
        Thread.sleep(50);
      }
      assertAsBefore(jdk, shell);
      shell.end();
    }
  }

  @OnEachJdk
  void aJvmThatEndsFirstIsAnsweredFromWhatItWrote(Jdk jdk) throws Exception {
    Path err = directory.resolve("live.err");
    Path out = directory.resolve("live.out");
    Process summary;
    try (Shell shell = leaking(jdk)) {
      summary =
          new ProcessBuilder(
                  jdk.tool("java"), "-jar", AgentJvm.jar().toString(), "summary", "" + shell.pid())
              .redirectError(err.toFile())
              .redirectOutput(out.toFile())
              .start();
      long deadline = System.nanoTime() + LIMIT_NANOS;
      while (!Files.readString(err).contains("recording process")) {
        assertTrue(summary.isAlive() && System.nanoTime() < deadline, Files.readString(err));
        Thread.sleep(50);
      }
      shell.end();
    }
    assertTrue(summary.waitFor(20, TimeUnit.SECONDS), "it waits for a JVM that has ended");
    assertEquals(0, summary.exitValue(), Files.readString(err));
    assertTrue(Files.readString(out).contains("CLOSE_WAIT"), Files.readString(out));
    try (Stream<Path> files = Files.list(temporary())) {
      assertTrue(files.noneMatch(f -> f.getFileName().toString().startsWith("tcp")));
    }
  }

  @OnEachJdk
  void aJvmIsNamedByAPartOfItsMainClass(Jdk jdk) throws Exception {
    Path one = Files.createDirectory(directory.resolve("one"));
    Path two = Files.createDirectory(directory.resolve("two"));
    // A name that no other JVM of this machine has.
    String name = "Named" + jdk.feature() + "x" + ProcessHandle.current().pid();
    try (TestJvm first = TestJvm.start(jdk, one, name + "One");
        TestJvm second = TestJvm.start(jdk, two, name + "Two")) {
      Tool both = Tool.agent(jdk, "sockets", name);
      assertEquals(2, both.exit());
      assertEquals("", both.out());
      for (TestJvm jvm : List.of(first, second)) {
        assertTrue(both.err().contains("\n  " + jvm.pid() + " " + jvm.name()), both.err());
      }
      Tool detach = Tool.agent(jdk, "detach", name + "Tw").ok();
      assertTrue(detach.out().contains("process " + second.pid() + ":"), detach.out());
      assertEquals(2, Tool.agent(jdk, "attach", name).exit());
      assertEquals(2, Tool.agent(jdk, "attach", name + "Three").exit());
      Tool none = Tool.agent(jdk, "summary", name + "Three");
      assertEquals(3, none.exit());
      assertEquals(1, none.err().lines().count(), none.err());
    }
  }

  @OnEachJdk
  void withoutAnArgumentTheJvmsAreListed(Jdk jdk) throws Exception {
    Path with = Files.createDirectory(directory.resolve("with"));
    try (Shell plain = Shell.start(new AgentJvm(jdk, directory).withoutAgent());
        Shell agent = Shell.start(new AgentJvm(jdk, with))) {
      Tool.jcmd(jdk, agent.pid(), "JFR.start", "name=theirs").ok();
      for (String command : List.of("summary", "print")) {
        Tool list = Tool.agent(jdk, command.split(" "));
        assertEquals(2, list.exit());
        assertEquals("", list.out());
        List<String> lines = list.err().lines().map(line -> line.replaceAll(" +", " ")).toList();
        String main = SocketShell.class.getName();
        assertTrue(lines.contains(plain.pid() + " no - " + main), list.err());
        assertTrue(lines.contains(agent.pid() + " attached theirs " + main), list.err());
        assertTrue(lines.contains("PID AGENT RECORDING MAIN CLASS"), list.err());
        String own = "" + ProcessHandle.current().pid();
        assertTrue(lines.stream().anyMatch(line -> line.startsWith(own + " no ")), list.err());
      }
      plain.end();
      agent.end();
    }
  }

  @OnEachJdk
  void aTimeForARecordingIsWrong(Jdk jdk) throws Exception {
    Tool tool = Tool.agent(jdk, "summary", "--for", "5s", "x.jfr");
    assertEquals(2, tool.exit());
    assertTrue(tool.err().contains("--for needs a running JVM"), tool.err());
    assertFalse(tool.err().contains("\tat "), tool.err());
  }

  /** A JVM whose main class has a given name. */
  private record TestJvm(Process process, String name) implements AutoCloseable {
    static TestJvm start(Jdk jdk, Path folder, String name) throws Exception {
      Path source =
          Files.writeString(
              folder.resolve(name + ".java"),
              "public class "
                  + name
                  + " { public static void main(String[] a) throws Exception {"
                  + " System.out.println(\"ready\"); System.in.read(); } }");
      Tool.run(jdk.tool("javac"), "-d", folder.toString(), source.toString()).ok();
      List<String> command =
          new ArrayList<>(List.of(jdk.tool("java"), "-cp", folder.toString(), name));
      Process process = new ProcessBuilder(command).start();
      process.inputReader().readLine();
      return new TestJvm(process, name);
    }

    long pid() {
      return process.pid();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
