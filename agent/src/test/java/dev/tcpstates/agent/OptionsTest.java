// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.libbpf.LibBpfSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class OptionsTest {
  private static final String KEYS =
      "appPackages, family, libbpf, localPorts, log, loopback, metrics,"
          + " metricsAddresses, node, pollInterval, priority,"
          + " remotePorts, required, ringSize, skipPackages, source, stackDepth, stuckAfter,"
          + " taskSubmits,"
          + " threadStarts, throughputTop";

  private static Options options(Required required, int ringSize, int stackDepth, Level log) {
    return new Options(
        WantedSource.AUTO,
        Path.of("/run/tcpstates/node.sock"),
        required,
        Duration.ofSeconds(1),
        ringSize,
        stackDepth,
        List.of(),
        List.of(),
        Duration.ofSeconds(30),
        WatchedThreads.PLATFORM,
        false,
        20,
        10,
        WantedMetrics.OFF,
        0,
        SocketFilter.ALL,
        null,
        log);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " "})
  void defaults(String arguments) throws OptionException {
    assertEquals(
        options(Required.NO, 4 * 1024 * 1024, 64, Level.INFO),
        Options.parse(arguments, new Properties()));
  }

  @Test
  void allInTheArguments() throws OptionException {
    assertEquals(
        options(Required.EXACT, 64 * 1024, 10, Level.DEBUG),
        Options.parse("required=true,ringSize=64KB,stackDepth=10,log=debug", new Properties()));
  }

  @Test
  void allInTheProperties() throws OptionException {
    Properties properties =
        properties(
            "tcpstates.required", "true",
            "tcpstates.ringSize", "512MB",
            "tcpstates.stackDepth", "1024",
            "tcpstates.log", "off");
    assertEquals(options(Required.EXACT, 1 << 29, 1024, null), Options.parse(null, properties));
  }

  @Test
  void someHereSomeThere() throws OptionException {
    assertEquals(
        options(Required.NO, 4096, 1, Level.INFO),
        Options.parse("ringSize=4096", properties("tcpstates.stackDepth", "1")));
  }

  @Test
  void blanksAroundAreLeftOut() throws OptionException {
    assertEquals(
        options(Required.NO, 8192, 7, Level.INFO),
        Options.parse(" ringSize = 8 KB , stackDepth=7 ", new Properties()));
  }

  @Test
  void otherPropertiesAreNotOurs() throws OptionException {
    Properties properties = properties("tcpstatesX", "1", "java.tcpstates.log", "1", "log", "1");
    properties.put(new Object(), "a key that is no text");
    assertEquals(Options.DEFAULTS, Options.parse(null, properties));
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "4096B, 4096",
    "4KB, 4096",
    "4K, 4096",
    "8kb, 8192",
    "1MB, 1048576",
    "16m, 16777216",
    "512MB, 536870912"
  })
  void ringSize(String text, int bytes) throws OptionException {
    assertEquals(bytes, Options.parse("ringSize=" + text, new Properties()).ringSize());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "4",
        "2KB",
        "4095",
        "5000",
        "3MB",
        "1GB",
        "4GB",
        "-4096",
        "4T",
        "4mm",
        "MB",
        "4.0MB",
        "99999999999999999999",
        "\u0664KB"
      })
  void ringSizeOfNoUse(String text) {
    assertSays(
        "ringSize=" + text + " is not valid; it is a power of two from 4KB to 512MB, such as 4MB",
        "ringSize=" + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "1025", "-1", "x", "1.5", "1e3", "9999999999"})
  void stackDepthOfNoUse(String text) {
    assertSays(
        "stackDepth=" + text + " is not valid; it is a whole number from 1 to 1024",
        "stackDepth=" + text);
  }

  @ParameterizedTest
  @CsvSource({
    "0s, PT0S",
    "5ns, PT0.000000005S",
    "7us, PT0.000007S",
    "10ms, PT0.01S",
    "30 s, PT30S",
    "5 min, PT5M",
    "5m, PT5M",
    "2h, PT2H",
    "9d, PT216H"
  })
  void stuckAfter(String text, Duration time) throws OptionException {
    assertEquals(time, Options.parse("stuckAfter=" + text, new Properties()).stuckAfter());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "30", "s", "-1s", "1.5s", "1S", "1w", "106752d", "999999999999999999999s"})
  void stuckAfterOfNoUse(String text) {
    assertSays(
        "stuckAfter=" + text + " is not valid; it is a time such as 10ms, 30s or 5min",
        "stuckAfter=" + text);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20})
  void priority(int steps) throws OptionException {
    assertEquals(steps, Options.parse("priority=" + steps, new Properties()).priority());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "21", "high", "5.0"})
  void priorityOfNoUse(String text) {
    assertSays(
        "priority=" + text + " is not valid; it is a whole number from 0 to 20",
        "priority=" + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "10001", "-1", "all"})
  void throughputTopOfNoUse(String text) {
    assertSays(
        "throughputTop=" + text + " is not valid; it is a whole number from 1 to 10000",
        "throughputTop=" + text);
  }

  @ParameterizedTest
  @CsvSource({
    "80, 80",
    "' 80 ; 8080 - 8090 ', 80;8080-8090",
    "1;65535, 1;65535",
    "5;3;4;80-81;82, 3-5;80-82",
    "1-65535, 1-65535"
  })
  void ports(String text, String ports) throws OptionException {
    for (String key : List.of("localPorts", "remotePorts")) {
      SocketFilter filter = Options.parse(key + "=" + text, new Properties()).filter();
      assertEquals(key + "=" + ports, filter.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "65536", "100000", "90-80", "80;", "80-", "-80", "http", "80:90"})
  void ports(String text) {
    for (String key : List.of("localPorts", "remotePorts")) {
      assertSays(
          key
              + "="
              + text
              + " is not valid; it is ports from 1 to 65535 and ranges such as 80;8080-8090",
          key + "=" + text);
    }
  }

  @Test
  void family() throws OptionException {
    assertEquals("family=4", Options.parse("family=4", new Properties()).filter().toString());
    assertEquals("family=6", Options.parse("family=6", new Properties()).filter().toString());
    assertEquals(SocketFilter.ALL, Options.parse("family=4;6", new Properties()).filter());
    assertSays("family=5 is not valid; it is one of 4, 6", "family=5");
    assertSays("family= is not valid; it is one of 4, 6", "family=");
  }

  @Test
  void loopback() throws OptionException {
    assertEquals(
        "loopback=false", Options.parse("loopback=false", new Properties()).filter().toString());
    assertEquals(SocketFilter.ALL, Options.parse("loopback=true", new Properties()).filter());
    assertSays("loopback=no is not valid; it is one of true, false", "loopback=no");
  }

  @Test
  void filtersAreAmongTheOptionsThatTookEffect() throws OptionException {
    String text =
        Options.parse("loopback=false,localPorts=8080;80,family=4", new Properties()).toString();
    assertTrue(text.contains(",localPorts=80;8080,family=4,loopback=false,"), text);
    assertFalse(Options.DEFAULTS.toString().contains("family"));
  }

  @ParameterizedTest
  @CsvSource({"error, ERROR", "warn, WARN", "info, INFO", "debug, DEBUG"})
  void log(String text, Level level) throws OptionException {
    assertEquals(level, Options.parse("log=" + text, new Properties()).log());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "INFO", "trace", "on", "null"})
  void logOfNoUse(String text) {
    assertSays(
        "log=" + text + " is not valid; it is one of off, error, warn, info, debug", "log=" + text);
  }

  @Test
  void libbpf() throws OptionException {
    assertNull(Options.DEFAULTS.libbpf());
    assertFalse(Options.DEFAULTS.toString().contains("libbpf"));
    assertEquals(LibBpfSource.SYSTEM, Options.parse("libbpf=system", new Properties()).libbpf());
    assertEquals(
        LibBpfSource.BUNDLED,
        Options.parse(null, properties("tcpstates.libbpf", "bundled")).libbpf());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "SYSTEM", "own", "libbpf.so.1"})
  void libbpfOfNoUse(String text) {
    assertSays("libbpf=" + text + " is not valid; it is one of system, bundled", "libbpf=" + text);
  }

  @Test
  void threadStarts() throws OptionException {
    assertEquals(WatchedThreads.PLATFORM, Options.DEFAULTS.threadStarts());
    assertEquals(
        WatchedThreads.ALL, Options.parse("threadStarts=all", new Properties()).threadStarts());
    assertEquals(
        WatchedThreads.NONE, Options.parse("threadStarts=none", new Properties()).threadStarts());
    assertSays("threadStarts=no is not valid; it is one of none, platform, all", "threadStarts=no");
  }

  @Test
  void metrics() throws OptionException {
    assertFalse(Options.DEFAULTS.metrics().counted());
    for (String value : List.of("off", "on", "127.0.0.1:9464", "/run/app/metrics.sock")) {
      Options options = Options.parse("metrics=" + value, new Properties());
      assertEquals(!value.equals("off"), options.metrics().counted(), value);
      assertEquals(value.length() > 3, options.metrics().endpoint() != null, value);
      assertEquals(!value.equals("off"), options.toString().contains(",metrics=" + value + ","));
    }
    assertSays(
        "metrics=9464 is not valid; it is off, on, an IP address and a port such as 127.0.0.1:9464"
            + " or [::1]:9464, or the absolute path of a unix socket",
        "metrics=9464");
  }

  @Test
  void metricsAddresses() throws OptionException {
    assertEquals(0, Options.DEFAULTS.metricsAddresses());
    assertEquals(7, Options.parse("metricsAddresses=7", new Properties()).metricsAddresses());
    assertSays(
        "metricsAddresses=1001 is not valid; it is a whole number from 0 to 1000",
        "metricsAddresses=1001");
  }

  @Test
  void taskSubmits() throws OptionException {
    assertFalse(Options.DEFAULTS.taskSubmits());
    assertTrue(Options.parse("taskSubmits=true", new Properties()).taskSubmits());
    assertSays("taskSubmits=1 is not valid; it is one of true, false", "taskSubmits=1");
  }

  @ParameterizedTest
  @CsvSource({"true, EXACT", "false, NO", "sampled, SAMPLED"})
  void required(String text, Required required) throws OptionException {
    assertEquals(required, Options.parse("required=" + text, new Properties()).required());
  }

  @ParameterizedTest
  @CsvSource({"10ms, PT0.01S", "10000us, PT0.01S", "1s, PT1S", "60min, PT1H", "1h, PT1H"})
  void pollInterval(String text, Duration time) throws OptionException {
    assertEquals(time, Options.parse("pollInterval=" + text, new Properties()).pollInterval());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "9999us", "9ms", "61min", "3600001ms", "1d"})
  void pollIntervalOutOfRange(String text) {
    assertSays(
        "pollInterval=" + text + " is not valid; it is a time from 10ms to 1h, such as 1s",
        "pollInterval=" + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "s", "-1s", "1.5s"})
  void pollIntervalThatIsNoTime(String text) {
    assertSays(
        "pollInterval=" + text + " is not valid; it is a time such as 10ms, 30s or 5min",
        "pollInterval=" + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yes", "TRUE", "1", "Sampled", "exact"})
  void requiredOfNoUse(String text) {
    assertSays(
        "required=" + text + " is not valid; it is one of true, false, sampled",
        "required=" + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bogus", "Log", "ringsize", "tcpstates.log"})
  void unknown(String key) {
    String line = "unknown option '" + key + "'; the options are " + KEYS;
    assertSays(line, key + "=1");
    assertSays(line, null, "tcpstates." + key, "1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"log", "=info", "=", "debug info"})
  void notKeyAndValue(String argument) {
    String line = "'" + argument + "' is not of the form key=value; the keys are " + KEYS;
    assertSays(line, argument);
    assertSays(line, "stackDepth=1," + argument);
  }

  @Test
  void commaTooMany() {
    String line = "'' is not of the form key=value; the keys are " + KEYS;
    assertSays(line, "log=info,");
    assertSays(line, ",log=info");
    assertSays(line, "log=info,,stackDepth=1");
  }

  @Test
  void twice() {
    assertSays("option 'log' is given twice; leave one out", "log=info,log=info");
    assertSays("option 'log' is given twice; leave one out", "log=info, log =warn");
    assertSays(
        "option 'log' is given twice, once as -Dtcpstates.log; leave one out",
        "stackDepth=1,log=info",
        "tcpstates.log",
        "warn");
  }

  /** What a recording says of the options can be given as options again. */
  @Test
  void source() throws OptionException {
    Options options = Options.parse("source=node,node=/a/b.sock", new Properties());
    assertEquals(WantedSource.NODE, options.source());
    assertEquals(Path.of("/a/b.sock"), options.node());
    assertEquals(
        WantedSource.SAMPLED,
        Options.parse(null, properties("tcpstates.source", "sampled")).source());
    assertSays("source=x is not valid; it is one of auto, own, node, sampled", "source=x");
    assertSays(
        "node=b.sock is not valid; it is an absolute path such as /run/tcpstates/node.sock",
        "node=b.sock");
  }

  @Test
  void textIsOptions() throws OptionException {
    for (Options options :
        new Options[] {
          Options.DEFAULTS,
          options(Required.EXACT, 1 << 29, 1024, null),
          options(Required.NO, 4096, 1, Level.DEBUG),
          options(Required.NO, 512 * 1024, 1, Level.ERROR),
          Options.parse("stuckAfter=1234567ns,throughputTop=10000", new Properties()),
          Options.parse("stuckAfter=1500ms,throughputTop=1", new Properties()),
          Options.parse("stuckAfter=106751d", new Properties()),
          Options.parse("libbpf=bundled", new Properties()),
          Options.parse("priority=0", new Properties()),
          Options.parse("source=node,node=/tmp/node.sock", new Properties()),
          Options.parse("source=own", new Properties()),
          Options.parse("required=sampled,pollInterval=10ms", new Properties()),
          Options.parse("threadStarts=none", new Properties()),
          Options.parse("taskSubmits=true", new Properties())
        }) {
      assertEquals(options, Options.parse(options.toString(), new Properties()));
    }
  }

  private static void assertSays(String line, String arguments, String... properties) {
    OptionException thrown =
        assertThrows(OptionException.class, () -> Options.parse(arguments, properties(properties)));
    assertEquals(line, thrown.getMessage());
  }

  private static Properties properties(String... keysAndValues) {
    Properties properties = new Properties();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      properties.setProperty(keysAndValues[i], keysAndValues[i + 1]);
    }
    return properties;
  }
}
