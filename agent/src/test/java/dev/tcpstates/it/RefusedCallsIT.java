// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.RefusedCalls.Call;
import dev.tcpstates.it.workload.LeftBehind;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Refuses the calls that a start makes of the kernel, in each JVM another, with several errors. The
 * application always runs. While the core is there, every transition is recorded, and the recording
 * names what is missing besides and why. Without the core, the recording says why it is empty.
 */
class RefusedCallsIT {
  /** The core: the programs and maps without which no transition is recorded. */
  private static final Set<String> CORE =
      Set.of("tcp_state", "sockets", "records", "control", "counters", "ports");

  /** What else no transition is recorded without, and what the reason must name if it fails. */
  private static final Map<String, String> CORE_CALLS =
      Map.of(
          "access /sys/kernel/btf/vmlinux", "/sys/kernel/btf/vmlinux",
          "open /sys/kernel/btf/vmlinux", "reading the kernel's BTF",
          "open /sys/devices/system/cpu/possible", "/sys/devices/system/cpu/possible: EPERM",
          "epoll_create1", "epoll_create1: EPERM",
          "epoll_ctl eventfd", "epoll_ctl: EPERM",
          "eventfd", "eventfd: EPERM");

  /** What is missing without a program that is an extra. */
  private static final Map<String, String> LOSSES =
      Map.of(
          "tcp_state_again", "recovery of missed transitions",
          "open_sockets", "adoption of sockets opened before the agent",
          "sockets_now", "StateCount, and sockets that have no descriptor",
          "tcp_retransmit", "Retransmit",
          "tcp_retransmit_again", "Retransmit",
          "tcp_retransmit_synack", "Retransmit of SYN_ACK",
          "tcp_reset_sent", "Reset SENT",
          "tcp_reset_sent_again", "Reset SENT",
          "tcp_reset_received", "Reset RECEIVED",
          "tcp_reset_received_again", "Reset RECEIVED");

  private static final List<String> ERRORS = List.of("EPERM", "EINVAL", "ENOSPC");

  /** The errors that have to do with the machine's state, and the cause and advice for each. */
  private static final Map<String, String> SHORTAGES =
      Map.of(
          "EAGAIN",
              "signals or a debugger interrupted the kernel's check of the BPF programs each time:"
                  + " attach the agent again while neither does",
          "ENOMEM",
              "the kernel has no memory left for BPF: set a smaller ringSize, or raise the memory"
                  + " limit of the container or the machine",
          "ENFILE", "this machine has no file left to open: raise the sysctl fs.file-max",
          "EMFILE",
              "this JVM has no file descriptor left: raise its limit (ulimit -n; systemd:"
                  + " LimitNOFILE=)",
          "ENOSPC",
              "the kernel has no room left for another BPF object: unload BPF programs that nobody"
                  + " needs (bpftool prog)");

  private static final Map<String, Integer> NUMBERS =
      Map.of(
          "EPERM", 1, "EAGAIN", 11, "ENOMEM", 12, "EINVAL", 22, "ENFILE", 23, "EMFILE", 24,
          "ENOSPC", 28);

  /** Commands whose errors the agent or libbpf may treat differently. */
  private static final Set<String> WITH_EACH_ERROR =
      Set.of("MAP_CREATE", "PROG_LOAD", "LINK_CREATE", "RAW_TRACEPOINT_OPEN", "ITER_CREATE");

  private static final String READ = "read iterator";
  private static final int CONNECTIONS = 23;
  private static final String LEFT_BEHIND = "left-behind";

  @TempDir static Path shared;
  private static RefusedCalls calls;
  private static List<Call> undisturbed;

  @TempDir Path directory;

