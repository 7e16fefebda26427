// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static dev.tcpstates.it.Story.ACCEPTED;
import static dev.tcpstates.it.Story.CLIENT;
import static dev.tcpstates.it.Story.LISTENER;
import static dev.tcpstates.it.Story.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.Transition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** JVMs in namespaces, as containers have them. */
@Isolated("the JVMs have the same PID, so those started in one second share JFR's repository")
class NamespaceIT {
  /** As {@link Story#ACCEPTED}, with its own end first. */
  private static final String ACCEPTED_AND_CLOSED_FIRST =
      "LISTEN>SYN_RECV>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>CLOSE";

  private static final String LOOPBACK_UP = "ip link set lo up && exec \"$@\"";

  /** A root directory of its own, with all there is but /proc, which is the namespace's. */
  private static final String CONTAINER =
      """
      set -e
      ip link set lo up
      mount -t tmpfs tmpfs /mnt
      for entry in /*; do
        if [ "$entry" = /proc ] || [ "$entry" = /mnt ]; then continue; fi
        if [ -L "$entry" ]; then
          cp -P "$entry" /mnt
        elif [ -d "$entry" ]; then
          mkdir "/mnt$entry"
          mount --rbind "$entry" "/mnt$entry"
        fi
      done
      mkdir /mnt/proc
      mount -t proc proc /mnt/proc
      exec chroot /mnt "$@"
      """;

  /**
   * A process of a PID namespace of its own, with a given number there, connects to a port and
   * waits for the end of the connection.
   */
  private static final String FOREIGNER =
      """
      connect='exec 3<>/dev/tcp/127.0.0.1/'$2'; echo $$; read -u 3 line'
      if [ $1 != 1 ]; then
        echo $(($1 - 1)) > /proc/sys/kernel/ns_last_pid
        bash -c "$connect" &
        wait
      else
        eval "$connect"
      fi
      """;

  @TempDir private Path directory;

  static Stream<Arguments> namespaces() {
    List<String> pid = List.of("unshare", "--kill-child", "--fork", "--pid");
    List<String> up = List.of("sh", "-c", LOOPBACK_UP, "sh");
    Map<String, List<String>> namespaces = new TreeMap<>();
    namespaces.put("none", List.of());
    namespaces.put("PID", with(pid, "--mount-proc"));
    namespaces.put("PID, with the parent's /proc", pid);
    namespaces.put("network", with(List.of("unshare", "--net"), up.toArray(String[]::new)));
    namespaces.put(
        "PID and network", with(with(pid, "--mount-proc", "--net"), up.toArray(String[]::new)));
    namespaces.put(
        "PID, network, mount and another root",
        with(pid, "--mount", "--net", "sh", "-c", CONTAINER, "sh"));
    return Jdk.all().stream()
        .flatMap(
            jdk ->
                namespaces.entrySet().stream()
                    .map(entry -> Arguments.of(jdk, entry.getKey(), entry.getValue())));
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> longer = new ArrayList<>(command);
    longer.addAll(List.of(more));
    return longer;
  }

  @BeforeEach
  void require() throws IOException {
    KernelTier.require();
    KernelTier.requireTools("unshare", "nsenter", "chroot", "mount", "ip", "bash");
  }

  @ParameterizedTest(name = "{0}, own namespaces: {1}")
  @MethodSource("namespaces")
  void ownSocketsAreCompleteAndForeignOnesAbsent(Jdk jdk, String which, List<String> prefix)
      throws Exception {
    AgentJvm jvm = new AgentJvm(jdk, directory).record().under(prefix.toArray(String[]::new));
    try (Shell shell = Shell.start(jvm)) {
      int server = shell.number("listen server");
      int client = shell.number("connect client " + server);
      shell.run("accept accepted server");
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");

      // Of the same number as the JVM, in the same network.
      int pid = shell.number("pid");
      assertEquals(which.startsWith("PID"), pid == 1, "pid " + pid);
      Process foreign = foreigner(shell, pid, server);
      int stranger;
      try {
        stranger = shell.number("accept guest server");
        assertEquals(Integer.toString(pid), foreign.inputReader().readLine());
        shell.run("close guest");
        assertTrue(foreign.waitFor(60, TimeUnit.SECONDS));
      } finally {
        foreign.destroyForcibly();
      }
      shell.run("close server");
      Path recording = shell.end().recording();

      Story story = Story.read(recording).sound();
      assertEquals(
          Map.of(
              name(server, 0), LISTENER,
              name(client, server), CLIENT,
              name(server, client), ACCEPTED,
              name(server, stranger), ACCEPTED_AND_CLOSED_FIRST),
          story.states());
      assertEquals("SocketShell.connect", story.openers().get(name(client, server)));
      assertEquals("SocketShell.accept", story.openers().get(name(server, stranger)));
      assertTasks(story, pid);
    }
  }

