// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.node.MetricsMessages;
import dev.tcpstates.agent.kernel.node.NodeClient;
import dev.tcpstates.agent.kernel.node.NodeClient.Granted;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Command;
import dev.tcpstates.agent.kernel.node.NodeProtocol.Request;
import dev.tcpstates.agent.kernel.node.UnixSocket;
import dev.tcpstates.agent.metrics.Distribution;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.MetricsSnapshot;
import dev.tcpstates.agent.metrics.Point;
import dev.tcpstates.it.workload.SocketShell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The metrics of several JVMs at the node program's endpoint, against the JVMs' workloads. */
class NodeMetricsIT {
  private static final int USER = 61_003;
  private static final int MANY = 200;

  /** Within which an agent connects again, and a bit more. */
  private static final int RECONNECT_MILLIS = 6_000;

  private static final String MAIN = "process_main_class=" + SocketShell.class.getName();
  private static final String ESTABLISHED = "network_connection_state=established";
  private static final String CLIENT = "network_tcp_handshake_role=client";
  private static final String SERVER = "network_tcp_handshake_role=server";

  @TempDir private Path directory;

  private Path socket;
  private NodeProgram node;
  private final List<Shell> shells = new ArrayList<>();

  @BeforeEach
  void require() {
    KernelTier.requireTools("promtool", "curl");
    socket = directory.resolve("metrics.sock");
  }

  @AfterEach
  void end() throws Exception {
    shells.forEach(Shell::close);
    if (node != null) {
      node.close();
    }
  }

  private void start(Jdk jdk) throws Exception {
    node = NodeProgram.start(jdk, directory.resolve("node"), "--metrics", socket.toString());
  }

  private Shell shell(Jdk jdk, String options) throws Exception {
    Path own = Files.createDirectory(directory.resolve("jvm" + shells.size()));
    Shell shell = Shell.start(new AgentJvm(jdk, own).options(node.options() + options));
    shells.add(shell);
    return shell;
  }

  private static String pid(Shell shell) {
    return "process_pid=" + shell.pid();
  }

  /** Opens so many connections, and closes one of them. */
  private static void connections(Shell shell, int count) throws Exception {
    int server = shell.number("listen server");
    for (int i = 0; i < count; i++) {
      shell.number("connect c" + i + " " + server);
      shell.run("accept a" + i + " server");
    }
    shell.run("close c0");
    shell.run("eof a0");
    shell.run("close a0");
  }

  private static void assertConnections(Exposition metrics, Shell shell, int count) {
    String pid = pid(shell);
    assertEquals(
        2.0 * (count - 1), metrics.value("tcpstates_socket_count", pid, MAIN, ESTABLISHED), pid);
    for (String role : List.of(CLIENT, SERVER)) {
      double number = count;
      assertEquals(
          number, metrics.value("tcpstates_connection_successes_total", pid, MAIN, role), pid);
      assertEquals(
          number, metrics.value("tcpstates_handshake_duration_seconds_count", pid, role), pid);
      assertEquals(
          number,
          metrics.value("tcpstates_handshake_duration_seconds_bucket", pid, role, "le=+Inf"),
          pid);
      assertEquals(
          1.0, metrics.value("tcpstates_connection_closed_total", pid, role, "tcpstates_end=fin"));
    }
    String connect = "code_function_name=" + SocketShell.class.getName() + ".connect";
    assertEquals(number(count), metrics.value("tcpstates_site_opened_total", pid, connect), pid);
    assertEquals(1.0, metrics.value("tcpstates_attached", pid, MAIN, "tcpstates_mode=exact"), pid);
    assertEquals(1.0, metrics.value("tcpstates_node_answered", pid, MAIN), pid);
  }

