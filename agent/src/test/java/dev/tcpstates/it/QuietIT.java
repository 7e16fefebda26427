// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.EmptyAgent;
import dev.tcpstates.it.workload.ExitSeven;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent at work says one line, and causes the JVM to say none. */
class QuietIT {
  private static final String INFO =
      "recording the TCP transitions of process \\d+ \\(libbpf v\\d+\\.\\d+"
          + " \\((system|bundled)\\)\\)";

  private static final List<String> HOOKED =
      List.of(
          "Net",
          "NioSocketImpl",
          "ServerSocketChannelImpl",
          "SocketChannelImpl",
          "UnixAsynchronousSocketChannelImpl");

  @TempDir Path directory;

  @OnEachJdk
  void oneLine(Jdk jdk) throws Exception {
    assertOnlyInfo(jdk);
  }

  @OnEachJdk
  void oneLineWithARecording(Jdk jdk) throws Exception {
    KernelTier.require();
    assertInfo(
        AgentLines.one(
            without(new AgentJvm(jdk, directory).record()),
            new AgentJvm(jdk, directory).record().run(ExitSeven.class)));
  }

  @OnEachJdk
  void noLineWithLogWarn(Jdk jdk) throws Exception {
    KernelTier.require();
    assertEquals(
        List.of(),
        AgentLines.added(
            without(new AgentJvm(jdk, directory)),
            new AgentJvm(jdk, directory).options("log=warn").run(ExitSeven.class)));
  }

  /**
   * JAVA_TOOL_OPTIONS gives the agent to each JVM of a container, also to those that run no
   * application. There, a bad option has no message, and {@code required} does not end the JVM.
   */
  @OnEachJdk
  void nothingWithoutAnApplication(Jdk jdk) throws Exception {
    String agent = "-javaagent:" + AgentJvm.jar() + "=bogus=1,required=true";
    for (String command :
        List.of(
            "java -version",
            "java --version",
            "java -X",
            "java --list-modules",
            "java -XshowSettings:locale -version",
            "java -m jdk.jfr/jdk.jfr.internal.tool.Main version",
            "keytool -help",
            "javac -version",
            "jar --version",
            "jcmd -h",
            "jps -help",
            "jfr version",
            "jshell --version",
            "jshell -")) {
      assertEquals(helper(jdk, command, "-Dnone=1"), helper(jdk, command, agent), command);
    }
  }

  /** The guard: it would see the agent's message. */
  @OnEachJdk
  void aMessageWithAnApplication(Jdk jdk) throws Exception {
    List<String> lines =
        helper(
            jdk,
            "java -cp "
                + Path.of("target/test-classes").toAbsolutePath()
                + " "
                + ExitSeven.class.getName(),
            "-javaagent:" + AgentJvm.jar() + "=bogus=1");
    assertTrue(
        lines.get(1).startsWith("tcpstates-agent: ERROR unknown option 'bogus'"), "" + lines);
  }

  /** The exit code and the lines of a tool of the JDK, without the JVM's own about the variable. */
  private List<String> helper(Jdk jdk, String command, String toolOptions) throws Exception {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.set(0, jdk.tool(words.get(0)));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    // JShell has preferences, and must not write those of who runs this.
    Files.createDirectories(directory.resolve(".java/.userPrefs"));
    environment.put("JAVA_TOOL_OPTIONS", toolOptions + " -Djava.util.prefs.userRoot=" + directory);
    Process process = builder.start();
    try (Writer input = process.outputWriter()) {
      if (command.equals("jshell -")) {
        input.write("System.out.println(6 * 7)\n/exit\n");
      }
    }
    List<String> lines = new ArrayList<>();
    for (String line : process.inputReader().lines().toList()) {
      if (!line.startsWith("Picked up JAVA_TOOL_OPTIONS: ")) {
        lines.add(line);
      }
    }
    lines.add(0, "exit code " + process.waitFor());
    if (command.equals("jshell -")) {
      assertTrue(lines.contains("42"), "" + lines);
    }
    return lines;
  }

  /** What JDK 24 and later say at most once, and later ones will forbid. */
  @ParameterizedTest
  @MethodSource("strictJdks")
  void nothingForbidden(Jdk jdk) throws Exception {
    KernelTier.require();
    AgentJvm.Result with =
        new AgentJvm(jdk, directory)
            .jvm("--illegal-native-access=deny", "--sun-misc-unsafe-memory-access=deny")
            .record()
            .run(ExitSeven.class);
    assertInfo(AgentLines.one(without(new AgentJvm(jdk, directory)), with));
    TcpRecording recording = RecordingReader.read(with.recording());
    assertEquals(ExitSeven.SOCKETS, recording.timelines().size());
    AgentInfo last = recording.agentStates().get(recording.agentStates().size() - 1);
    assertEquals("all", last.hooks());
    assertEquals(0, last.suppressedErrors());
    assertEquals("KERNEL", last.clock());
  }

  static List<Jdk> strictJdks() {
    return Jdk.all().stream().filter(jdk -> jdk.feature() >= 24).toList();
  }