  @BeforeAll
  static void listCalls() throws Exception {
    KernelTier.require();
    calls = new RefusedCalls(shared);
    Path log = shared.resolve("log");
    AgentJvm.Result result =
        assertOneLine(run(calls.log(new AgentJvm(Jdk.all().get(0), shared), log)));
    assertAllTransitions(result);
    assertEquals(null, missing(result));
    undisturbed = Call.read(log);
    List<String> subjects = undisturbed.stream().map(Call::subject).toList();
    assertTrue(subjects.containsAll(CORE), subjects::toString);
  }

  /** What has to come of a refused call. */
  enum Outcome {
    /** No transition is recorded, the sockets are sampled, and the recording says why. */
    NONE,
    /** All transitions are recorded; what is missing besides is named, with the error. */
    EXTRA_MISSING,
    /** All is recorded. */
    ALL,
    /** All or nothing: libbpf tries out the kernel, and may be able to do without it. */
    ALL_OR_NONE
  }

  /**
   * A refusal that a JVM is started with.
   *
   * @param call one of the calls
   * @param error what they fail with
   */
  record Refusal(Call call, String error, Outcome outcome) {
    @Override
    public String toString() {
      return call.key() + ": " + error;
    }
  }

  /** Each call of a start that nothing is refused to. */
  static Stream<Refusal> refusals() {
    List<Refusal> refusals = new ArrayList<>();
    Set<String> keys = new LinkedHashSet<>();
    for (Call call : undisturbed) {
      // Of a thread that can't be started, HotSpot itself prints a warning.
      if (!call.command().equals("pthread_create") && keys.add(call.key())) {
        for (String error : ERRORS) {
          Outcome outcome = outcome(call, error);
          boolean one = outcome == Outcome.ALL_OR_NONE || !WITH_EACH_ERROR.contains(call.command());
          if (!one || error.equals("EPERM")) {
            refusals.add(new Refusal(call, error, outcome));
          }
        }
      }
    }
    return refusals.stream();
  }

  private static Outcome outcome(Call call, String error) {
    boolean core = CORE.contains(call.subject());
    boolean extra = !lossesOf(call).isEmpty();
    if (call.command().equals("LINK_CREATE")
        && error.equals("EINVAL")
        && (core || extra && !isIterator(call.subject()))) {
      // libbpf takes this for a kernel without this kind of link, and does it the older way.
      return Outcome.ALL;
    }
    if (core || CORE_CALLS.containsKey(call.key())) {
      return Outcome.NONE;
    }
    if (extra) {
      return Outcome.EXTRA_MISSING;
    }
    return call.isBpf() ? Outcome.ALL_OR_NONE : Outcome.ALL;
  }

  private static boolean isIterator(String program) {
    return program.equals("open_sockets") || program.equals("sockets_now");
  }

  /** The kernel, and so the log, only has the first 15 characters of a name. */
  private static boolean isOf(Call call, String program) {
    return call.subject().equals(program.substring(0, Math.min(program.length(), 15)));
  }

