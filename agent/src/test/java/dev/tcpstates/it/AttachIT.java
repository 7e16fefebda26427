// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.ACCEPTED;
import static dev.tcpstates.it.Story.BEFORE_THE_AGENT;
import static dev.tcpstates.it.Story.CLIENT;
import static dev.tcpstates.it.Story.LISTENER;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.tools.attach.VirtualMachine;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent comes to a JVM that runs already. */
@NeedsBpf
class AttachIT {
  private static final String CONNECT = "SocketShell.connect";
  private static final String ACCEPT = "SocketShell.accept";

  @TempDir private Path directory;

  /** Both ways to attach, and JFR started before and after. */
  static Stream<Arguments> ways() {
    return Jdk.all().stream()
        .flatMap(jdk -> Stream.of(Arguments.of(jdk, true, false), Arguments.of(jdk, false, true)));
  }

  private Shell shell(Jdk jdk) throws IOException, InterruptedException {
    return Shell.start(new AgentJvm(jdk, directory).withoutAgent());
  }

  private static void attach(Jdk jdk, Shell shell, String... options) throws Exception {
    String[] arguments =
        Stream.concat(Stream.of("attach", Long.toString(shell.pid())), Stream.of(options))
            .toArray(String[]::new);
    Tool attached = Tool.agent(jdk, arguments).ok();
    assertEquals("", attached.err());
    assertTrue(attached.out().startsWith("attached to process " + shell.pid()), attached.out());
  }

  private static void startRecording(Jdk jdk, Shell shell) throws Exception {
    Tool.jcmd(jdk, shell.pid(), "JFR.start", "name=story").ok();
  }

