// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.libbpf.LibBpfSource;
import dev.tcpstates.agent.kernel.node.NodeProtocol;
import dev.tcpstates.agent.kernel.session.BpfSession;
import dev.tcpstates.agent.metrics.http.EndpointAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.event.Level;

/**
 * The agent's options, from {@code -javaagent:...=key=value,key=value} and {@code
 * -Dtcpstates.key=value}.
 *
 * @param source where the agent takes the sockets from
 * @param node the unix socket of the node program
 * @param required what the agent must be able to do for the JVM to start; the launcher looks at it
 *     by itself
 * @param pollInterval in the mode SAMPLED, the time from one poll of the sockets to the next: 10 ms
 *     to 1 h
 * @param ringSize bytes of the ring buffer: a power of two, at least a page
 * @param stackDepth how many frames of a socket's opening stack are kept, 1 to 1024
 * @param appPackages packages whose frames are the application's, before all others
 * @param skipPackages packages that are passed over for who opened a socket, like a library's
 * @param stuckAfter how long a socket may stay in a transient state
 * @param threadStarts the threads of which it is recorded what started them
 * @param taskSubmits whether it is recorded where tasks are submitted to executors
 * @param throughputTop how many sockets have a Throughput event of their own, 1 to 10000
 * @param priority by how much less nice the reader's thread is than the JVM's others, 0 to 20
 * @param metrics whether metrics are counted, and where they are served
 * @param metricsAddresses how many remote addresses have metrics of their own, 0 to 1000
 * @param filter which sockets are recorded
 * @param libbpf the libbpf that is used; {@code null} for the system's if there is one, else the
 *     bundled one
 * @param log the lowest level printed to standard error; {@code null} for nothing
 */
