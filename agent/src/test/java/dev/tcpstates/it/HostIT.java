// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tcpstates.it.workload.EarlyListeners;
import dev.tcpstates.it.workload.ExitFromThread;
import dev.tcpstates.it.workload.ExitSeven;
import dev.tcpstates.it.workload.ThrowInMain;
import dev.tcpstates.it.workload.WaitToBeKilled;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the agent lacks, the application runs and ends as it does without the agent: the same
 * standard output, exit code and standard error, but for one line that says what, why and what
 * next.
 */
class HostIT {
  private static final String RUNS = "The application runs without the agent.";
  private static final String SAMPLED = "; transitions are not recorded, because ";
  private static final String REFUSED = "The application is not started, because required=";
  private static final String KEYS =
      "appPackages, family, libbpf, localPorts, log, loopback, metrics, metricsAddresses, node,"
          + " pollInterval, priority,"
          + " remotePorts, required, ringSize, skipPackages, source, stackDepth, stuckAfter,"
          + " taskSubmits, threadStarts, throughputTop";

  private static final Map<Jdk, AgentJvm.Result> PLAIN = new ConcurrentHashMap<>();

  @TempDir static Path shared;
  private static Unprivileged nobody;

  @TempDir Path directory;

  @BeforeAll
  static void copies() throws IOException {
    nobody = new Unprivileged(shared);
  }

  private static Stream<Arguments> onEachJdk(List<List<String>> cases) {
    return Jdk.all().stream()
        .flatMap(jdk -> cases.stream().map(one -> arguments(jdk, one.get(0), one.get(1))));
  }