  /** The foreigner's SYN comes in on its own task, which is of another PID namespace. */
  private static void assertTasks(Story story, int pid) {
    Set<String> tasks = new TreeSet<>();
    for (SocketTimeline timeline : story.recording().timelines()) {
      for (Transition transition : timeline.transitions()) {
        tasks.add(transition.taskId() + " " + transition.taskName());
      }
    }
    assertTrue(tasks.remove("0 other process"), tasks::toString);
    assertTrue(tasks.stream().anyMatch(task -> task.startsWith(pid + " ")), tasks::toString);
    if (pid == 1) {
      // Whatever else is on the machine, it is not named.
      assertTrue(tasks.stream().allMatch(task -> task.startsWith("1 ")), tasks::toString);
    }
    for (String task : tasks) {
      assertFalse(task.endsWith(" bash"), tasks::toString);
    }
  }

  /** System.nanoTime() is a day ahead of the kernel's clock there; JFR's times are as ever. */
  @OnEachJdk
  void timesAreRightInATimeNamespace(Jdk jdk) throws Exception {
    Tool possible = Tool.run("unshare", "--time", "--monotonic", "86400", "--fork", "true");
    Assumptions.assumeTrue(
        possible.exit() == 0, () -> "missing here: time namespaces (" + possible.err() + ")");
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .record()
            .under("unshare", "--kill-child", "--fork", "--time", "--monotonic", "86400");
    try (Shell shell = Shell.start(jvm)) {
      Instant start = Instant.now().minusSeconds(1);
      int server = shell.number("listen server");
      int client = shell.number("connect client " + server);
      shell.run("accept accepted server");
      shell.run("close client");
      shell.run("eof accepted");
      shell.run("close accepted");
      Instant end = Instant.now().plusSeconds(1);
      Path recording = shell.end().recording();
      Story story = Story.read(recording).sound();
      assertEquals(CLIENT, story.states().get(name(client, server)));
      for (String socket : List.of(name(client, server), name(server, client))) {
        for (Transition transition : story.timeline(socket).transitions()) {
          Instant time = transition.endTime();
          assertTrue(time.isAfter(start) && time.isBefore(end), start + " " + time + " " + end);
          assertTrue(!transition.timeInState().isNegative(), transition::toString);
        }
      }
      for (Story.Listed listed : story.listed()) {
        assertTrue(listed.timeInState().compareTo(Duration.ofMinutes(2)) < 0, listed::toString);
      }
    }
  }

  private static Process foreigner(Shell shell, int pid, int port) throws IOException {
    if (pid != 1) {
      Assumptions.assumeTrue(
          Files.isWritable(Path.of("/proc/sys/kernel/ns_last_pid")),
          "missing here: /proc/sys/kernel/ns_last_pid (CONFIG_CHECKPOINT_RESTORE)");
    }
    List<String> command =
        List.of(
            "nsenter",
            "--net",
            "--target",
            Long.toString(shell.pid()),
            "unshare",
            "--kill-child",
            "--fork",
            "--pid",
            "bash",
            "-c",
            FOREIGNER,
            "bash",
            Integer.toString(pid),
            Integer.toString(port));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** BPF is the business of the first user namespace, whatever one may do in another. */
  @OnEachJdk
  void inAUserNamespaceTheAgentSaysWhatIsMissing(Jdk jdk) throws Exception {
    Tool possible = Tool.run("unshare", "--user", "--map-root-user", "true");
    Assumptions.assumeTrue(
        possible.exit() == 0, () -> "missing here: user namespaces (" + possible.err() + ")");
    AgentJvm jvm =
        new AgentJvm(jdk, directory).record().under("unshare", "--user", "--map-root-user");
    try (Shell shell = Shell.start(jvm)) {
      int server = shell.number("listen server");
      shell.number("connect client " + server);
      AgentJvm.Result result = shell.end();
      assertTrue(result.err().contains("a child user namespace"), result.err());
      Story story = Story.read(result.recording());
      assertEquals(Map.of(), story.states());
      AgentInfo state = story.recording().agentStates().get(0);
      assertTrue(state.isSampled());
      assertTrue(state.reason().contains("a child user namespace"), state.reason());
    }
  }

  @OnEachJdk
  void theCommandReachesIntoAPidNamespace(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .withoutAgent()
            .record()
            .under("unshare", "--kill-child", "--fork", "--pid", "--mount-proc");
    try (Shell shell = Shell.start(jvm)) {
      int server = shell.number("listen server");
      String outside =
          Files.readString(Path.of("/proc/" + shell.pid() + "/task/" + shell.pid() + "/children"))
              .strip();
      Tool attached = Tool.agent(jdk, "attach", outside).ok();
      assertTrue(attached.out().startsWith("attached to process " + outside), attached.out());
      shell.run("close server");
      Story story = Story.read(shell.end().recording()).sound();
      assertEquals(Map.of(name(server, 0), "LISTEN>CLOSE"), story.states());
    }
  }
}