  private Story story(Jdk jdk, Shell shell) throws Exception {
    Path file = directory.resolve("story.jfr");
    Tool.jcmd(jdk, shell.pid(), "JFR.dump", "name=story", "filename=" + file).ok();
    return Story.read(file).sound();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}, with jcmd: {1}, recording first: {2}")
  @MethodSource("ways")
  void whatIsOpenIsAdoptedAndWhatComesIsComplete(Jdk jdk, boolean jcmd, boolean recordingFirst)
      throws Exception {
    try (Shell shell = shell(jdk)) {
      int server = shell.number("listen server");
      int other = shell.number("listen other");
      int old = shell.number("connect old " + server);
      shell.run("accept oldAccepted server");
      int half = shell.number("connect half " + server);
      shell.run("accept halfAccepted server");
      shell.run("half half");
      shell.run("eof halfAccepted");
      int queued = shell.number("connect queued " + server);
      int ended = shell.number("connect ended " + other);
      shell.run("half ended");
      shell.run("create late");
      shell.run("create idle");

      if (recordingFirst) {
        startRecording(jdk, shell);
      }
      if (jcmd) {
        Tool.jcmd(jdk, shell.pid(), "JVMTI.agent_load", AgentJvm.jar().toString()).ok();
      } else {
        attach(jdk, shell);
      }
      if (!recordingFirst) {
        startRecording(jdk, shell);
      }

      // The half-closed one ends, after more of its life than the agent has seen.
      shell.run("close halfAccepted");
      shell.run("eof half");
      shell.run("close half");
      // Those from the accept queues; one of them has had its peer's end already.
      shell.run("accept queuedAccepted server");
      shell.run("close queued");
      shell.run("eof queuedAccepted");
      shell.run("close queuedAccepted");
      shell.run("accept endedAccepted other");
      shell.run("eof endedAccepted");
      shell.run("close endedAccepted");
      shell.run("eof ended");
      shell.run("close ended");
      // New children of an old listener.
      int young = shell.number("connect young " + server);
      shell.run("accept youngAccepted server");
      shell.run("close young");
      shell.run("eof youngAccepted");
      shell.run("close youngAccepted");
      int late = shell.number("use late " + server);
      shell.run("accept lateAccepted server");
      shell.run("close late");
      shell.run("eof lateAccepted");
      shell.run("close lateAccepted");
      int newServer = shell.number("listen newServer");
      shell.run("close newServer");
      shell.run("close other");
      int left = shell.number("connect left " + server);

      Story story = story(jdk, shell);
      Map<String, String> listed = new TreeMap<>();
      listed.put(name(server, 0), "LISTEN");
      listed.put(name(other, 0), "LISTEN");
      listed.put(name(old, server), "ESTABLISHED");
      listed.put(name(server, old), "ESTABLISHED");
      listed.put(name(half, server), "FIN_WAIT2");
      listed.put(name(server, half), "CLOSE_WAIT");
      listed.put(name(queued, server), "ESTABLISHED");
      listed.put(name(ended, other), "FIN_WAIT2");
      assertEquals(listed, before(story));
      for (Story.Listed socket : story.listed()) {
        if (listed.containsKey(socket.name())) {
          assertEquals(BEFORE_THE_AGENT, socket.openedBy());
          assertNull(socket.openThread());
          assertTrue(socket.timeInState().compareTo(Duration.ofMinutes(2)) < 0);
        }
      }

      Map<String, String> states = new TreeMap<>();
      Map<String, String> openers = new TreeMap<>();
      expect(states, openers, name(half, server), "FIN_WAIT2>CLOSE", BEFORE_THE_AGENT);
      expect(states, openers, name(server, half), "CLOSE_WAIT>LAST_ACK>CLOSE", BEFORE_THE_AGENT);
      expect(states, openers, name(queued, server), after("ESTABLISHED", CLIENT), BEFORE_THE_AGENT);
      expect(states, openers, name(server, queued), after("ESTABLISHED", ACCEPTED), ACCEPT);
      expect(states, openers, name(ended, other), "FIN_WAIT2>CLOSE", BEFORE_THE_AGENT);
      expect(states, openers, name(other, ended), "CLOSE_WAIT>LAST_ACK>CLOSE", ACCEPT);
      expect(states, openers, name(young, server), CLIENT, CONNECT);
      expect(states, openers, name(server, young), ACCEPTED, ACCEPT);
      expect(states, openers, name(late, server), CLIENT, BEFORE_THE_AGENT);
      expect(states, openers, name(server, late), ACCEPTED, ACCEPT);
      expect(states, openers, name(newServer, 0), LISTENER, "SocketShell.listen");
      expect(states, openers, name(other, 0), "LISTEN>CLOSE", BEFORE_THE_AGENT);
      expect(states, openers, name(left, server), "CLOSE>SYN_SENT>ESTABLISHED", CONNECT);
      expect(states, openers, name(server, left), "LISTEN>SYN_RECV>ESTABLISHED", BEFORE_THE_AGENT);
      assertEquals(states, story.states());
      assertEquals(openers, story.openers());
      // A child belongs to whoever opened its listener, until it is accepted.
      assertEquals(BEFORE_THE_AGENT, story.firstOpeners().get(name(server, young)));
      assertTrue(lastState(story).attached());
      // old, its peer, their listener, left, idle; no descriptor leads to left's peer
      assertEquals(5, lastState(story).openSockets());
      shell.end();
    }
  }

  /** What was listed first of the sockets that were open then. */
  private static Map<String, String> before(Story story) {
    Map<String, String> states = new TreeMap<>(story.firstListed());
    // The dump begins a new chunk, with a listing that holds the new ones too.
    story.listed().stream()
        .filter(socket -> !socket.openedBy().equals(BEFORE_THE_AGENT))
        .forEach(socket -> states.remove(socket.name()));
    return states;
  }

  private static void expect(
      Map<String, String> states,
      Map<String, String> openers,
      String name,
      String itsStates,
      String opener) {
    states.put(name, itsStates);
    openers.put(name, opener);
  }

  /** What remains of a life from a state on. */
  private static String after(String state, String states) {
    return states.substring(states.indexOf(state));
  }

  private static AgentInfo lastState(Story story) {
    List<AgentInfo> states = story.recording().agentStates();
    return states.get(states.size() - 1);
  }

