// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.analysis.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The verdicts on several JVMs. Of each JVM it keeps one line, and of each broken rule at most
 * {@value #PLACES} call sites.
 */
public final class FleetVerdicts {
  private static final int PLACES = 1_000;

  /**
   * The verdict on one JVM.
   *
   * @param files its recordings
   * @param jvm null if unknown
   * @param failed how many rules failed
   * @param found the rules that failed, and what was found; null if all passed
   */
  record JvmVerdict(List<String> files, JvmInfo jvm, int failed, String found) {}

  /** A call site whose sockets break a rule, in one JVM or in several. */
  static final class Place {
    private Verdict.Offender worst;
    private String worstFile;
    private long jvms;
    private long sockets;

    private void add(Verdict.Offender offender, String file) {
      jvms++;
      sockets += offender.sockets();
      if (worst == null || offender.sockets() > worst.sockets()) {
        worst = offender;
        worstFile = file;
      }
    }

    Verdict.Offender worst() {
      return worst;
    }

    String worstFile() {
      return worstFile;
    }

    long jvms() {
      return jvms;
    }

    long sockets() {
      return sockets;
    }
  }

  /** A rule that failed for some JVMs. */
  static final class FailedRule {
    private final String rule;
    private final Map<List<String>, Place> places = new LinkedHashMap<>();
    private long jvms;
    private long more;

    private FailedRule(String rule) {
      this.rule = rule;
    }

    private void add(Verdict verdict, String file) {
      jvms++;
      more += verdict.moreOffenders();
      for (Verdict.Offender offender : verdict.offenders()) {
        List<String> stack = offender.opener().frames();
        if (places.size() < PLACES || places.containsKey(stack)) {
          places.computeIfAbsent(stack, key -> new Place()).add(offender, file);
        } else {
          more++;
        }
      }
    }

    String rule() {
      return rule;
    }

    long jvms() {
      return jvms;
    }

    /** The call sites with the most sockets first. */
    List<Place> places() {
      return places.values().stream()
          .sorted(Comparator.comparingLong(Place::sockets).reversed())
          .toList();
    }

    /** Call sites that are not among the places. A call site counts once per JVM. */
    long more() {
      return more;
    }
  }

  private final List<JvmVerdict> jvms = new ArrayList<>();
  private final Map<String, FailedRule> failedRules = new LinkedHashMap<>();

  /**
   * Adds a JVM.
   *
   * @param jvm null if unknown
   */
  public void add(List<String> files, JvmInfo jvm, List<Verdict> verdicts) {
    List<Verdict> failed = verdicts.stream().filter(verdict -> !verdict.passed()).toList();
    failed.forEach(
        verdict ->
            failedRules
                .computeIfAbsent(verdict.rule(), FailedRule::new)
                .add(verdict, files.get(0)));
    String found =
        String.join(
            "; ", failed.stream().map(verdict -> verdict.rule() + ": " + verdict.found()).toList());
    jvms.add(new JvmVerdict(files, jvm, failed.size(), failed.isEmpty() ? null : found));
  }

  /** Returns the JVMs, those with the most failed rules first, then in the order of their files. */
  List<JvmVerdict> jvms() {
    return jvms.stream().sorted(Comparator.comparing(jvm -> -jvm.failed())).toList();
  }

  /** Returns the rules that failed, those that failed for most JVMs first. */
  List<FailedRule> failedRules() {
    return failedRules.values().stream()
        .sorted(Comparator.comparingLong(FailedRule::jvms).reversed())
        .toList();
  }
}
