// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tcpstates.samples.Command;
import dev.tcpstates.samples.metrics.Prometheus.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The alert rules and the dashboard, on a Prometheus that scrapes JVMs with the agent: one JVM for
 * each fault, and one without.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsIT {
  private static final Path RULES = Path.of("prometheus").toAbsolutePath();
  private static final Path DASHBOARD = Path.of("grafana/tcpstates-dashboard.json");

  /** Replaces the dashboard's variables. The agent walks the sockets every 10 s. */
  private static final String INTERVAL = "40s";

  private static final long MINUTES = 4;

  /** Each workload, and further options of the agent. */
  private static final Map<String, List<String>> WORKLOADS = new LinkedHashMap<>();

  static {
    WORKLOADS.put("healthy", List.of());
    WORKLOADS.put("leak", List.of());
    WORKLOADS.put("refused", List.of());
    WORKLOADS.put("slow", List.of());
    WORKLOADS.put("detached", List.of());
    WORKLOADS.put("flood", List.of("ringSize=4KB"));
    WORKLOADS.put("churn", List.of());
  }

  @TempDir static Path directory;
  private final Map<String, MeasuredJvm> jvms = new LinkedHashMap<>();
  private Prometheus prometheus;

  @BeforeAll
  void start() throws Exception {
    Command.needKernel();
    Command.need(Files.isExecutable(Path.of("/usr/bin/prometheus")), "prometheus");
    for (Map.Entry<String, List<String>> workload : WORKLOADS.entrySet()) {
      String name = workload.getKey();
      String[] options = workload.getValue().toArray(String[]::new);
      jvms.put(name, new MeasuredJvm(directory, name, options));
    }
    Path rules = directory.resolve("alerts.yml");
    Files.writeString(
        rules,
        Files.readString(RULES.resolve("tcpstates-alerts.yml"))
            .replaceAll("for: \\d+m", "for: 1s")
            .replaceAll("\\[\\d+m]", "[" + INTERVAL + "]"));
    // The service's port is known only when it works.
    jvms.get("healthy").go();
    StringBuilder config =
        new StringBuilder(
            """
            global:
              scrape_interval: 2s
              evaluation_interval: 2s
            rule_files:
              - %s
            scrape_configs:
              - job_name: shop
                static_configs:
                  - targets: ["%s"]
              - job_name: tcpstates
                static_configs:
            """
                .formatted(rules, jvms.get("healthy").service()));
    jvms.forEach(
        (name, jvm) ->
            config.append(
                """
                      - targets: ["%s"]
                        labels:
                          instance: %s
                """
                    .formatted(jvm.target(), name)));
    Path file = Files.writeString(directory.resolve("prometheus.yml"), config);
    prometheus = new Prometheus(directory, file);
    // A counter's increase begins with what was scraped first.
    awaitQuery("count(tcpstates_attached == 1) == " + WORKLOADS.size());
    for (Map.Entry<String, MeasuredJvm> jvm : jvms.entrySet()) {
      if (!jvm.getKey().equals("healthy")) {
        jvm.getValue().go();
      }
    }
  }

  @AfterAll
  void end() throws Exception {
    if (prometheus != null) {
      prometheus.end();
    }
    for (MeasuredJvm jvm : jvms.values()) {
      jvm.end();
    }
  }

  private List<Sample> awaitQuery(String query) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
    while (true) {
      List<Sample> samples = prometheus.query(query);
      if (!samples.isEmpty()) {
        return samples;
      }
      if (System.nanoTime() > deadline) {
        List<Sample> firing = prometheus.query("ALERTS or up or {__name__=~\"tcpstates_[a-r].*\"}");
        throw new AssertionError("no result of " + query + "; there is " + firing);
      }
      Thread.sleep(500);
    }
  }

  /** Returns the alerts that have fired for a JVM. */
  private Set<String> fired(String instance) throws Exception {
    return prometheus
        .query("count_over_time(ALERTS{alertstate=\"firing\",instance=\"" + instance + "\"}[1h])")
        .stream()
        .map(sample -> sample.label("alertname"))
        .collect(Collectors.toSet());
  }

  @Test
  void promtoolAcceptsTheRulesAndTheConfiguration() throws Exception {
    for (List<String> words :
        List.of(
            List.of("check", "config", "prometheus.yml"),
            List.of("check", "rules", "tcpstates-alerts.yml"),
            List.of("test", "rules", "tcpstates-alerts.test.yml"))) {
      List<String> command = new ArrayList<>(List.of("promtool"));
      command.addAll(words);
      Process tool =
          new ProcessBuilder(command)
              .directory(RULES.toFile())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("promtool").toFile())
              .start();
      assertEquals(0, tool.waitFor(), () -> words + ": " + read(directory.resolve("promtool")));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Each rule has a test of promtool and a workload below. */
  @Test
  void eachRuleIsTested() throws Exception {
    Set<String> alerts = names(RULES.resolve("tcpstates-alerts.yml"), "- alert: ");
    assertEquals(alerts, names(RULES.resolve("tcpstates-alerts.test.yml"), "alertname: "));
    CsvSource rows =
        MetricsIT.class
            .getDeclaredMethod("firesForTheFaultOnly", String.class, String.class)
            .getAnnotation(CsvSource.class);
    assertEquals(
        alerts,
        rows.textBlock()
            .lines()
            .map(line -> line.split(",")[0].strip())
            .collect(Collectors.toSet()));
  }

  private static Set<String> names(Path file, String key) throws Exception {
    return Files.readString(file)
        .lines()
        .map(String::strip)
        .map(line -> line.replaceFirst("^- alertname", "alertname"))
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(key.length()).strip())
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          TcpCloseWaitLeak,         leak
          TcpTimeWaitNearPortRange, churn
          TcpAcceptQueueDrops,      slow
          TcpConnectFailures,       refused
          TcpRetransmits,           slow
          TcpRecordsLost,           flood
          TcpAgentNotAttached,      detached
          """)
  void firesForTheFaultOnly(String alert, String instance) throws Exception {
    if (instance.equals("detached")) {
      String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
      String agent = MeasuredJvm.AGENT.toString();
      Command.Result result =
          new Command(
                  directory,
                  Path.of(System.getProperty("java.home")),
                  List.of(java, "-jar", agent, "detach", "" + jvms.get(instance).pid()))
              .run();
      assertEquals(0, result.exit(), result::toString);
    }
    String firing = "ALERTS{alertstate=\"firing\",alertname=\"%s\",instance=\"%s\"}";
    List<Sample> alerts = awaitQuery(firing.formatted(alert, instance));
    if (alert.equals("TcpCloseWaitLeak")) {
      assertEquals(Workload.class.getName() + ".leak", alerts.get(0).label("code_function_name"));
    }
    // A burst may be too much for the ring on a slow machine: that is no wrong alert.
    Set<String> others =
        Map.of("slow", Set.of("TcpConnectFailures", "TcpAcceptQueueDrops", "TcpRetransmits"))
            .getOrDefault(instance, Set.of(alert));
    Set<String> wrong = new HashSet<>(fired(instance));
    wrong.removeAll(others);
    if (instance.equals("churn")) {
      wrong.remove("TcpRecordsLost");
    }
    List<Sample> lost = prometheus.query("tcpstates_records_lost_total > 0");
    assertEquals(Set.of(), wrong, () -> "lost: " + lost);
    assertEquals(Set.of(), fired("healthy"));
  }

  private static JsonObject dashboard() throws Exception {
    return JsonParser.parseString(Files.readString(DASHBOARD)).getAsJsonObject();
  }

  private static List<JsonObject> panels() throws Exception {
    return objects(dashboard().get("panels"));
  }

  private static List<JsonObject> objects(JsonElement array) {
    return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  /** What Grafana needs of a dashboard, beyond the types of its schema. */
  @Test
  void theDashboardIsSound() throws Exception {
    List<JsonObject> panels = panels();
    Set<Integer> ids = new HashSet<>();
    Set<List<Integer>> cells = new HashSet<>();
    for (JsonObject panel : panels) {
      String title = panel.get("title").getAsString();
      assertTrue(ids.add(panel.get("id").getAsInt()), title);
      assertEquals(
          "${datasource}", panel.getAsJsonObject("datasource").get("uid").getAsString(), title);
      JsonObject place = panel.getAsJsonObject("gridPos");
      int right = place.get("x").getAsInt() + place.get("w").getAsInt();
      assertTrue(right <= 24, title);
      for (int x = place.get("x").getAsInt(); x < right; x++) {
        for (int y = 0; y < place.get("h").getAsInt(); y++) {
          assertTrue(cells.add(List.of(x, y + place.get("y").getAsInt())), title + " overlaps");
        }
      }
      Set<String> references = new HashSet<>();
      for (JsonObject target : objects(panel.get("targets"))) {
        assertTrue(references.add(target.get("refId").getAsString()), title);
        assertTrue(!target.get("expr").getAsString().isBlank(), title);
        assertEquals(
            "${datasource}", target.getAsJsonObject("datasource").get("uid").getAsString(), title);
      }
    }
    Set<String> variables =
        objects(dashboard().getAsJsonObject("templating").get("list")).stream()
            .map(variable -> variable.get("name").getAsString())
            .collect(Collectors.toSet());
    assertEquals(Set.of("datasource", "job", "instance", "http_job"), variables);
  }

  /** Returns the results of a panel's queries, one list per query. */
  private List<List<Sample>> results(String title) throws Exception {
    JsonObject panel =
        panels().stream()
            .filter(candidate -> candidate.get("title").getAsString().equals(title))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no panel " + title));
    List<List<Sample>> results = new ArrayList<>();
    for (JsonObject target : objects(panel.get("targets"))) {
      String expression =
          target
              .get("expr")
              .getAsString()
              .replace("$__rate_interval", INTERVAL)
              .replaceAll("\\$(job|instance|http_job)", ".*");
      assertTrue(!expression.contains("$"), expression);
      results.add(awaitQuery("(" + expression + ") >= 0"));
    }
    return results;
  }

  private static double value(List<Sample> samples, String label, String value) {
    return samples.stream()
        .filter(sample -> sample.label(label).equals(value))
        .mapToDouble(Sample::value)
        .max()
        .orElseThrow(() -> new AssertionError("no " + label + " " + value + " in " + samples));
  }

  private static String first(List<Sample> samples, String label) {
    return samples.get(0).label(label);
  }

  /** Each panel's queries, with what the workloads do. */
  @Test
  void eachPanelHasARightResult() throws Exception {
    awaitQuery("ALERTS{alertstate=\"firing\",alertname=\"TcpTimeWaitNearPortRange\"}");
    awaitQuery("tcpstates_site_stuck{instance=\"leak\"} > 20");
    awaitQuery("rate(tcpstates_retransmits_total{instance=\"slow\"}[" + INTERVAL + "]) > 0");
    awaitQuery("rate(tcpstates_accept_queue_drops_total{instance=\"slow\"}[" + INTERVAL + "]) > 0");
    awaitQuery("increase(tcpstates_records_lost_total{instance=\"flood\"}[" + INTERVAL + "]) > 0");
    Set<String> titles =
        panels().stream()
            .map(panel -> panel.get("title").getAsString())
            .collect(Collectors.toSet());

    List<List<Sample>> http = tested(titles, "HTTP latency over TCP states");
    double p50 = http.get(0).get(0).value();
    double p95 = http.get(1).get(0).value();
    double p99 = http.get(2).get(0).value();
    // One of 20 requests is slow. On a busy machine, the quick ones may also be slower.
    assertTrue(p50 > 0.005 && p50 < Workload.SLOW.toMillis() / 1e3, "p50 " + p50);
    assertTrue(p50 <= p95 && p95 <= p99, p50 + ", " + p95 + ", " + p99);
    assertTrue(p99 > 0.2, "p99 " + p99);
    for (List<Sample> states : List.of(http.get(3), tested(titles, "Sockets by state").get(0))) {
      assertTrue(value(states, "network_connection_state", "close_wait") > 20, "" + states);
      assertTrue(value(states, "network_connection_state", "time_wait") > 20_000, "" + states);
      assertTrue(value(states, "network_connection_state", "established") >= 2, "" + states);
    }
    List<Sample> timeWait = tested(titles, "JVMs with the most sockets in TIME_WAIT").get(0);
    assertEquals("churn", first(timeWait, "instance"), "" + timeWait);
    List<Sample> made = tested(titles, "Connections").get(0);
    // At least those of the leak, 5 per second.
    assertTrue(value(made, "network_tcp_handshake_role", "client") > 2, "" + made);
    assertTrue(value(made, "network_tcp_handshake_role", "server") > 2, "" + made);
    List<Sample> failed = tested(titles, "Failed connections").get(0);
    assertTrue(value(failed, "error_type", "refused") > 1, "" + failed);
    List<List<Sample>> segments = tested(titles, "Resets and retransmits");
    assertTrue(value(segments.get(0), "network_io_direction", "receive") > 0, "" + segments);
    assertTrue(value(segments.get(1), "tcpstates_segment_kind", "syn") > 0, "" + segments);
    List<Sample> shares = tested(titles, "Retransmitted share of segments").get(0);
    // A connect that finds the queue full sends a SYN, and it again after 1 s, before it gives up.
    double lost = value(shares, "instance", "slow");
    assertTrue(lost > 0.05 && lost <= 1, "" + shares);
    List<List<Sample>> queues = tested(titles, "Accept queues");
    // The kernel lets one more wait than the backlog says, and another if both come at once.
    assertTrue(value(queues.get(0), "instance", "slow") >= 2, "" + queues);
    assertEquals(1, value(queues.get(1), "instance", "slow"), "" + queues);
    assertTrue(value(queues.get(2), "instance", "slow") > 0, "" + queues);
    for (List<Sample> waits : tested(titles, "Wait for accept")) {
      waits.forEach(wait -> assertTrue(wait.value() < 64, "" + wait));
    }
    List<Sample> handshakes = tested(titles, "Handshakes of connects").get(0);
    double all = value(handshakes, "le", "+Inf");
    assertTrue(all > 0 && handshakes.stream().allMatch(bucket -> bucket.value() <= all));
    List<Sample> stuck = tested(titles, "Stuck sockets by line").get(0);
    assertEquals("leak", first(stuck, "instance"), "" + stuck);
    assertEquals(Workload.class.getName() + ".leak", first(stuck, "code_function_name"));
    assertTrue(stuck.get(0).value() > 20, "" + stuck);
    List<Sample> opened = tested(titles, "Sockets opened per second by line").get(0);
    assertTrue(first(opened, "code_function_name").startsWith(Workload.class.getName() + "."));
    List<Sample> records = tested(titles, "Records lost").get(0);
    assertTrue(value(records, "instance", "flood") > 0, "" + records);
    assertEquals(0, value(records, "instance", "healthy"), "" + records);
    List<Sample> agents = tested(titles, "Agents").get(0);
    assertEquals(1, value(agents, "instance", "healthy"), "" + agents);
    assertEquals(Set.of(), titles, "panels without a test");
  }

  private List<List<Sample>> tested(Set<String> untested, String title) throws Exception {
    assertTrue(untested.remove(title), title);
    return results(title);
  }
}
