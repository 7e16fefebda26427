// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.analysis.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that choose rules. */
final class CheckRules {
  private static final String N = "<n>";
  private static final String TIME = "<time>";

  private final List<Rule> chosen = new ArrayList<>();

  /** Returns the rules in the order of the command line. */
  List<Rule> chosen() {
    return chosen;
  }

  @Option(
      names = "--max-close-wait",
      paramLabel = N,
      description = "at most n sockets are in CLOSE_WAIT at the end of the recording")
  private void maxCloseWait(Long limit) {
    chosen.add(Rule.maxCloseWait(limit));
  }

  @Option(
      names = "--max-close-wait-time",
      paramLabel = TIME,
      description = "no socket is in CLOSE_WAIT for longer")
  private void maxCloseWaitTime(Duration limit) {
    chosen.add(Rule.maxCloseWaitTime(limit));
  }

  @Option(
      names = "--no-leaks",
      description = "no socket is in CLOSE_WAIT at the end, or stuck (StuckSocket event)")
  private void noLeaks(boolean yes) {
    chosen.add(Rule.noLeaks());
  }

  @Option(
      names = "--max-open",
      paramLabel = N,
      description = "at most n connections are open at the end")
  private void maxOpen(Long limit) {
    chosen.add(Rule.maxOpen(limit));
  }

  @Option(
      names = "--max-resets",
      paramLabel = N,
      description = "at most n connections ended by a reset, from either side")
  private void maxResets(Long limit) {
    chosen.add(Rule.maxResets(limit));
  }

  @Option(names = "--no-refused", description = "no connect was refused")
  private void noRefused(boolean yes) {
    chosen.add(Rule.noRefused());
  }

  @Option(
      names = "--max-failures",
      paramLabel = N,
      description =
          "at most n connects failed, or connections ended by an error other than a reset")
  private void maxFailures(Long limit) {
    chosen.add(Rule.maxFailures(limit));
  }

  @Option(
      names = "--max-retransmits",
      paramLabel = N,
      description = "at most n segments were retransmitted")
  private void maxRetransmits(Long limit) {
    chosen.add(Rule.maxRetransmits(limit));
  }

  @Option(
      names = "--max-handshake",
      paramLabel = TIME,
      description = "each connect was established within this time")
  private void maxHandshake(Duration limit) {
    chosen.add(Rule.maxHandshake(limit));
  }

  @Option(
      names = "--max-handshake-p99",
      paramLabel = TIME,
      description = "99 %% of connects were established within this time")
  private void maxHandshakeP99(Duration limit) {
    chosen.add(Rule.maxHandshakeP99(limit));
  }

  @Option(
      names = "--max-accept-wait",
      paramLabel = TIME,
      description = "no established connection waited longer for accept")
  private void maxAcceptWait(Duration limit) {
    chosen.add(Rule.maxAcceptWait(limit));
  }

  @Option(
      names = "--max-connections",
      paramLabel = N,
      description = "at most n connects, including failed ones")
  private void maxConnections(Long limit) {
    chosen.add(Rule.maxConnections(limit));
  }

  @Option(
      names = "--max-connections-per-site",
      paramLabel = N,
      description = "at most n connects with the same stack")
  private void maxConnectionsPerSite(Long limit) {
    chosen.add(Rule.maxConnectionsPerSite(limit));
  }

  @Option(
      names = "--no-connections-from",
      paramLabel = "<package>",
      description = "no connect has a class of this package on its stack (may be repeated)")
  private void noConnectionsFrom(List<String> names) {
    names.forEach(name -> chosen.add(Rule.noConnectionsFrom(name)));
  }

  @Option(
      names = "--min-connections",
      paramLabel = N,
      description = "at least n connections were made or accepted: without them, nothing is proven")
  private void minConnections(Long limit) {
    chosen.add(Rule.minConnections(limit));
  }
}