  /** The JVM finishes a method that runs as it was, so this one is not hooked. */
  @OnEachJdk
  void whatAThreadAcceptsThatWaitedAllAlongIsTheListeners(Jdk jdk) throws Exception {
    try (Shell shell = shell(jdk)) {
      int server = shell.number("listen server");
      shell.run("await first server");
      attach(jdk, shell);
      startRecording(jdk, shell);
      int one = shell.number("connect one " + server);
      shell.run("join first");
      shell.run("close one");
      shell.run("eof first");
      shell.run("close first");
      int two = shell.number("connect two " + server);
      shell.run("await second server");
      shell.run("join second");
      shell.run("close two");
      shell.run("eof second");
      shell.run("close second");

      Story story = story(jdk, shell);
      assertEquals(
          Map.of(
              name(one, server), CLIENT,
              name(server, one), ACCEPTED,
              name(two, server), CLIENT,
              name(server, two), ACCEPTED),
          story.states());
      assertEquals(
          Map.of(
              name(one, server), CONNECT,
              name(server, one), BEFORE_THE_AGENT,
              name(two, server), CONNECT,
              name(server, two), ACCEPT),
          story.openers());
      assertEquals("second", story.timeline(name(server, two)).openThread());
      shell.end();
    }
  }

  /** What is opened while the agent puts itself in place is complete, or began before. */
  @OnEachJdk
  void underLoadNothingIsTorn(Jdk jdk) throws Exception {
    try (Shell shell = shell(jdk)) {
      startRecording(jdk, shell);
      shell.run("load 2");
      shell.run("more 500");
      attach(jdk, shell);
      shell.run("more 1000");
      int connections = shell.number("unload");
      Path file = directory.resolve("story.jfr");
      Tool.jcmd(jdk, shell.pid(), "JFR.dump", "name=story", "filename=" + file).ok();
      TcpRecording recording = RecordingReader.read(file);
      AgainIfSkipped.assertNoneLost(recording);

      int complete = 0;
      Map<String, Integer> openers = new TreeMap<>();
      for (SocketTimeline timeline : recording.timelines()) {
        Transition first = timeline.transitions().get(0);
        openers.merge(timeline.openedBy().replaceFirst(":\\d+.*", ""), 1, Integer::sum);
        if (first.oldState() == TcpState.CLOSE || first.oldState() == TcpState.LISTEN) {
          if (first.newState() == TcpState.CLOSE) {
            continue; // one of the four listeners
          }
          assertTrue(timeline.complete(), timeline::toString);
          complete++;
        } else {
          assertEquals(TcpState.CLOSE, timeline.lastState(), timeline::toString);
          assertTrue(
              timeline.openedBy().equals(BEFORE_THE_AGENT)
                  || timeline.openedBy().contains("SocketShell.connections"),
              timeline::toString);
        }
      }
      assertTrue(complete > 1000 && complete <= 2 * connections, () -> openers.toString());
      assertEquals(
          Set.of(BEFORE_THE_AGENT, "dev.tcpstates.it.workload.SocketShell.connections"),
          openers.keySet());
      shell.end();
    }
  }

  @OnEachJdk
  void theSecondTimeSaysSoAndChangesNothing(Jdk jdk) throws Exception {
    try (Shell shell = shell(jdk)) {
      attach(jdk, shell, "stackDepth=27");
      startRecording(jdk, shell);
      Map<String, Long> before = bpfDescriptors(shell.pid());

      Tool second = Tool.agent(jdk, "attach", "" + shell.pid(), "stackDepth=29,log=info");
      assertEquals(1, second.exit());
      assertEquals("", second.out());
      assertEquals(
          "already attached to process "
              + shell.pid()
              + " with other options, nothing changed: stackDepth is 27, not 29. To change them,"
              + " detach first\n",
          second.err());
      for (String same : List.of("stackDepth=27", "log=info,stackDepth=27", "")) {
        String[] words = {"attach", "" + shell.pid(), same};
        Tool again =
            Tool.agent(
                    jdk,
                    same.isEmpty() ? List.of(words).subList(0, 2).toArray(String[]::new) : words)
                .ok();
        assertEquals("", again.err());
        assertEquals(
            "already attached to process " + shell.pid() + ", nothing changed\n", again.out());
      }
      Tool.jcmd(jdk, shell.pid(), "JVMTI.agent_load", AgentJvm.jar().toString(), "stackDepth=29")
          .ok();
      assertEquals(1, warnings(shell).size(), () -> warnings(shell).toString());
      assertTrue(warnings(shell).get(0).contains("already recording"));

      int server = shell.number("listen server");
      shell.run("close server");
      assertEquals(before, bpfDescriptors(shell.pid()));
      Story story = story(jdk, shell);
      assertEquals(Map.of(name(server, 0), LISTENER), story.states());
      assertTrue(lastState(story).options().contains("stackDepth=27"), lastState(story).options());
      shell.end();
    }
  }

