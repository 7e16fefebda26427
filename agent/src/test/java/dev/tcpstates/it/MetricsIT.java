// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.tools.attach.VirtualMachine;
import dev.tcpstates.it.workload.TimedShell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a JVM against its workload, and against ss in a network of its own. */
class MetricsIT {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String CLIENT = "network_tcp_handshake_role=\"client\"";
  private static final String SERVER = "network_tcp_handshake_role=\"server\"";

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  @BeforeEach
  void requireTools() {
    KernelTier.requireTools("promtool", "ss", "curl");
  }

  /** What the workload leaves behind. */
  private record Ports(int calm, int full) {}

  private static Ports work(TimedShellJvm jvm) throws Exception {
    final int calm = jvm.number("listen calm " + LOOPBACK + " 7");
    for (int i = 0; i < 5; i++) {
      jvm.run("create c" + i);
      assertEquals("connected", jvm.run("connect c" + i + " " + LOOPBACK + " " + calm).result());
      jvm.run("accept s" + i + " calm");
    }
    jvm.run("reset c0");
    jvm.run("close s0");
    jvm.run("close c1");
    jvm.run("eof s1");
    jvm.run("close s1");
    jvm.run("close c2"); // s2 stays in CLOSE_WAIT
    final int gone = jvm.number("listen gone " + LOOPBACK + " 1");
    jvm.run("close gone");
    for (int i = 0; i < 3; i++) {
      jvm.run("create r" + i);
      String refused = jvm.run("connect r" + i + " " + LOOPBACK + " " + gone).result();
      assertEquals("ConnectException", refused);
    }
    final int full = jvm.number("listen full " + LOOPBACK + " 1");
    for (int i = 0; i < 2; i++) {
      jvm.run("knock q" + i + " " + LOOPBACK + " " + full);
      jvm.run("finish q" + i);
    }
    return new Ports(calm, full);
  }