  static Stream<Arguments> wrongOptions() {
    return onEachJdk(
        List.of(
            List.of("bogus=1", "unknown option 'bogus'; the options are " + KEYS),
            List.of(
                "log=loud", "log=loud is not valid; it is one of off, error, warn, info, debug"),
            List.of("libbpf=own", "libbpf=own is not valid; it is one of system, bundled"),
            List.of(
                "stackDepth=0", "stackDepth=0 is not valid; it is a whole number from 1 to 1024"),
            List.of(
                "ringSize=5MB",
                "ringSize=5MB is not valid; it is a power of two from 4KB to 512MB, such as 4MB"),
            List.of("log=info,log=info", "option 'log' is given twice; leave one out"),
            List.of("yes", "'yes' is not of the form key=value; the keys are " + KEYS),
            // The options did not take effect, so that one neither.
            List.of("log=off,bogus=1", "unknown option 'bogus'; the options are " + KEYS)));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("wrongOptions")
  void wrongOption(Jdk jdk, String options, String problem) throws Exception {
    String line = AgentLines.one(plain(jdk), with(new AgentJvm(jdk, directory).options(options)));
    assertEquals("ERROR " + problem + ". " + RUNS, line);
  }

  @OnEachJdk
  void optionInBothPlaces(Jdk jdk) throws Exception {
    String line =
        AgentLines.one(
            without(new AgentJvm(jdk, directory).jvm("-Dtcpstates.log=info")),
            with(new AgentJvm(jdk, directory).jvm("-Dtcpstates.log=info").options("log=info")));
    assertEquals(
        "ERROR option 'log' is given twice, once as -Dtcpstates.log; leave one out. " + RUNS, line);
  }

  @OnEachJdk
  void noCapabilities(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    assertSamples(
        "this JVM runs as user 65534 without CAP_BPF and CAP_PERFMON, and its bounding set excludes"
            + " both (loading the BPF programs: EPERM)",
        "start it as root with both (Docker: --cap-add=BPF --cap-add=PERFMON; Kubernetes:"
            + " capabilities.add: [BPF, PERFMON] and runAsUser: 0), or let systemd grant them"
            + " (CAP_BPF CAP_PERFMON in AmbientCapabilities= and, if set, CapabilityBoundingSet=)",
        without(nobody.jvm(jdk, directory)),
        with(nobody.jvm(jdk, directory)));
  }

  @OnEachJdk
  void logOff(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    assertEquals(
        List.of(),
        AgentLines.added(
            without(nobody.jvm(jdk, directory)),
            with(nobody.jvm(jdk, directory).options("log=off"))));
  }

  @OnEachJdk
  void noLibbpf(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    String[] namespace =
        MountNamespace.withoutLibrary(
            "libbpf.so.1", Files.createDirectory(directory.resolve("scratch")));
    assertSamples(
        "libbpf.so.1 can't be loaded (libbpf.so.1: cannot open shared object file",
        "install libbpf 1.0 or later (Debian, Ubuntu: apt-get install libbpf1; Fedora, RHEL: dnf"
            + " install libbpf), or leave out the option libbpf=system",
        without(new AgentJvm(jdk, directory).under(namespace)),
        with(new AgentJvm(jdk, directory).under(namespace).options("libbpf=system")));
  }

  @OnEachJdk
  void noBtf(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    String[] namespace = MountNamespace.hiding("/sys/kernel/btf");
    assertSamples(
        "there is no /sys/kernel/btf/vmlinux, because something is mounted over /sys/kernel/btf",
        "leave that mount out",
        without(new AgentJvm(jdk, directory).under(namespace)),
        with(new AgentJvm(jdk, directory).under(namespace)));
  }

  @OnEachJdk
  void noProc(Jdk jdk) throws Exception {
    KernelTier.require();
    KernelTier.requireRoot();
    List<String> namespace = new ArrayList<>(List.of(MountNamespace.hiding("/proc")));
    // Without /proc, the java command does not find its own libraries.
    Path libraries = jdk.home().resolve("lib");
    namespace.addAll(
        List.of("env", "LD_LIBRARY_PATH=" + libraries + ":" + libraries.resolve("server")));
    assertSamples(
        "the agent's namespaces can't be read (java.nio.file.NoSuchFileException:"
            + " /proc/self/ns/pid)",
        "mount /proc",
        without(new AgentJvm(jdk, directory).under(namespace.toArray(String[]::new))),
        with(new AgentJvm(jdk, directory).under(namespace.toArray(String[]::new))));
  }

  @OnEachJdk
  void otherSystem(Jdk jdk) throws Exception {
    String argument = "-Dos.name=FreeBSD";
    assertSays(
        "this is FreeBSD, and BPF is Linux's",
        "leave the agent out here",
        without(new AgentJvm(jdk, directory).jvm(argument)),
        with(new AgentJvm(jdk, directory).jvm(argument)));
  }

  @OnEachJdk
  void modulesWithoutFlightRecorder(Jdk jdk) throws Exception {
    String[] modules = {"--limit-modules", "java.base,java.instrument"};
    assertSays(
        "this JVM has no Flight Recorder",
        "start it with --add-modules jdk.jfr, or give that module to jlink",
        without(new AgentJvm(jdk, directory).jvm(modules)),
        with(new AgentJvm(jdk, directory).jvm(modules)));
  }

  @OnEachJdk
  void imageWithoutFlightRecorder(Jdk jdk) throws Exception {
    Path image = directory.resolve("image");
    Process jlink =
        new ProcessBuilder(
                jdk.tool("jlink"),
                "--add-modules",
                "java.base,java.instrument",
                "--output",
                image.toString())
            .inheritIO()
            .start();
    assertEquals(0, jlink.waitFor());
    Jdk small = new Jdk(image, jdk.feature());
    assertSays(
        "this JVM has no Flight Recorder",
        "start it with --add-modules jdk.jfr, or give that module to jlink",
        without(new AgentJvm(small, directory)),
        with(new AgentJvm(small, directory)));
  }

  static List<Jdk> jdksWithFlightRecorderSwitch() {
    return Jdk.all().stream().filter(jdk -> jdk.feature() <= 25).toList();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("jdksWithFlightRecorderSwitch")
  void flightRecorderSwitchedOff(Jdk jdk) throws Exception {
    String argument = "-XX:-FlightRecorder";
    assertSays(
        "Flight Recorder is switched off",
        "start the JVM without -XX:-FlightRecorder",
        without(new AgentJvm(jdk, directory).jvm(argument)),
        with(new AgentJvm(jdk, directory).jvm(argument)));
  }

  static List<Jdk> jdksWithSecurityManager() {
    return Jdk.all().stream().filter(jdk -> jdk.feature() < 24).toList();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("jdksWithSecurityManager")
  void policyGrantsTheAgentNothing(Jdk jdk) throws Exception {
    String[] arguments = securityManager(Path.of("target/test-classes/").toUri() + "-");
    assertSays(
        "the agent can't be loaded: java.security.AccessControlException: access denied",
        "grant java.security.AllPermission to the agent's jar in the policy file",
        without(new AgentJvm(jdk, directory).jvm(arguments)),
        with(new AgentJvm(jdk, directory).jvm(arguments)));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("jdksWithSecurityManager")
  void policyGrantsTheAgentAll(Jdk jdk) throws Exception {
    KernelTier.require();
    String[] arguments =
        securityManager(
            Path.of("target/test-classes/").toUri() + "-", AgentJvm.jar().toUri().toString());
    AgentJvm.Result with = with(new AgentJvm(jdk, directory).jvm(arguments).record());
    AgentLines.one(without(new AgentJvm(jdk, directory).jvm(arguments)), with);
    assertRecorded(with);
  }

  /** What a hook needs for the first time, it must not need the application's permissions for. */
  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("jdksWithSecurityManager")
  void policyGrantsTheApplicationLittle(Jdk jdk) throws Exception {
    KernelTier.require();
    String[] arguments = securityManager(AgentJvm.jar().toUri().toString());
    Files.writeString(
        directory.resolve("policy"),
        """
        grant codeBase "%s-" {
          permission java.net.SocketPermission "*", "accept,connect,listen,resolve";
          permission java.io.FilePermission "<<ALL FILES>>", "read,write";
          permission java.util.PropertyPermission "*", "read";
          permission java.lang.RuntimePermission "getStackTrace";
          permission java.lang.RuntimePermission "modifyThreadGroup";
          permission jdk.jfr.FlightRecorderPermission "accessFlightRecorder";
        };
        """
            .formatted(Path.of("target/test-classes/").toUri()),
        StandardOpenOption.APPEND);
    Path file = directory.resolve("story.jfr");
    AgentJvm.Result result =
        new AgentJvm(jdk, directory).jvm(arguments).run(EarlyListeners.class, file.toString());
    assertEquals(0, result.exit(), result.err());
    List<AgentInfo> states = RecordingReader.read(file).agentStates();
    assertFalse(states.isEmpty());
    for (AgentInfo state : states) {
      assertEquals(0, state.suppressedErrors());
      assertEquals("all", state.hooks());
    }
  }

  private String[] securityManager(String... trusted) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String code : trusted) {
      lines.add("grant codeBase \"" + code + "\" { permission java.security.AllPermission; };");
    }
    Path policy = Files.write(directory.resolve("policy"), lines);
    return new String[] {"-Djava.security.manager", "-Djava.security.policy==" + policy};
  }

  @OnEachJdk
  void damagedJar(Jdk jdk) throws Exception {
    assertSays(
        "the agent can't be loaded: java.util.zip.ZipException: "
            + directory.resolve("damaged.jar")
            + " has no inst/agent",
        "fetch or build its jar again; if that does not help, report this with your JDK's version",
        plain(jdk),
        with(new AgentJvm(jdk, directory).agentJar(withoutAgentClass())));
  }

  private Path withoutAgentClass() throws IOException {
    Path damaged = directory.resolve("damaged.jar");
    try (JarFile whole = new JarFile(AgentJvm.jar().toFile());
        OutputStream file = Files.newOutputStream(damaged);
        JarOutputStream out = new JarOutputStream(file, whole.getManifest())) {
      for (Enumeration<JarEntry> entries = whole.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (entry.getName().startsWith("dev/") && entry.getName().endsWith(".class")) {
          out.putNextEntry(new JarEntry(entry.getName()));
          whole.getInputStream(entry).transferTo(out);
        }
      }
    }
    return damaged;
  }

  /** A path that is hard to put into a URL. */
  @OnEachJdk
  void jarInAnOddFolder(Jdk jdk) throws Exception {
    KernelTier.require();
    Path odd = Files.createDirectory(directory.resolve("a %20 + #!"));
    Path jar = Files.copy(AgentJvm.jar(), odd.resolve("agent!.jar"));
    AgentJvm.Result with = with(new AgentJvm(jdk, directory).agentJar(jar).record());
    AgentLines.one(plain(jdk), with);
    assertRecorded(with);
  }

  @OnEachJdk
  void givenTwice(Jdk jdk) throws Exception {
    KernelTier.require();
    AgentJvm.Result with =
        with(new AgentJvm(jdk, directory).jvm("-javaagent:" + AgentJvm.jar()).record());
    List<String> lines = AgentLines.added(plain(jdk), with);
    assertEquals(2, lines.size(), lines::toString);
    assertEquals(
        "ERROR given to this JVM twice; the first is in effect, this one is not. Leave out one of"
            + " the two -javaagent options (JAVA_TOOL_OPTIONS may hold one).",
        lines.get(1));
    assertRecorded(with);
  }

  /** The ends that a JVM can come to, with the agent at work. */
  @OnEachJdk
  void everyEnd(Jdk jdk) throws Exception {
    AgentLines.one(
        new AgentJvm(jdk, directory).withoutAgent().run(ThrowInMain.class),
        new AgentJvm(jdk, directory).run(ThrowInMain.class));
    AgentJvm.Result exit = new AgentJvm(jdk, directory).withoutAgent().run(ExitFromThread.class);
    assertEquals(8, exit.exit());
    AgentLines.one(exit, new AgentJvm(jdk, directory).run(ExitFromThread.class));
    AgentJvm.Result killed = killed(new AgentJvm(jdk, directory).withoutAgent());
    assertEquals(128 + 15, killed.exit());
    AgentLines.one(killed, killed(new AgentJvm(jdk, directory)));
  }

  private static AgentJvm.Result killed(AgentJvm jvm) throws Exception {
    try (AgentJvm.Running running = jvm.start(WaitToBeKilled.class)) {
      running.awaitLine("waiting");
      running.process().destroy();
      return running.await();
    }
  }

  static Stream<Arguments> requirements() {
    return Jdk.all().stream()
        .flatMap(
            jdk ->
                Stream.of(
                    arguments(jdk, "required=true,bogus=1", ""),
                    arguments(jdk, "bogus=1, required = true", ""),
                    arguments(jdk, "bogus=1", "-Dtcpstates.required=true"),
                    arguments(jdk, "bogus=1,required=sampled", ""),
                    arguments(jdk, "bogus=1", "-Dtcpstates.required=sampled"),
                    // A JVM that ends without a word helps nobody.
                    arguments(jdk, "log=off,required=true", "-Dos.name=FreeBSD")));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("requirements")
  void required(Jdk jdk, String options, String argument) throws Exception {
    AgentJvm jvm = new AgentJvm(jdk, directory).options(options);
    assertRefused(
        with(argument.isEmpty() ? jvm : jvm.jvm(argument)),
        (options + argument).contains("sampled") ? "sampled" : "true");
  }

  @OnEachJdk
  void requiredOfADamagedJar(Jdk jdk) throws Exception {
    assertRefused(
        with(new AgentJvm(jdk, directory).agentJar(withoutAgentClass()).options("required=true")),
        "true");
  }

  private static void assertRefused(AgentJvm.Result result, String value) {
    assertEquals(1, result.exit(), result.err());
    assertEquals("", result.out());
    assertTrue(result.err().startsWith("tcpstates-agent: ERROR "), result.err());
    assertTrue(result.err().endsWith(". " + REFUSED + value + ".\n"), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
  }

  @OnEachJdk
  void requiredAndAtWork(Jdk jdk) throws Exception {
    KernelTier.require();
    AgentLines.one(plain(jdk), with(new AgentJvm(jdk, directory).options("required=true")));
  }

  /** A recording without transitions explains itself. */
  @OnEachJdk
  void recordingSaysWhy(Jdk jdk) throws Exception {
    KernelTier.requireRoot();
    AgentJvm.Result with = with(nobody.jvm(jdk, directory).record());
    String line = AgentLines.one(without(nobody.jvm(jdk, directory)), with);
    TcpRecording recording = RecordingReader.read(with.recording());
    assertFalse(recording.agentStates().isEmpty());
    for (AgentInfo state : recording.agentStates()) {
      assertTrue(state.isSampled());
      assertTrue(line.endsWith(SAMPLED + state.reason()), line);
    }
  }

  @OnEachJdk
  void recordingSaysWhyOfOptions(Jdk jdk) throws Exception {
    AgentJvm.Result with = with(new AgentJvm(jdk, directory).options("bogus=1").record());
    String line = AgentLines.one(plain(jdk), with);
    for (AgentInfo state : RecordingReader.read(with.recording()).agentStates()) {
      assertFalse(state.attached());
      assertEquals(line, "ERROR " + state.reason() + ". " + RUNS);
    }
  }

  /** The two capabilities are all it takes; root it takes not. */
  @OnEachJdk
  void twoCapabilities(Jdk jdk) throws Exception {
    KernelTier.require();
    KernelTier.requireRoot();
    AgentJvm.Result with = with(nobody.jvm(jdk, directory, "bpf", "perfmon").record());
    AgentLines.one(without(nobody.jvm(jdk, directory)), with);
    assertRecorded(with);
  }

  /** The run without the agent, and with nothing else special. */
  private AgentJvm.Result plain(Jdk jdk) throws Exception {
    AgentJvm.Result known = PLAIN.get(jdk);
    if (known == null) {
      known = without(new AgentJvm(jdk, directory));
      PLAIN.put(jdk, known);
    }
    return known;
  }

  private static AgentJvm.Result without(AgentJvm jvm) throws Exception {
    AgentJvm.Result result = jvm.withoutAgent().run(ExitSeven.class);
    // Or else the application itself can't run so, and the comparison is worth nothing.
    assertEquals(7, result.exit(), result.err());
    return result;
  }

  private static AgentJvm.Result with(AgentJvm jvm) throws Exception {
    return jvm.run(ExitSeven.class);
  }

  private static void assertSays(
      String problem, String next, AgentJvm.Result without, AgentJvm.Result with) {
    String line = AgentLines.one(without, with);
    assertTrue(line.startsWith("ERROR " + problem), line);
    assertTrue(line.endsWith("; " + next + ". " + RUNS), line);
  }

  private static void assertSamples(
      String problem, String next, AgentJvm.Result without, AgentJvm.Result with) {
    String line = AgentLines.one(without, with);
    assertTrue(line.startsWith("WARN sampling the sockets of process "), line);
    assertTrue(line.contains(" every 1 s" + SAMPLED + problem), line);
    assertTrue(line.endsWith("; " + next), line);
  }

  private static void assertRecorded(AgentJvm.Result result) throws IOException {
    TcpRecording recording = RecordingReader.read(result.recording());
    assertEquals(ExitSeven.SOCKETS, recording.timelines().size());
    for (SocketTimeline timeline : recording.timelines()) {
      assertTrue(timeline.complete(), timeline::toString);
      assertTrue(
          timeline.openedBy().startsWith(ExitSeven.class.getName() + "."), timeline::toString);
    }
    AgentInfo last = recording.agentStates().get(recording.agentStates().size() - 1);
    assertTrue(last.attached());
    assertEquals("all", last.hooks());
    assertEquals(0, last.suppressedErrors());
    try (JarFile jar = new JarFile(AgentJvm.jar().toFile())) {
      String version = jar.getManifest().getMainAttributes().getValue("Implementation-Version");
      assertNotEquals(null, version);
      assertEquals(version, last.version());
    }
  }
}
