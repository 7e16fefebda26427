// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.analysis.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The rules as options. */
final class CheckRules {
  private static final String N = "<n>";
  private static final String TIME = "<time>";

  private final List<Rule> chosen = new ArrayList<>();

  /** In the order of the command line. */
  List<Rule> chosen() {
    return chosen;
  }

  @Option(
      names = "--max-close-wait",
      paramLabel = N,
      description = "at most so many sockets are in CLOSE_WAIT at the recording's end")
  private void maxCloseWait(Limit limit) {
    chosen.add(Rule.maxCloseWait(limit.count()));
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
      description =
          "no socket is in CLOSE_WAIT at the end, or is stuck as a StuckSocket event says")
  private void noLeaks(boolean yes) {
    chosen.add(Rule.noLeaks());
  }

  @Option(
      names = "--max-open",
      paramLabel = N,
      description = "at most so many connections are open at the end")
  private void maxOpen(Limit limit) {
    chosen.add(Rule.maxOpen(limit.count()));
  }

  @Option(
      names = "--max-resets",
      paramLabel = N,
      description = "at most so many connections ended by a reset, from either side")
  private void maxResets(Limit limit) {
    chosen.add(Rule.maxResets(limit.count()));
  }

  @Option(names = "--no-refused", description = "no attempt to connect was refused")
  private void noRefused(boolean yes) {
    chosen.add(Rule.noRefused());
  }

  @Option(
      names = "--max-failures",
      paramLabel = N,
      description =
          "at most so many attempts to connect failed, or connections broke by an error that is no"
              + " reset")
  private void maxFailures(Limit limit) {
    chosen.add(Rule.maxFailures(limit.count()));
  }

  @Option(
      names = "--max-retransmits",
      paramLabel = N,
      description = "at most so many segments were sent again")
  private void maxRetransmits(Limit limit) {
    chosen.add(Rule.maxRetransmits(limit.count()));
  }

  @Option(
      names = "--max-handshake",
      paramLabel = TIME,
      description = "each of this side's connections was established within this time")
  private void maxHandshake(Duration limit) {
    chosen.add(Rule.maxHandshake(limit));
  }

  @Option(names = "--max-handshake-p99", paramLabel = TIME, description = "99 of 100 of them were")
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
      description = "this side made at most so many connections, failed ones included")
  private void maxConnections(Limit limit) {
    chosen.add(Rule.maxConnections(limit.count()));
  }

  @Option(
      names = "--max-connections-per-site",
      paramLabel = N,
      description = "with one and the same stack, at most so many")
  private void maxConnectionsPerSite(Limit limit) {
    chosen.add(Rule.maxConnectionsPerSite(limit.count()));
  }

  @Option(
      names = "--no-connections-from",
      paramLabel = "<package>",
      description = "no class of this package is on the stack of one (may be given again)")
  private void noConnectionsFrom(List<String> names) {
    names.forEach(name -> chosen.add(Rule.noConnectionsFrom(name)));
  }

  @Option(
      names = "--min-connections",
      paramLabel = N,
      description =
          "at least so many were made or accepted: a program that did nothing proves nothing")
  private void minConnections(Limit limit) {
    chosen.add(Rule.minConnections(limit.count()));
  }
}