  /** The samples without those of buckets, by name and labels. */
  private static Map<String, Double> samples(String text) {
    return text.lines()
        .filter(line -> !line.startsWith("#"))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.lastIndexOf(' ')),
                line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
  }

  private static double sum(Map<String, Double> samples, String start, String part) {
    return samples.entrySet().stream()
        .filter(sample -> sample.getKey().startsWith(start) && sample.getKey().contains(part))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static String get(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail"));
    command.addAll(List.of(arguments));
    return Tool.run(command.toArray(String[]::new)).ok().out();
  }

  @OnEachJdk
  void asTheWorkloadAndSs(Jdk jdk) throws Exception {
    Path socket = directory.resolve("m.sock");
    AgentJvm jvm =
        new AgentJvm(jdk, directory).under(hosts.at("here")).options("metrics=" + socket);
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      Ports ports = work(shell);
      String[] request = {"--unix-socket", socket.toString(), "http://localhost/metrics"};
      shell.run("sleep 200"); // a reset counts as received when no answer has followed at once
      get(request);
      String text = get(request);
      Map<String, Double> samples = samples(text);
      Map<String, Integer> states = Ss.states(hosts.at("here"));

      assertEquals(List.of(), Exposition.lint(text));
      for (String state :
          List.of("ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT2", "TIME_WAIT", "LISTEN")) {
        String name = state.toLowerCase(Locale.ROOT).replace("wait2", "wait_2");
        assertEquals(
            states.getOrDefault(state, 0).doubleValue(),
            samples.get("tcpstates_socket_count{network_connection_state=\"" + name + "\"}"),
            state);
      }
      for (String role : List.of(CLIENT, SERVER)) {
        String labels = "{" + role + "}";
        assertEquals(7, samples.get("tcpstates_connection_successes_total" + labels));
        assertEquals(7, samples.get("tcpstates_handshake_duration_seconds_count" + labels));
      }
      assertEquals(
          3,
          samples.get(
              "tcpstates_connection_failures_total{" + CLIENT + ",error_type=\"refused\"}"));
      assertEquals(3, sum(samples, "tcpstates_connection_failures_total", ""));
      Map<String, Integer> ends = new HashMap<>();
      ends.put(CLIENT + ",tcpstates_end=\"reset_by_local\"", 1);
      ends.put(CLIENT + ",tcpstates_end=\"fin\"", 2);
      ends.put(SERVER + ",tcpstates_end=\"reset_by_remote\"", 1);
      ends.put(SERVER + ",tcpstates_end=\"fin\"", 1);
      ends.forEach(
          (labels, count) ->
              assertEquals(
                  count.doubleValue(),
                  samples.get("tcpstates_connection_closed_total{" + labels + "}"),
                  labels));
      assertEquals(5, sum(samples, "tcpstates_connection_closed_total", ""));
      assertEquals(5, sum(samples, "tcpstates_connection_duration_seconds_count", ""));
      assertEquals(1, samples.get("tcpstates_resets_total{network_io_direction=\"transmit\"}"));
      // One of the connection, three of refused connects.
      assertEquals(4, samples.get("tcpstates_resets_total{network_io_direction=\"receive\"}"));
      for (int port : new int[] {ports.calm(), ports.full()}) {
        Ss.Queue queue = Ss.queue(hosts.at("here"), port);
        String label = "{server_port=\"" + port + "\"}";
        assertEquals(queue.length(), samples.get("tcpstates_accept_queue_length" + label));
        assertEquals(queue.limit(), samples.get("tcpstates_accept_queue_limit" + label));
        assertEquals(0, samples.get("tcpstates_accept_queue_drops_total" + label));
      }
      assertEquals(
          5,
          samples.get(
              "tcpstates_accept_queue_wait_duration_seconds_count{server_port=\""
                  + ports.calm()
                  + "\"}"));
      String shellClass = "code_function_name=\"" + TimedShell.class.getName() + ".";
      assertEquals(8, sum(samples, "tcpstates_site_opened_total", shellClass + "connect\""));
      assertEquals(5, sum(samples, "tcpstates_site_opened_total", shellClass + "accept\""));
      assertEquals(3, sum(samples, "tcpstates_site_opened_total", shellClass + "listen\""));
      assertEquals(2, sum(samples, "tcpstates_site_opened_total", shellClass + "knock\""));
      assertEquals(18, sum(samples, "tcpstates_site_opened_total", ""));
      assertEquals(
          1, sum(samples, "tcpstates_site_open{" + shellClass + "accept\"", "\"close_wait\""));
      assertEquals(2, sum(samples, "tcpstates_site_open", "\"listen\""));
      assertEquals(1, samples.get("tcpstates_attached{tcpstates_mode=\"exact\"}"));
      assertEquals(0, sum(samples, "tcpstates_records_lost_total", ""));
      shell.exit();
    }
    assertFalse(Files.exists(socket), "the unix socket's file is left behind");
  }

  /** The agent's first line names it. */
  private static String url(TimedShellJvm shell) throws Exception {
    String start = "metrics are served at ";
    String line = Files.readString(shell.running().err());
    return line.substring(line.indexOf(start) + start.length()).lines().findFirst().orElseThrow();
  }

  /** The endpoint's own sockets are not the application's, whoever records them. */
  @OnEachJdk
  void itsOwnSocketsAreLeftOut(Jdk jdk) throws Exception {
    AgentJvm jvm =
        new AgentJvm(jdk, directory).options("metrics=" + LOOPBACK + ":0,log=info").record();
    Path recording;
    int port;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      final String url = url(shell);
      port = Integer.parseInt(url.replaceAll(".*:(\\d+)/metrics", "$1"));
      final int own = shell.number("listen own " + LOOPBACK + " 7");
      for (int i = 0; i < 3; i++) {
        Map<String, Double> samples = samples(get(url));
        assertEquals(0, sum(samples, "tcpstates_connection_successes_total", ""));
      }
      String openMetrics = get("-H", "Accept: application/openmetrics-text", url);
      assertTrue(openMetrics.endsWith("# EOF\n"), openMetrics);
      Map<String, Double> samples = samples(openMetrics);
      assertEquals(1, sum(samples, "tcpstates_site_opened_total", ""));
      assertEquals(1, sum(samples, "tcpstates_accept_queue_limit", "") / 7);
      assertTrue(samples.containsKey("tcpstates_accept_queue_limit{server_port=\"" + own + "\"}"));
      recording = shell.exit().recording();
    }
    for (String type : List.of("StateChange", "Connection", "SocketState", "ListenQueue")) {
      for (RecordedEvent event : Events.of(recording, type)) {
        assertTrue(event.getInt("localPort") != port, event::toString);
      }
    }
  }

  /** The agent makes no MBean server; when a tool has made the platform's, the MBeans are there. */
  @OnEachJdk
  void mBeansOncePlatformServerExists(Jdk jdk) throws Exception {
    Path loads = directory.resolve("classes.txt");
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .options("metrics=" + LOOPBACK + ":0")
            .jvm("-Xlog:class+load:file=" + loads);
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      final Ports ports = work(shell);
      get(url(shell));
      shell.run("sleep 2000"); // the agent has looked for a server meanwhile
      String classes = Files.readString(loads);
      assertFalse(classes.contains(" java.util.logging.LogManager "));
      assertFalse(classes.contains(" java.lang.management.ManagementFactory "));

      VirtualMachine tool = VirtualMachine.attach("" + shell.running().process().pid());
      try (JMXConnector client =
          JMXConnectorFactory.connect(new JMXServiceURL(tool.startLocalManagementAgent()))) {
        MBeanServerConnection server = client.getMBeanServerConnection();
        ObjectName tcp = awaitBean(server);
        CompositeData successes = (CompositeData) server.getAttribute(tcp, "ConnectionSuccesses");
        assertEquals(7L, successes.get("client"));
        CompositeData failures = (CompositeData) server.getAttribute(tcp, "ConnectionFailures");
        assertEquals(3L, ((CompositeData) failures.get("client")).get("refused"));
        assertTrue((Long) server.getAttribute(tcp, "SegmentsSent") > 0);
        assertEquals("exact", server.getAttribute(tcp, "Mode"));
        assertEquals(0, ((String[]) server.getAttribute(tcp, "Missing")).length);
        ObjectName full = new ObjectName("dev.tcpstates:type=Listener,port=" + ports.full());
        assertEquals(2L, server.getAttribute(full, "AcceptQueueLength"));
        assertEquals(1L, server.getAttribute(full, "AcceptQueueLimit"));
        long opened = 0;
        for (ObjectName line :
            server.queryNames(new ObjectName("dev.tcpstates:type=Site,*"), null)) {
          if (line.getKeyProperty("function").equals(TimedShell.class.getName() + ".connect")) {
            opened += (Long) server.getAttribute(line, "Opened");
          }
        }
        assertEquals(8, opened);
      } finally {
        tool.detach();
      }
    }
  }

  /** The agent registers it soon after the server was made. */
  private static ObjectName awaitBean(MBeanServerConnection server) throws Exception {
    ObjectName tcp = new ObjectName("dev.tcpstates:type=Tcp");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!server.isRegistered(tcp) && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    return tcp;
  }

  /** Where the option is not set, what needs records is missing, and no socket is opened. */
  @OnEachJdk
  void withoutTheOption(Jdk jdk) throws Exception {
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory))) {
      shell.number("listen own " + LOOPBACK + " 7");
      long pid = shell.running().process().pid();
      Tool.jcmd(jdk, pid, "ManagementAgent.start_local").ok();
      VirtualMachine tool = VirtualMachine.attach("" + pid);
      try (JMXConnector client =
          JMXConnectorFactory.connect(new JMXServiceURL(tool.startLocalManagementAgent()))) {
        MBeanServerConnection server = client.getMBeanServerConnection();
        ObjectName tcp = awaitBean(server);
        List<String> missing = List.of((String[]) server.getAttribute(tcp, "Missing"));
        assertEquals(9, missing.size(), missing::toString);
        assertTrue(missing.contains("tcpstates.connection.successes"), missing::toString);
        CompositeData states = (CompositeData) server.getAttribute(tcp, "SocketCount");
        assertTrue((Long) states.get("listen") >= 1, states::toString);
      } finally {
        tool.detach();
      }
      String threads = Tool.jcmd(jdk, pid, "Thread.print").ok().out();
      assertTrue(threads.contains("tcpstates reader"));
      assertFalse(threads.contains("tcpstates metrics"));
    }
  }
}