  /** Scrapes until so many JVMs answer in time: on a busy machine, the first answer may be late. */
  private Exposition answered(int count, String... curl) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      Exposition metrics = Exposition.of(socket, curl);
      if (metrics.value("tcpstates_node_jvms", "tcpstates_answer=answered") == count
          || System.nanoTime() > deadline) {
        return metrics;
      }
      Thread.sleep(100);
    }
  }

  private static double number(int count) {
    return count;
  }

  private static void assertJvms(
      Exposition metrics, int answered, int timedOut, int invalid, int unsupported) {
    assertEquals(
        List.of(answered, timedOut, invalid, unsupported),
        List.of("answered", "timed_out", "invalid", "unsupported").stream()
            .map(how -> metrics.value("tcpstates_node_jvms", "tcpstates_answer=" + how).intValue())
            .toList());
  }

  @OnEachJdk
  void eachJvmHasItsOwnSeries(Jdk jdk) throws Exception {
    start(jdk);
    List<Integer> counts = new ArrayList<>();
    for (Jdk each : Jdk.all()) {
      for (int i = 0; i < 2; i++) {
        int count = 3 + 2 * counts.size();
        connections(shell(each, ",metrics=on"), count);
        counts.add(count);
      }
    }
    Shell off = shell(jdk, "");
    connections(off, 4);
    node.awaitJvms(shells.size());
    for (String accept : List.of("text/plain", "application/openmetrics-text")) {
      Exposition metrics = answered(shells.size(), "-H", "Accept: " + accept);
      for (int i = 0; i < counts.size(); i++) {
        assertConnections(metrics, shells.get(i), counts.get(i));
      }
      assertEquals(6.0, metrics.value("tcpstates_socket_count", pid(off), ESTABLISHED));
      assertEquals(Map.of(), metrics.all("tcpstates_connection_successes_total", pid(off)));
      assertJvms(metrics, shells.size(), 0, 0, 0);
      List<String> types =
          metrics.text().lines().filter(line -> line.startsWith("# TYPE ")).toList();
      assertEquals(types.size(), types.stream().distinct().count(), "families");
      if (accept.startsWith("application")) {
        assertTrue(metrics.text().endsWith("# EOF\n"));
      } else {
        assertEquals(List.of(), metrics.lint());
      }
    }
  }

  /**
   * A JVM that is stopped costs the others nothing but the time-out, and JVMs that come nothing.
   */
  @OnEachJdk
  void stoppedAndEndedJvms(Jdk jdk) throws Exception {
    start(jdk);
    for (int i = 0; i < 3; i++) {
      connections(shell(jdk, ",metrics=on"), 3 + i);
    }
    Shell stopped = shells.get(1);
    Shell ended = shells.get(2);
    assertJvms(answered(3), 3, 0, 0, 0);
    Tool.run("kill", "-STOP", Long.toString(stopped.pid())).ok();
    ended.close();
    node.awaitJvms(2);
    for (int i = 0; i < 3; i++) {
      long before = System.nanoTime();
      Exposition metrics = answered(1);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
      assertTrue(millis < 10_000, millis + " ms");
      assertJvms(metrics, 1, 1, 0, 0);
      assertConnections(metrics, shells.get(0), 3);
      assertEquals(0.0, metrics.value("tcpstates_node_answered", pid(stopped), MAIN));
      assertEquals(Map.of(), metrics.all("tcpstates_socket_count", pid(stopped)));
      assertFalse(metrics.text().contains("process_pid=\"" + ended.pid() + "\""));
    }
    Tool.run("kill", "-CONT", Long.toString(stopped.pid())).ok();
    assertEquals(Long.toString(stopped.pid()), stopped.run("pid"));
    Exposition metrics = answered(2);
    assertJvms(metrics, 2, 0, 0, 0);
    assertConnections(metrics, stopped, 4);
  }

  /** JVMs go on with their registration, and counters with their values. */
  @OnEachJdk
  void restartedNodeProgram(Jdk jdk) throws Exception {
    start(jdk);
    Shell shell = shell(jdk, ",metrics=on");
    connections(shell, 3);
    assertConnections(answered(1), shell, 3);
    node.kill();
    node.restart("--metrics", socket.toString());
    assertConnections(answered(1), shell, 3);
    Tool.agent(jdk, "detach", Long.toString(shell.pid())).ok();
    node.awaitJvms(0);
  }

  @OnEachJdk
  void restartedNodeProgramThatCollectsFromThenOn(Jdk jdk) throws Exception {
    node = NodeProgram.start(jdk, directory.resolve("node"));
    Shell shell = shell(jdk, ",metrics=on");
    connections(shell, 3);
    node.kill();
    node.restart("--metrics", socket.toString());
    assertConnections(answered(1), shell, 3);
    node.kill();
    node.restart();
    Thread.sleep(RECONNECT_MILLIS);
    node.kill();
    node.restart("--metrics", socket.toString());
    assertConnections(answered(1), shell, 3);
  }

  /** Where a hierarchy of control groups is mounted; {@code null} if none is. */
  private static Path hierarchy(String type, String option) throws Exception {
    return Files.readAllLines(Path.of("/proc/mounts")).stream()
        .map(line -> line.split(" "))
        .filter(mount -> mount[2].equals(type) && mount[3].contains(option))
        .map(mount -> Path.of(mount[1]))
        .filter(path -> path.toFile().canWrite())
        .findFirst()
        .orElse(null);
  }

  /** The names that the kubelet chooses, with systemd and without, for a JVM of another user. */
  @ParameterizedTest
  @CsvSource({
    "cgroup2, rw, kubepods-burstable-pod%2$s.slice, cri-containerd-%1$s.scope, _",
    "cgroup, freezer, kubepods-pod%2$s, %1$s, -",
    "cgroup, freezer, docker-%1$s.scope, init.scope, "
  })
  void containerAndPod(String type, String option, String outer, String inner, String separator)
      throws Exception {
    Path root = hierarchy(type, option);
    assumeTrue(root != null, "no control groups of this kind are mounted");
    String id = "%064x".formatted(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
    String uid = UUID.randomUUID().toString();
    String written = separator == null ? "" : uid.replace("-", separator);
    Path pod = Files.createDirectory(root.resolve(outer.formatted(id, written)));
    Path container = Files.createDirectory(pod.resolve(inner.formatted(id)));
    try {
      start(Jdk.all().get(0));
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      Unprivileged user = new Unprivileged(Files.createDirectory(directory.resolve("user")));
      Path own = Files.createDirectory(directory.resolve("jvm"));
      AgentJvm jvm = user.jvm(Jdk.all().get(0), own).options(node.options());
      try (Shell shell = Shell.start(jvm)) {
        Files.writeString(container.resolve("cgroup.procs"), Long.toString(shell.pid()));
        shell.number("listen server");
        Exposition metrics = answered(1);
        List<String> labels = new ArrayList<>(List.of(pid(shell), MAIN, "container_id=" + id));
        if (separator != null) {
          labels.add("k8s_pod_uid=" + uid);
        }
        labels.add("network_connection_state=listen");
        assertEquals(
            1.0,
            metrics.value("tcpstates_socket_count", labels.toArray(String[]::new)),
            metrics::text);
        assertEquals(separator != null, metrics.text().contains("k8s_pod_uid="));
        assertEquals(List.of(), metrics.lint());
        shell.end();
      }
      node.awaitJvms(0);
    } finally {
      remove(container);
      remove(pod);
    }
  }

  /** The kernel refuses it until the process has left it. */
  private static void remove(Path group) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (Files.exists(group)) {
      try {
        Files.delete(group);
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  /** A scrape waits for a JVM that is stopped; JVMs that register do not. */
  @Test
  void registrationsDuringScrapes() throws Exception {
    Jdk jdk = Jdk.all().get(0);
    start(jdk);
    Shell stopped = shell(jdk, "");
    answered(1);
    Tool.run("kill", "-STOP", Long.toString(stopped.pid())).ok();
    CompletableFuture<Exposition> scrape =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Exposition.of(socket);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    JnaLoader.load();
    Request request =
        new Request(Command.REGISTER, 1 << 16, (int) ProcessHandle.current().pid(), 0);
    int registered = 0;
    while (!scrape.isDone()) {
      Granted granted = NodeClient.ask(node.socket(), request);
      for (int descriptor : granted.descriptors()) {
        UnixSocket.close(descriptor);
      }
      granted.connection().close();
      node.awaitJvms(1);
      registered++;
    }
    assertEquals(1.0, scrape.get().value("tcpstates_node_jvms", "tcpstates_answer=timed_out"));
    assertTrue(registered > 2, registered + " registrations during a scrape");
    Tool.run("kill", "-CONT", Long.toString(stopped.pid())).ok();
  }

  private static String hex(String mainClass, List<Family> families) {
    return HexFormat.of()
        .formatHex(
            new MetricsSnapshot(mainClass, families).encode(MetricsMessages.MOST_BODY_BYTES));
  }

  /** As many as a JVM has with 20 lines of code and 10 ports. */
  private static String largeBody() {
    List<Family> families = new ArrayList<>();
    double[] bounds = new double[21];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = Math.scalb(1.0, i - 14);
    }
    Distribution durations = new Distribution(bounds, new long[bounds.length + 1], 0);
    for (Metric metric : Metric.ofJvm()) {
      boolean histogram = metric.type() == Metric.Type.HISTOGRAM;
      List<Point> points = new ArrayList<>();
      int most = metric == Metric.SITE_OPENED ? 20 : metric.attributes().isEmpty() ? 1 : 10;
      for (int i = 0; i < most; i++) {
        List<String> values = new ArrayList<>();
        for (int k = 0; k < metric.attributes().size(); k++) {
          values.add("com.example.shop.prices.PriceService.value" + i);
        }
        points.add(new Point(values, histogram ? 0 : 1, histogram ? durations : null));
      }
      families.add(new Family(metric, metric.attributes(), points));
    }
    return hex("com.example.shop.Shop", families);
  }

  /** With the heap that the samples give the node program. */
  @Test
  void manyJvms() throws Exception {
    node =
        NodeProgram.startUnder(
            List.of("env", "JAVA_TOOL_OPTIONS=-Xmx128m -XX:+UseSerialGC"),
            Jdk.all().get(0),
            directory.resolve("node"),
            "--metrics=" + socket,
            "--max-jvms=500",
            "--max-jvms-per-user=400");
    Path folder = Files.createDirectory(directory.resolve("many"));
    try (Standin standin = Standin.start(node, folder, USER, "answer", "" + MANY, largeBody())) {
      for (int i = 0; i < MANY; i++) {
        assertEquals("registered", standin.line());
      }
      node.awaitJvms(MANY);
      for (int i = 0; i < 3; i++) {
        long before = System.nanoTime();
        Exposition metrics = answered(MANY);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
        assertJvms(metrics, MANY, 0, 0, 0);
        assertEquals(20 * MANY, metrics.sum("tcpstates_site_opened_total"));
        assertEquals(10 * MANY, metrics.all("tcpstates_handshake_duration_seconds_count").size());
        assertTrue(millis < 10_000, millis + " ms"); // Prometheus' time-out
      }
    }
    node.awaitJvms(0);
  }

  /** A child process of a registered one has the connection, and answers. */
  @Test
  void answeredByAnotherProcess() throws Exception {
    start(Jdk.all().get(0));
    Path folder = Files.createDirectory(directory.resolve("child"));
    try (Standin standin = Standin.start(node, folder, USER, "child", largeBody())) {
      assertEquals("registered", standin.line());
      Exposition metrics = Exposition.of(socket);
      assertJvms(metrics, 0, 0, 1, 0);
      assertEquals(Map.of(), metrics.all("tcpstates_connection_successes_total"));
    }
  }

  /** An agent of an earlier release is registered, and sends nothing. */
  @Test
  void agentOfAnEarlierRelease() throws Exception {
    start(Jdk.all().get(0));
    Path folder = Files.createDirectory(directory.resolve("earlier"));
    try (Standin standin = Standin.start(node, folder, USER, "exec")) {
      assertEquals("registered", standin.line());
      long before = System.nanoTime();
      assertJvms(Exposition.of(socket), 0, 0, 0, 1);
      assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(2), "nobody is waited for");
    }
  }

  @Test
  void addressIsChecked() throws Exception {
    node = NodeProgram.start(Jdk.all().get(0), directory.resolve("node"));
    Tool wrong = node.run("--metrics", "metrics.example.com:9464");
    assertEquals(2, wrong.exit());
    assertTrue(
        wrong
            .err()
            .contains("--metrics=metrics.example.com:9464 is not valid; it is an IP address"),
        wrong.err());
  }
}