record Options(
    WantedSource source,
    Path node,
    Required required,
    Duration pollInterval,
    int ringSize,
    int stackDepth,
    List<String> appPackages,
    List<String> skipPackages,
    Duration stuckAfter,
    WatchedThreads threadStarts,
    boolean taskSubmits,
    int throughputTop,
    int priority,
    WantedMetrics metrics,
    int metricsAddresses,
    SocketFilter filter,
    LibBpfSource libbpf,
    Level log) {
  private static final String PROPERTY_PREFIX = "tcpstates.";
  private static final String KEYS =
      "appPackages, family, libbpf, localPorts, log, loopback, metrics,"
          + " metricsAddresses, node, pollInterval, priority,"
          + " remotePorts, required, ringSize, skipPackages, source, stackDepth, stuckAfter,"
          + " taskSubmits,"
          + " threadStarts, throughputTop";
  private static final Duration SHORTEST_POLL = Duration.ofMillis(10);
  private static final Duration LONGEST_POLL = Duration.ofHours(1);
  private static final int PAGE = 4096;
  private static final int MAX_RING = 1 << 29;

  /** Made at their first use: most JVMs are given no option that needs one. */
  private static final class Patterns {
    /** {@code 4MB}, and as the JVM's own options have it, {@code 4m}. */
    static final Pattern SIZE =
        Pattern.compile("(\\d{1,9})\\s*([KMG]?)B?", Pattern.CASE_INSENSITIVE);

    static final Pattern PACKAGE =
        Pattern.compile("\\p{javaJavaIdentifierPart}+(\\.\\p{javaJavaIdentifierPart}+)*");
    static final Pattern TIME = Pattern.compile("(\\d{1,18})\\s*(ns|us|ms|s|min|m|h|d)");
  }

  static final Options DEFAULTS =
      new Options(
          WantedSource.AUTO,
          NodeProtocol.SOCKET,
          Required.NO,
          Duration.ofSeconds(1),
          BpfSession.DEFAULT_RING_SIZE,
          64,
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
          Level.INFO);

  /**
   * Parses both places.
   *
   * @param arguments the agent's arguments, or {@code null}
   * @throws OptionException with one line that names the option and what is valid
   */
  static Options parse(String arguments, Properties properties) throws OptionException {
    Options options = DEFAULTS;
    for (Map.Entry<String, String> given : given(arguments, properties).entrySet()) {
      if (!List.of(KEYS.split(", ")).contains(given.getKey())) {
        throw new OptionException(
            "unknown option '" + given.getKey() + "'; the options are " + KEYS);
      }
      options = options.with(given.getKey(), given.getValue());
    }
    return options;
  }

  static Map<String, String> given(String arguments, Properties properties) throws OptionException {
    Map<String, String> given = new LinkedHashMap<>();
    if (arguments != null && !arguments.isBlank()) {
      for (String argument : arguments.split(",", -1)) {
        int equals = argument.indexOf('=');
        if (equals < 1) {
          throw new OptionException(
              "'" + argument + "' is not of the form key=value; the keys are " + KEYS);
        }
        String key = argument.substring(0, equals).strip();
        if (given.put(key, argument.substring(equals + 1).strip()) != null) {
          throw new OptionException("option '" + key + "' is given twice; leave one out");
        }
      }
    }
    for (String name : new TreeSet<>(properties.stringPropertyNames())) {
      if (name.startsWith(PROPERTY_PREFIX)) {
        String key = name.substring(PROPERTY_PREFIX.length());
        if (given.put(key, properties.getProperty(name).strip()) != null) {
          throw new OptionException(
              "option '" + key + "' is given twice, once as -D" + name + "; leave one out");
        }
      }
    }
    return given;
  }

  private Options with(String key, String value) throws OptionException {
    return new Options(
        key.equals("source")
            ? WantedSource.parse(oneOf(key, value, "auto", "own", "node", "sampled"))
            : source,
        key.equals("node") ? path(key, value) : node,
        key.equals("required")
            ? Required.parse(oneOf(key, value, "true", "false", "sampled"))
            : required,
        key.equals("pollInterval") ? pollInterval(key, value) : pollInterval,
        key.equals("ringSize") ? size(key, value) : ringSize,
        key.equals("stackDepth") ? number(key, value, 1, 1024) : stackDepth,
        key.equals("appPackages") ? packages(key, value) : appPackages,
        key.equals("skipPackages") ? packages(key, value) : skipPackages,
        key.equals("stuckAfter") ? time(key, value) : stuckAfter,
        key.equals("threadStarts")
            ? WatchedThreads.of(oneOf(key, value, "none", "platform", "all"))
            : threadStarts,
        key.equals("taskSubmits")
            ? Boolean.parseBoolean(oneOf(key, value, "true", "false"))
            : taskSubmits,
        key.equals("throughputTop") ? number(key, value, 1, 10_000) : throughputTop,
        key.equals("priority") ? number(key, value, 0, 20) : priority,
        key.equals("metrics") ? metrics(key, value) : metrics,
        key.equals("metricsAddresses") ? number(key, value, 0, 1_000) : metricsAddresses,
        SocketFilter.KEYS.contains(key) ? filter(key, value) : filter,
        key.equals("libbpf") ? libbpf(key, value) : libbpf,
        key.equals("log") ? level(key, value) : log);
  }

  private SocketFilter filter(String key, String value) throws OptionException {
    try {
      return filter.with(key, value);
    } catch (IllegalArgumentException e) {
      throw new OptionException(key + "=" + value + " is not valid; " + e.getMessage());
    }
  }

  private static WantedMetrics metrics(String key, String value) throws OptionException {
    try {
      return WantedMetrics.parse(value);
    } catch (IllegalArgumentException e) {
      throw new OptionException(
          key + "=" + value + " is not valid; it is off, on, " + EndpointAddress.VALID);
    }
  }

  private static Path path(String key, String value) throws OptionException {
    try {
      Path path = Path.of(value);
      if (path.isAbsolute()) {
        return path;
      }
    } catch (InvalidPathException e) {
      // said below
    }
    throw new OptionException(
        key + "=" + value + " is not valid; it is an absolute path such as " + NodeProtocol.SOCKET);
  }

  private static LibBpfSource libbpf(String key, String value) throws OptionException {
    String name = oneOf(key, value, "system", "bundled");
    return LibBpfSource.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static Level level(String key, String value) throws OptionException {
    String level = oneOf(key, value, "off", "error", "warn", "info", "debug");
    return level.equals("off") ? null : Level.valueOf(level.toUpperCase(Locale.ROOT));
  }

  /** As JFR writes times, a number and a unit; and {@code min}, for {@code m} looks like metres. */
  private static Duration time(String key, String value) throws OptionException {
    Matcher matcher = Patterns.TIME.matcher(value);
    if (matcher.matches()) {
      TimeUnit unit =
          switch (matcher.group(2)) {
            case "ns" -> TimeUnit.NANOSECONDS;
            case "us" -> TimeUnit.MICROSECONDS;
            case "ms" -> TimeUnit.MILLISECONDS;
            case "s" -> TimeUnit.SECONDS;
            case "m", "min" -> TimeUnit.MINUTES;
            case "h" -> TimeUnit.HOURS;
            default -> TimeUnit.DAYS;
          };
      long nanos = unit.toNanos(Long.parseLong(matcher.group(1)));
      if (nanos < Long.MAX_VALUE) { // which also stands for all that is more
        return Duration.ofNanos(nanos);
      }
    }
    throw new OptionException(
        key + "=" + value + " is not valid; it is a time such as 10ms, 30s or 5min");
  }

  private static Duration pollInterval(String key, String value) throws OptionException {
    Duration interval = time(key, value);
    if (interval.compareTo(SHORTEST_POLL) < 0 || interval.compareTo(LONGEST_POLL) > 0) {
      throw new OptionException(
          key + "=" + value + " is not valid; it is a time from 10ms to 1h, such as 1s");
    }
    return interval;
  }

  private static String oneOf(String key, String value, String... valid) throws OptionException {
    for (String one : valid) {
      if (one.equals(value)) {
        return value;
      }
    }
    throw new OptionException(
        key + "=" + value + " is not valid; it is one of " + String.join(", ", valid));
  }

  private static int number(String key, String value, int min, int max) throws OptionException {
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new OptionException(
        key + "=" + value + " is not valid; it is a whole number from " + min + " to " + max);
  }

  private static List<String> packages(String key, String value) throws OptionException {
    List<String> packages = List.of(value.split("\\s*;\\s*", -1));
    for (String name : packages) {
      if (!Patterns.PACKAGE.matcher(name).matches()) {
        throw new OptionException(
            key + "=" + value + " is not valid; it is packages such as com.example;org.example");
      }
    }
    return packages;
  }

  private static int size(String key, String value) throws OptionException {
    Matcher matcher = Patterns.SIZE.matcher(value);
    if (matcher.matches()) {
      long bytes =
          Long.parseLong(matcher.group(1))
              << switch (matcher.group(2)) {
                case "k", "K" -> 10;
                case "m", "M" -> 20;
                case "g", "G" -> 30;
                default -> 0;
              };
      if (bytes >= PAGE && bytes <= MAX_RING && Long.bitCount(bytes) == 1) {
        return (int) bytes;
      }
    }
    throw new OptionException(
        key + "=" + value + " is not valid; it is a power of two from 4KB to 512MB, such as 4MB");
  }

  private static String text(Duration time) {
    long nanos = time.toNanos();
    return nanos % 1_000_000_000 == 0
        ? nanos / 1_000_000_000 + "s"
        : nanos % 1_000_000 == 0 ? nanos / 1_000_000 + "ms" : nanos + "ns";
  }

  @Override
  public String toString() {
    return (source == WantedSource.AUTO ? "" : "source=" + source.text() + ",")
        + (node.equals(NodeProtocol.SOCKET) ? "" : "node=" + node + ",")
        + "required="
        + required.text()
        + ",pollInterval="
        + text(pollInterval)
        + ",ringSize="
        + (ringSize % (1 << 20) == 0 ? (ringSize >> 20) + "MB" : (ringSize >> 10) + "KB")
        + ",stackDepth="
        + stackDepth
        + (appPackages.isEmpty() ? "" : ",appPackages=" + String.join(";", appPackages))
        + (skipPackages.isEmpty() ? "" : ",skipPackages=" + String.join(";", skipPackages))
        + ",stuckAfter="
        + text(stuckAfter)
        + ",threadStarts="
        + threadStarts.text()
        + (taskSubmits ? ",taskSubmits=true" : "")
        + ",throughputTop="
        + throughputTop
        + ",priority="
        + priority
        + (metrics.counted() ? ",metrics=" + metrics : "")
        + (metricsAddresses == 0 ? "" : ",metricsAddresses=" + metricsAddresses)
        + (filter.isAll() ? "" : "," + filter)
        + (libbpf == null ? "" : ",libbpf=" + libbpf)
        + ",log="
        + (log == null ? "off" : log.name().toLowerCase(Locale.ROOT));
  }
}