  @OnEachJdk
  void wrongOptionsAreOneLineAndChangeNothing(Jdk jdk) throws Exception {
    try (Shell shell = shell(jdk)) {
      for (String wrong :
          List.of("stackDept=29", "stackDepth=0", "stackDepth", "log=info,log=warn")) {
        Tool attach = Tool.agent(jdk, "attach", "" + shell.pid(), wrong);
        assertEquals(2, attach.exit(), attach.err());
        assertEquals("", attach.out());
        assertEquals(1, attach.err().lines().count(), attach.err());
        String option = wrong.split("[=,]")[0];
        assertTrue(attach.err().contains(option), attach.err());
        assertEquals(Map.of(), bpfDescriptors(shell.pid()));
      }
      AgentJvm.Result result = shell.end();
      assertEquals("", result.err(), "the agent was loaded");
    }
  }

  @OnEachJdk
  void whereNothingIsToBeDetachedItSaysSo(Jdk jdk) throws Exception {
    try (Shell shell = shell(jdk)) {
      String nothing = "nothing to detach from process " + shell.pid() + ": ";
      assertEquals(
          nothing + "the agent is not loaded there\n",
          Tool.agent(jdk, "detach", "" + shell.pid()).ok().out());
      attach(jdk, shell);
      assertEquals(
          "detached from process " + shell.pid() + "\n",
          Tool.agent(jdk, "detach", "" + shell.pid()).ok().out());
      assertEquals(
          nothing + "the agent is detached already\n",
          Tool.agent(jdk, "detach", "" + shell.pid()).ok().out());
      shell.end();
    }
  }

