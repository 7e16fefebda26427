// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks {@code ss} of iproute2, which reads the kernel's tables in a way that is not ours. */
final class Ss {
  private static final Pattern COOKIE = Pattern.compile("\\bsk:([0-9a-f]+)");

  private static final Pattern NUMBER = Pattern.compile("(\\w+):([0-9.]+)(?:/([0-9.]+))?");

  /** State, two queues and two addresses come before the rest. */
  private static final int ADDRESSES_END = 5;

  /**
   * A connection as {@code ss -i} shows it.
   *
   * @param unread bytes in its receive queue
   * @param unsent bytes in its send queue, those on their way too
   * @param numbers by their names; 0 is not shown
   */
  record Info(long unread, long unsent, Map<String, Double> numbers) {
    long number(String name) {
      return Math.round(numbers.getOrDefault(name, 0.0));
    }

    /** A time in microseconds, which ss shows in milliseconds. */
    long micros(String name) {
      return Math.round(numbers.getOrDefault(name, 0.0) * 1_000);
    }
  }

  private Ss() {}

  /**
   * A connection.
   *
   * @param prefix what must stand before ss to have it look at the right network
   */
  static Info connection(String[] prefix, int localPort, int port) throws Exception {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(
        List.of("ss", "-tinHO", "sport", "=", ":" + localPort, "and", "dport", "=", ":" + port));
    List<String> lines = Tool.run(command.toArray(String[]::new)).ok().out().lines().toList();
    if (lines.size() != 1) {
      throw new AssertionError("ss shows " + lines + " at " + localPort + " and " + port);
    }
    String[] words = lines.get(0).split("\\s+");
    Map<String, Double> numbers = new HashMap<>();
    for (String word : List.of(words).subList(ADDRESSES_END, words.length)) {
      Matcher matcher = NUMBER.matcher(word);
      if (matcher.matches()) {
        // Of rtt, what follows is its variation; of retrans, those not answered come first.
        boolean second = matcher.group(1).equals("retrans");
        numbers.put(matcher.group(1), Double.valueOf(matcher.group(second ? 3 : 2)));
      }
    }
    return new Info(Long.parseLong(words[1]), Long.parseLong(words[2]), numbers);
  }

  /**
   * How many sockets there are in each state, by the kernel's names.
   *
   * @param prefix what must stand before ss to have it look at the right network
   */
  static Map<String, Integer> states(String... prefix) throws Exception {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(List.of("ss", "-tanH"));
    Map<String, Integer> states = new TreeMap<>();
    for (String line : Tool.run(command.toArray(String[]::new)).ok().out().lines().toList()) {
      states.merge(kernelName(line.split("\\s+")[0]), 1, Integer::sum);
    }
    return states;
  }

  /** Returns the kernel's name of a state of ss. */
  static String kernelName(String state) {
    return switch (state) {
      case "ESTAB" -> "ESTABLISHED";
      case "FIN-WAIT-1" -> "FIN_WAIT1";
      case "FIN-WAIT-2" -> "FIN_WAIT2";
      default -> state.replace('-', '_');
    };
  }

  /** How many wait at a listener, and how many may. */
  record Queue(int length, int limit) {}

  /** The accept queue of the listener at a port. */
  static Queue queue(String[] prefix, int port) throws Exception {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(List.of("ss", "-tlnH", "sport", "=", ":" + port));
    String[] words = Tool.run(command.toArray(String[]::new)).ok().out().strip().split("\\s+");
    return new Queue(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
  }

  /** The cookie of the socket that listens at a port. */
  static long listener(int port) throws Exception {
    Process ss =
        new ProcessBuilder("ss", "-tlneH", "sport", "=", ":" + port)
            .redirectErrorStream(true)
            .start();
    String out = new String(ss.getInputStream().readAllBytes());
    Matcher matcher = COOKIE.matcher(out);
    if (ss.waitFor() != 0 || !matcher.find()) {
      throw new AssertionError("ss shows no listener at " + port + ": " + out);
    }
    return Long.parseUnsignedLong(matcher.group(1), 16);
  }
}