  private static List<String> lossesOf(Call call) {
    return LOSSES.keySet().stream()
        .filter(program -> isOf(call, program))
        .map(LOSSES::get)
        .distinct()
        .toList();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("refusals")
  void refused(Refusal refusal) throws Exception {
    Path log = directory.resolve("log");
    AgentJvm.Result result = run(Jdk.all().get(0), log, refusal.error, refusal.call.key());
    boolean all =
        refusal.outcome == Outcome.ALL || refusal.outcome == Outcome.ALL_OR_NONE && isExact(result);
    if (all) {
      assertAllTransitions(result);
      assertNull(missing(result));
    } else if (refusal.outcome == Outcome.EXTRA_MISSING) {
      assertAllTransitions(result);
      List<String> losses = lossesOf(refusal.call);
      assertMissing(losses, refusal.error, missing(result));
    } else {
      String reason = assertSampled(result);
      if (refusal.outcome == Outcome.NONE) {
        String named = CORE_CALLS.getOrDefault(refusal.call.key(), refusal.error);
        assertTrue(reason.contains(named), reason);
      }
    }
  }

  /** As a container's seccomp profile may do. */
  @OnEachJdk
  void everyBpfCallRefused(Jdk jdk) throws Exception {
    AgentJvm.Result result = run(jdk, directory.resolve("log"), "EPERM", RefusedCalls.ALL_BPF);
    String reason = assertSampled(result);
    assertTrue(reason.startsWith("this JVM has CAP_BPF and CAP_PERFMON"), reason);
    assertTrue(reason.contains("EPERM"), reason);
  }

  /** Neither BPF nor polling: only the opening of sockets can be recorded. */
  @OnEachJdk
  void everyBpfCallAndNetlinkRefused(Jdk jdk) throws Exception {
    String[] keys = {RefusedCalls.ALL_BPF, "socket netlink"};
    AgentJvm.Result result = run(jdk, directory.resolve("log"), "EPERM", keys);
    TcpRecording recording = RecordingReader.read(result.recording());
    assertEquals(List.of(), recording.timelines());
    assertFalse(recording.agentStates().isEmpty());
    for (AgentInfo state : recording.agentStates()) {
      assertFalse(state.attached());
      assertTrue(state.reason().contains("BPF programs: EPERM"), state.reason());
      assertTrue(state.reason().contains("can't be polled either"), state.reason());
      assertTrue(state.reason().contains("SOCK_DIAG socket: EPERM"), state.reason());
      assertTrue(result.err().contains(state.reason()), result.err());
    }
  }

  /** The last step of a start is the reader's thread: by then all is attached. */
  @OnEachJdk
  void noMoreThreads(Jdk jdk) throws Exception {
    Path log = directory.resolve("log");
    startAndEnd(calls.log(new AgentJvm(jdk, directory), log));
    String last =
        Call.read(log).stream()
            .map(Call::key)
            .filter(key -> key.startsWith("pthread_create "))
            .reduce("", (first, second) -> second);
    Files.delete(log);
    AgentJvm.Result result =
        startAndEnd(calls.refuse(new AgentJvm(jdk, directory), log, NUMBERS.get("ENOMEM"), last));
    assertTrue(Call.read(log).stream().anyMatch(Call::refused), "no call was refused");
    assertTrue(result.err().contains("unexpected java.lang.OutOfMemoryError"), result.err());
    assertTrue(result.err().endsWith(" The application runs without the agent.\n"), result.err());
    assertNothingLeftBehind(result);
  }

  private static AgentJvm.Result startAndEnd(AgentJvm jvm) throws Exception {
    return assertOneLine(jvm.run(LeftBehind.class, "" + CONNECTIONS, LEFT_BEHIND).ok());
  }

  /** The reader then sleeps between its turns, and says so once. */
  @OnEachJdk
  void waitingForTheRingRefused(Jdk jdk) throws Exception {
    Path log = directory.resolve("log");
    AgentJvm jvm =
        calls.refuse(new AgentJvm(jdk, directory), log, NUMBERS.get("EPERM"), "epoll_wait");
    AgentJvm.Result result = run(jvm);
    assertEquals(1, Call.read(log).stream().filter(Call::refused).count());
    List<String> lines = result.err().lines().toList();
    assertEquals(2, lines.size(), result.err());
    assertEquals(
        1, lines.stream().filter(line -> line.contains(" WARN epoll_wait: EPERM; ")).count());
    assertAllTransitions(result);
  }

  /** All extras at once: what is left is the core. */
  @OnEachJdk
  void everyExtraRefused(Jdk jdk) throws Exception {
    Path log = directory.resolve("log");
    AgentJvm.Result result = run(jdk, log, "EPERM", keys("PROG_LOAD", LOSSES.keySet()));
    assertAllTransitions(result);
    for (String loss : Set.copyOf(LOSSES.values())) {
      assertTrue(missing(result).contains(loss + " ("), missing(result));
    }
  }

  /** The kernel stops its check of a program if a signal comes. libbpf tries 5 times by itself. */
  @OnEachJdk
  void loadsThatAreInterruptedForAWhile(Jdk jdk) throws Exception {
    Path log = directory.resolve("log");
    String[] keys = keys("PROG_LOAD", Set.of("tcp_state"));
    AgentJvm jvm = calls.refuse(new AgentJvm(jdk, directory), log, NUMBERS.get("EAGAIN"), keys);
    AgentJvm.Result result = assertOneLine(run(jvm.environment("REFUSE_TIMES", "23")));
    assertEquals(23, Call.read(log).stream().filter(Call::refused).count());
    assertAllTransitions(result);
    assertNull(missing(result));
  }

  /** As after each million of objects that an iterator has no record of. */
  @OnEachJdk
  void anIteratorThatIsNotReady(Jdk jdk) throws Exception {
    Path log = directory.resolve("log");
    AgentJvm jvm = calls.refuse(new AgentJvm(jdk, directory), log, NUMBERS.get("EAGAIN"), READ);
    AgentJvm.Result result = assertOneLine(run(jvm.environment("REFUSE_TIMES", "3")));
    assertEquals(3, Call.read(log).stream().filter(new Call(READ, -11, true)::equals).count());
    assertAllTransitions(result);
    assertNull(missing(result));
  }

  /** The errors that say nothing about the kernel's version, and what each says instead. */
  static Stream<Map.Entry<String, String>> shortages() {
    return SHORTAGES.entrySet().stream();
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("shortages")
  void aShortageIsExplained(Map.Entry<String, String> shortage) throws Exception {
    String error = shortage.getKey();
    String[] keys = keys("PROG_LOAD", Set.of("tcp_state"));
    AgentJvm.Result result = run(Jdk.all().get(0), directory.resolve("log"), error, keys);
    String call = " (loading the BPF programs: " + error + "); ";
    assertEquals(shortage.getValue().replaceFirst(": ", call), assertSampled(result));
  }

  /** libbpf itself would say of any such error that there is no BTF. */
  @OnEachJdk
  void noDescriptorForTheKernelsTypes(Jdk jdk) throws Exception {
    Path log = directory.resolve("log");
    AgentJvm.Result result = run(jdk, log, "EMFILE", "open /sys/kernel/btf/vmlinux");
    String call = " (reading the kernel's BTF: EMFILE); ";
    assertEquals(SHORTAGES.get("EMFILE").replaceFirst(": ", call), assertSampled(result));
  }

  /** The extras, each loaded by itself once one is refused, can't have the core's maps. */
  @OnEachJdk
  void mapsThatCannotBeShared(Jdk jdk) throws Exception {
    List<String> keys = new ArrayList<>(List.of(keys("PROG_LOAD", Set.of("sockets_now"))));
    CORE.forEach(map -> keys.add("OBJ_GET_INFO_BY_FD " + map));
    AgentJvm.Result result =
        run(jdk, directory.resolve("log"), "EPERM", keys.toArray(String[]::new));
    assertAllTransitions(result);
    for (String loss : Set.copyOf(LOSSES.values())) {
      assertTrue(missing(result).contains(loss + " ("), missing(result));
    }
  }

  /** Then libbpf has something to say of each map, besides the error that it returns. */
  @OnEachJdk
  void mapsThatAreNotDescribed(Jdk jdk) throws Exception {
    List<String> keys = new ArrayList<>(List.of(keys("PROG_LOAD", Set.of("sockets_now"))));
    CORE.forEach(map -> keys.add("OBJ_GET_INFO_BY_FD " + map));
    keys.add("open fdinfo");
    Path log = directory.resolve("log");
    AgentJvm.Result result = run(jdk, log, "EINVAL", keys.toArray(String[]::new));
    assertTrue(Call.read(log).contains(new Call("open fdinfo", -22, true)));
    assertAllTransitions(result);
  }

  /** The calls with this command for these programs. */
  private static String[] keys(String command, Set<String> programs) {
    return undisturbed.stream()
        .filter(call -> call.command().equals(command))
        .filter(call -> programs.stream().anyMatch(name -> isOf(call, name)))
        .map(Call::key)
        .distinct()
        .toArray(String[]::new);
  }

  /** Runs the workload; fails if no call was refused, or the application comes to any harm. */
  private AgentJvm.Result run(Jdk jdk, Path log, String error, String... keys) throws Exception {
    Files.deleteIfExists(log);
    AgentJvm jvm = calls.refuse(new AgentJvm(jdk, directory), log, NUMBERS.get(error), keys);
    AgentJvm.Result result = run(jvm);
    assertTrue(Call.read(log).stream().anyMatch(Call::refused), "no call was refused");
    return assertOneLine(result);
  }

  private static AgentJvm.Result run(AgentJvm jvm) throws Exception {
    AgentJvm.Result result = jvm.record().run(LeftBehind.class, "" + CONNECTIONS, LEFT_BEHIND).ok();
    assertEquals(2 * CONNECTIONS + 1, result.out().lines().count(), result.out());
    return result;
  }

  /** All that may show on the application's standard error is one line of the agent. */
  private static AgentJvm.Result assertOneLine(AgentJvm.Result result) {
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().startsWith("tcpstates-agent: "), result.err());
    return result;
  }

  private static boolean isExact(AgentJvm.Result result) throws Exception {
    return RecordingReader.read(result.recording()).agentStates().get(0).mode().equals("EXACT");
  }

  private static void assertAllTransitions(AgentJvm.Result result) throws Exception {
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    assertEquals(2 * CONNECTIONS + 1, opened.size());
    Recorded.match(Recorded.read(result.recording()), opened)
        .forEach(
            (socket, timeline) ->
                assertEquals(Lives.of(socket.role()), Recorded.states(timeline), socket::toString));
  }

  /** What the last AgentState says is missing. */
  private static String missing(AgentJvm.Result result) throws Exception {
    List<AgentInfo> states = RecordingReader.read(result.recording()).agentStates();
    return states.get(states.size() - 1).missing();
  }

  /** One of these losses, for this reason, and nothing else. */
  private static void assertMissing(List<String> losses, String error, String missing) {
    assertTrue(
        losses.stream().anyMatch(loss -> missing != null && missing.startsWith(loss + " (")),
        () -> losses + " in " + missing);
    assertTrue(missing.contains(error) && missing.endsWith(")"), missing);
    for (String other : LOSSES.values()) {
      assertFalse(missing.contains("; " + other + " ("), missing);
    }
  }

  /** What a start that failed half-way had made by then is gone. */
  private static void assertNothingLeftBehind(AgentJvm.Result result) throws Exception {
    Path list = result.recording().resolveSibling(LEFT_BEHIND);
    assertEquals(List.of(), Files.readAllLines(list));
  }

  /**
   * Nothing is recorded, the recording and standard error say why.
   *
   * @return why
   */
  private static String assertSampled(AgentJvm.Result result) throws Exception {
    assertNothingLeftBehind(result);
    TcpRecording recording = RecordingReader.read(result.recording());
    assertEquals(List.of(), recording.timelines());
    assertFalse(recording.agentStates().isEmpty());
    String reason = recording.agentStates().get(0).reason();
    for (AgentInfo state : recording.agentStates()) {
      assertTrue(state.isSampled());
      assertEquals(reason, state.reason());
    }
    assertTrue(
        result
            .err()
            .matches(
                "tcpstates-agent: WARN sampling the sockets of process \\d+ every 1 s; transitions"
                    + " are not recorded, because \\Q"
                    + reason
                    + "\\E(; missing: .*)?\n"),
        result.err());
    return reason;
  }
}