  @OnEachJdk
  void aJvmThatHasTheAgentFromItsStartHasItAlready(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).options("stackDepth=27"))) {
      startRecording(jdk, shell);
      Tool second = Tool.agent(jdk, "attach", Long.toString(shell.pid()), "stackDepth=29");
      assertEquals(1, second.exit());
      assertTrue(second.err().startsWith("already attached"), second.err());
      int server = shell.number("listen server");
      shell.run("close server");
      Story story = story(jdk, shell);
      assertEquals(Map.of(name(server, 0), "SocketShell.listen"), story.openers());
      assertTrue(lastState(story).options().contains("stackDepth=27"), lastState(story).options());

      Tool detached = Tool.agent(jdk, "detach", Long.toString(shell.pid())).ok();
      assertEquals("detached from process " + shell.pid() + "\n", detached.out());
      assertEquals(Map.of(), bpfDescriptors(shell.pid()));
      shell.end();
    }
  }

  @OnEachJdk
  void whatTheAgentCannotUseIsSaidAndHarmsNobody(Jdk jdk) throws Exception {
    try (Shell shell = shell(jdk)) {
      Tool attached = Tool.agent(jdk, "attach", Long.toString(shell.pid()), "stackDepth=deep");
      assertEquals(2, attached.exit());
      assertEquals("", attached.out());
      assertTrue(attached.err().startsWith("stackDepth=deep is not valid"), attached.err());
      assertEquals(1, attached.err().lines().count(), attached.err());

      Tool.jcmd(jdk, shell.pid(), "JVMTI.agent_load", AgentJvm.jar().toString(), "stuck=7").ok();
      assertTrue(warnings(shell).get(0).contains("stuck"), () -> warnings(shell).toString());

      int server = shell.number("listen server");
      assertEquals(Map.of(), bpfDescriptors(shell.pid()));
      attach(jdk, shell, "stackDepth=8");
      startRecording(jdk, shell);
      shell.run("close server");
      assertEquals(Map.of(name(server, 0), "LISTEN>CLOSE"), story(jdk, shell).states());
      shell.end();
    }
  }

  @OnEachJdk
  void aProcessThatIsNotThereIsNamed(Jdk jdk) throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    for (String command : List.of("attach", "detach")) {
      Tool result = Tool.agent(jdk, command, Long.toString(gone.pid()));
      assertEquals(1, result.exit());
      assertEquals("", result.out());
      assertEquals(
          "can't attach to process " + gone.pid() + ": there is no such process\n", result.err());
    }
  }

  /** The JDK would send it a SIGQUIT, which the first doesn't survive and the second obeys. */
  @OnEachJdk
  void aProcessThatIsNoJvmIsLeftInPeace(Jdk jdk) throws Exception {
    for (String script : List.of("read line", "trap 'exit 3' QUIT; echo ready; read line")) {
      Process foreign = new ProcessBuilder("bash", "-c", script).start();
      try {
        if (script.startsWith("trap")) {
          assertEquals("ready", foreign.inputReader().readLine());
        }
        Tool result = Tool.agent(jdk, "attach", Long.toString(foreign.pid()));
        assertEquals(1, result.exit());
        assertEquals("", result.out());
        assertEquals(
            "can't attach to process " + foreign.pid() + ": it is not a JVM\n", result.err());
        foreign.outputWriter().write("\n");
        foreign.outputWriter().flush();
        assertTrue(foreign.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, foreign.exitValue(), "it was sent a signal");
      } finally {
        foreign.destroyForcibly();
      }
    }
  }

  /** Without a handler of its own, a JVM that is sent a SIGQUIT ends. */
  @OnEachJdk
  void aJvmThatDoesNotListenToSignalsIsLeftInPeace(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).withoutAgent().jvm("-Xrs"))) {
      Tool result = Tool.agent(jdk, "attach", Long.toString(shell.pid()));
      assertEquals(1, result.exit());
      assertTrue(result.err().contains("-Xrs"), result.err());
      shell.number("listen server");
      shell.end();
    }
  }

  @OnEachJdk
  void attachedAndDetachedManyTimesLeavesNothingBehind(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .withoutAgent()
            // What grows by itself: memory pools of threads, and threads that compile.
            .under("env", "MALLOC_ARENA_MAX=1")
            .jvm(
                "-Xms64m", "-Xmx64m", "-XX:+UseSerialGC", "-XX:-UseDynamicNumberOfCompilerThreads");
    try (Shell shell = Shell.start(jvm)) {
      startRecording(jdk, shell);
      int server = shell.number("listen server");
      TreeSet<Long> programs = new TreeSet<>();
      int each = 0;
      Map<String, String> expected = new TreeMap<>();
      long descriptors = 0;
      long memory = 0;
      for (int i = 0; i < 25; i++) {
        load(shell, "");
        each = programs(shell.pid()).size();
        assertTrue(programs.addAll(programs(shell.pid())), "no new programs");
        assertTrue(bpfMappings(shell.pid()) > 0);
        Story.connection(shell, server, expected);
        load(shell, "detach");
        assertEquals(Map.of(), bpfDescriptors(shell.pid()));
        assertEquals(0, bpfMappings(shell.pid()));
        if (i == 4) {
          descriptors = descriptors(shell.pid());
          memory = virtualMemory(shell.pid());
        }
        // Nobody watches this one.
        int unseen = shell.number("connect unseen " + server);
        shell.run("accept unseenAccepted server");
        shell.run("reset unseen");
        shell.run("close unseenAccepted");
        assertTrue(unseen > 0);
      }
      assertEquals(25 * each, programs.size());
      assertGone(programs);
      assertTrue(descriptors(shell.pid()) <= descriptors, "descriptors were left open");
      // Of 20 sessions, each four megabytes and more. The compilers' memory alone varies by twelve.
      long grown = virtualMemory(shell.pid()) - memory;
      assertTrue(grown < 24 << 20, "virtual memory has grown by " + grown + " bytes");

      Story story = story(jdk, shell);
      assertEquals(expected, story.states());
      assertEquals("detached", lastState(story).reason());
      shell.end();
    }
  }

  private static void load(Shell shell, String options) throws Exception {
    VirtualMachine jvm = VirtualMachine.attach(Long.toString(shell.pid()));
    try {
      jvm.loadAgent(AgentJvm.jar().toString(), options);
    } finally {
      jvm.detach();
    }
  }

  /** The agent's warnings and errors on the standard error of the application. */
  private static List<String> warnings(Shell shell) {
    try {
      return Files.readString(shell.running().err())
          .lines()
          .filter(line -> line.matches("tcpstates-agent: (WARN|ERROR) .*"))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many descriptors a process has of each kind of BPF object. */
  private static Map<String, Long> bpfDescriptors(long pid) throws IOException {
    return links(pid).stream()
        .filter(link -> link.contains("bpf"))
        .collect(Collectors.groupingBy(link -> link, TreeMap::new, Collectors.counting()));
  }

  private static long descriptors(long pid) throws IOException {
    return links(pid).size();
  }

  private static List<String> links(long pid) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return descriptors.map(AttachIT::link).toList();
    }
  }

  private static String link(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "closed meanwhile";
    }
  }

  /** The kernel's numbers of the programs that a process holds. */
  private static List<Long> programs(long pid) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fdinfo"))) {
      return descriptors
          .flatMap(AttachIT::lines)
          .filter(line -> line.startsWith("prog_id:"))
          .map(line -> Long.valueOf(line.substring(8).strip()))
          .distinct()
          .toList();
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return Stream.of(); // closed meanwhile
    }
  }

  private static long bpfMappings(long pid) throws IOException {
    try (Stream<String> maps =
        Files.lines(Path.of("/proc/" + pid + "/maps"), StandardCharsets.ISO_8859_1)) {
      return maps.filter(line -> line.contains("anon_inode:bpf")).count();
    }
  }

  private static long virtualMemory(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmSize:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }

  /** The kernel takes its time with it. */
  private static void assertGone(TreeSet<Long> programs) throws Exception {
    KernelTier.requireTools("bpftool");
    Events.await(
        "end of the programs",
        () -> {
          String left = Tool.run("bpftool", "prog", "show").ok().out();
          return programs.stream().noneMatch(id -> left.matches("(?s)(.*\n)?" + id + ": .*"));
        });
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @ValueSource(
      strings = {"attach", "attach no.such.Main", "attach 1 2 3", "detach", "detach 1 2", "join 1"})
  void aWrongCommandLineIsAnsweredWithTheRightOne(String line) throws Exception {
    Tool result = Tool.agent(Jdk.all().get(0), line.split(" "));
    assertEquals(2, result.exit());
    assertEquals("", result.out());
    assertTrue(result.err().startsWith("usage: "), result.err());
  }

  /** A socket opened before the agent has no beginning: its time in state begins at the attach. */
  @OnEachJdk
  void timesOfAnAdoptedSocketBeginWithTheAgent(Jdk jdk) throws Exception {
    try (Shell shell = shell(jdk)) {
      int server = shell.number("listen server");
      Thread.sleep(500); // time in the state that does not count
      final long beforeAttach = System.nanoTime();
      attach(jdk, shell);
      startRecording(jdk, shell);
      Thread.sleep(500); // time in the state that counts
      shell.run("close server");
      Duration most = Duration.ofNanos(System.nanoTime() - beforeAttach);
      SocketTimeline timeline = story(jdk, shell).timeline(name(server, 0));
      Transition close = timeline.transitions().get(0);
      assertTrue(close.timeInState().compareTo(Duration.ofMillis(500)) > 0, close.toString());
      assertTrue(close.timeInState().compareTo(most) < 0, () -> close + " in " + most);
      assertEquals(Duration.ZERO, close.uncertainty());
      shell.end();
    }
  }
}
