// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.event.Level;

/**
 * The agent's options, from {@code -javaagent:...=key=value,key=value} and {@code
 * -Dtcpstates.key=value}.
 *
 * @param required whether the JVM refuses to start when the agent can't work; the launcher looks at
 *     it by itself
 * @param ringSize bytes of the ring buffer: a power of two, at least a page
 * @param stackDepth how many frames of a socket's opening stack are kept, 1 to 1024
 * @param appPackages packages whose frames are the application's, before all others
 * @param skipPackages packages that are passed over for who opened a socket, like a library's
 * @param log the lowest level printed to standard error; {@code null} for nothing
 */
record Options(
    boolean required,
    int ringSize,
    int stackDepth,
    List<String> appPackages,
    List<String> skipPackages,
    Level log) {
  private static final String PROPERTY_PREFIX = "tcpstates.";
  private static final String KEYS =
      "appPackages, log, required, ringSize, skipPackages, stackDepth";
  private static final int PAGE = 4096;
  private static final int MAX_RING = 1 << 29;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(B|KB|MB|GB)?");
  private static final Pattern PACKAGE =
      Pattern.compile("\\p{javaJavaIdentifierPart}+(\\.\\p{javaJavaIdentifierPart}+)*");

  static final Options DEFAULTS = new Options(false, 4 << 20, 64, List.of(), List.of(), Level.INFO);

  /**
   * Parses both places.
   *
   * @param arguments the agent's arguments, or {@code null}
   * @throws OptionException with one line that names the option and what is valid
   */
  static Options parse(String arguments, Properties properties) throws OptionException {
    Options options = DEFAULTS;
    for (Map.Entry<String, String> given : given(arguments, properties).entrySet()) {
      options = options.with(given.getKey(), given.getValue());
    }
    return options;
  }

  private static Map<String, String> given(String arguments, Properties properties)
      throws OptionException {
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
    return switch (key) {
      case "required" -> {
        boolean given = oneOf(key, value, "true", "false").equals("true");
        yield new Options(given, ringSize, stackDepth, appPackages, skipPackages, log);
      }
      case "ringSize" -> {
        int given = size(key, value);
        yield new Options(required, given, stackDepth, appPackages, skipPackages, log);
      }
      case "stackDepth" -> {
        int given = number(key, value, 1, 1024);
        yield new Options(required, ringSize, given, appPackages, skipPackages, log);
      }
      case "appPackages" -> {
        List<String> given = packages(key, value);
        yield new Options(required, ringSize, stackDepth, given, skipPackages, log);
      }
      case "skipPackages" -> {
        List<String> given = packages(key, value);
        yield new Options(required, ringSize, stackDepth, appPackages, given, log);
      }
      case "log" -> {
        String level = oneOf(key, value, "off", "error", "warn", "info", "debug");
        Level given = level.equals("off") ? null : Level.valueOf(level.toUpperCase(Locale.ROOT));
        yield new Options(required, ringSize, stackDepth, appPackages, skipPackages, given);
      }
      default -> throw new OptionException("unknown option '" + key + "'; the options are " + KEYS);
    };
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
      if (!PACKAGE.matcher(name).matches()) {
        throw new OptionException(
            key + "=" + value + " is not valid; it is packages such as com.example;org.example");
      }
    }
    return packages;
  }

  private static int size(String key, String value) throws OptionException {
    Matcher matcher = SIZE.matcher(value);
    if (matcher.matches()) {
      String unit = matcher.group(2) == null ? "B" : matcher.group(2);
      long bytes =
          Long.parseLong(matcher.group(1))
              << switch (unit) {
                case "KB" -> 10;
                case "MB" -> 20;
                case "GB" -> 30;
                default -> 0;
              };
      if (bytes >= PAGE && bytes <= MAX_RING && Long.bitCount(bytes) == 1) {
        return (int) bytes;
      }
    }
    throw new OptionException(
        key + "=" + value + " is not valid; it is a power of two from 4KB to 512MB, such as 4MB");
  }

  @Override
  public String toString() {
    return "required="
        + required
        + ",ringSize="
        + (ringSize % (1 << 20) == 0 ? (ringSize >> 20) + "MB" : (ringSize >> 10) + "KB")
        + ",stackDepth="
        + stackDepth
        + (appPackages.isEmpty() ? "" : ",appPackages=" + String.join(";", appPackages))
        + (skipPackages.isEmpty() ? "" : ",skipPackages=" + String.join(";", skipPackages))
        + ",log="
        + (log == null ? "off" : log.name().toLowerCase(Locale.ROOT));
  }
}