  /** Every part of the JVM may warn; it does so no more than without the agent. */
  @OnEachJdk
  void jvmWarnsOfNothing(Jdk jdk) throws Exception {
    Path log = directory.resolve("jvm.log");
    String[] logging = {"-Xlog:disable", "-Xlog:all=warning:file=" + log + ":level,tags"};
    without(new AgentJvm(jdk, directory).jvm(logging));
    String before = Files.readString(log);
    Files.delete(log);
    assertOnlyInfo(jdk, logging);
    assertEquals(before, Files.readString(log));
  }

  /**
   * JNA's library calls two methods without a look at exceptions when it is loaded (JNA 5.19), and
   * nothing does so from then on.
   */
  @OnEachJdk
  void jniIsUsedAsItShould(Jdk jdk) throws Exception {
    KernelTier.require();
    AgentJvm.Result without = without(new AgentJvm(jdk, directory).jvm("-Xcheck:jni"));
    AgentJvm.Result with =
        new AgentJvm(jdk, directory).jvm("-Xcheck:jni").record().run(ExitSeven.class);
    assertFalse(without.out().contains("WARNING"), without.out());
    Matcher warnings = Pattern.compile("WARNING.*\n(.*)\n").matcher(with.out());
    while (warnings.find()) {
      assertTrue(
          warnings.group(1).contains("jdk.internal.loader.NativeLibraries.load"), with.out());
    }
    assertEquals(
        without.out(),
        with.out().replaceAll("(WARNING|\tat |\t- locked).*\n", ""),
        "standard output but for the warnings");
  }

  /**
   * Class data sharing goes on: the JDK's classes, and an application's from its own archive. As
   * far as it does with an agent at all: JDK 25 complains of any that the archive was made without.
   */
  @OnEachJdk
  void classDataSharingGoesOn(Jdk jdk) throws Exception {
    Path jar = TestJar.of(directory.resolve("app.jar"), ExitSeven.class);
    Path archive = directory.resolve("app.jsa");
    without(app(jdk, jar).jvm("-XX:ArchiveClassesAtExit=" + archive, "-Xlog:cds=off"));
    assertTrue(Files.exists(archive));

    Path log = directory.resolve("classes.log");
    String[] arguments = {
      "-XX:SharedArchiveFile=" + archive,
      "-Xlog:disable",
      "-Xlog:all=warning:stdout:none",
      "-Xlog:class+load:file=" + log + ":none"
    };
    Path empty = TestJar.ofAgent(directory.resolve("empty-agent.jar"), EmptyAgent.class);
    AgentJvm.Result without = without(app(jdk, jar).jvm(arguments).jvm("-javaagent:" + empty));
    Map<String, String> before = sources(log);
    AgentJvm.Result with = app(jdk, jar).jvm(arguments).run(ExitSeven.class);
    Map<String, String> after = sources(log);

    KernelTier.require();
    assertInfo(AgentLines.one(without, with));
    assertEquals(
        "shared objects file (top)", before.get(ExitSeven.class.getName()), "without the agent");
    Map<String, String> unshared = new TreeMap<>();
    before.forEach(
        (name, source) -> {
          if (source.startsWith("shared") && !after.getOrDefault(name, source).equals(source)) {
            unshared.put(name, after.get(name));
          }
        });
    // The hooks are put into these when they are loaded.
    for (String hooked : HOOKED) {
      unshared.remove("sun.nio.ch." + hooked);
    }
    assertEquals(Map.of(), unshared, "classes no longer from the archive");
    assertEquals(before.get(ExitSeven.class.getName()), after.get(ExitSeven.class.getName()));
    long shared = after.values().stream().filter(source -> source.startsWith("shared")).count();
    assertTrue(shared > 500, () -> shared + " shared classes");
  }

  private AgentJvm app(Jdk jdk, Path jar) {
    return new AgentJvm(jdk, directory).classPath(jar);
  }

  /** Where classes came from, but for those that the JVM makes up, whose names vary. */
  private static Map<String, String> sources(Path log) throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String line : Files.readAllLines(log)) {
      int source = line.indexOf(" source: ");
      if (source > 0 && !line.contains("/0x")) {
        sources.putIfAbsent(line.substring(0, source), line.substring(source + 9));
      }
    }
    Files.delete(log);
    return sources;
  }

  private void assertOnlyInfo(Jdk jdk, String... arguments) throws Exception {
    KernelTier.require();
    assertInfo(
        AgentLines.one(
            without(new AgentJvm(jdk, directory).jvm(arguments)),
            new AgentJvm(jdk, directory).jvm(arguments).run(ExitSeven.class)));
  }

  private static AgentJvm.Result without(AgentJvm jvm) throws Exception {
    AgentJvm.Result result = jvm.withoutAgent().run(ExitSeven.class);
    assertEquals(7, result.exit(), result.err());
    return result;
  }

  private static void assertInfo(String line) {
    assertTrue(line.matches(INFO), line);
  }
}
