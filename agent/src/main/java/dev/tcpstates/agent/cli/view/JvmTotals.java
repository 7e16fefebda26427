// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.StateCounts;
import dev.tcpstates.jfr.analysis.Summary;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The numbers of one JVM among many, or of all of them.
 *
 * @param files its recordings; empty for all JVMs
 * @param recorded whether its recordings have events of the agent; the numbers are 0 otherwise
 * @param pid null if unknown, and for all JVMs
 * @param mainClass null if unknown, and for all JVMs
 * @param startTime when its first recording started; null if unknown
 * @param duration from there to the end of its last recording; null if unknown
 * @param connections made, accepted, and older than the recording
 * @param failed connects that failed
 * @param reset connections that ended by a reset
 * @param retransmits retransmitted segments
 * @param stuck sockets in CLOSE_WAIT or without progress at the end
 * @param grown connections of lines that opened connections and ended few
 * @param lines lines of code with stuck sockets, or that opened connections and ended few
 * @param timeWait the most sockets in TIME_WAIT at one time; of all JVMs, the sum of these
 * @param lost records that the agent lost
 * @param worst the line of code with the most stuck sockets; else that with the most growth; else
 *     that with the most failures; null if there is none
 * @param note why the numbers are incomplete, or what else the files have; null if there is nothing
 */
public record JvmTotals(
    List<String> files,
    boolean recorded,
    Long pid,
    String mainClass,
    Instant startTime,
    Duration duration,
    long connections,
    long failed,
    long reset,
    long retransmits,
    long stuck,
    long grown,
    long lines,
    long timeWait,
    long lost,
    String worst,
    String note) {

  /** Returns the numbers of a JVM whose recordings were read. */
  public static JvmTotals of(List<Path> files, Summary summary, List<ReadProblem> problems) {
    JvmInfo jvm = summary.jvms().size() == 1 ? summary.jvms().get(0) : null;
    Summary.Connections connections = summary.connections();
    return new JvmTotals(
        files.stream().map(Path::toString).toList(),
        !summary.isEmpty(),
        jvm == null ? null : jvm.pid(),
        jvm == null ? null : jvm.mainClass(),
        summary.startTime(),
        summary.startTime() == null
            ? null
            : Duration.between(summary.startTime(), summary.endTime()),
        connections.connected() + connections.accepted() + connections.before(),
        connections.failed(),
        summary.failures().stream()
            .filter(JvmTotals::isReset)
            .mapToLong(Summary.Failure::count)
            .sum(),
        summary.segments().retransmits(),
        summary.leaks().stream().mapToLong(Summary.Leak::count).sum(),
        summary.growth().stream().mapToLong(Summary.Growth::open).sum(),
        Stream.concat(
                summary.leaks().stream().map(Summary.Leak::line),
                summary.growth().stream().map(Summary.Growth::line))
            .distinct()
            .count(),
        summary.states().stream()
            .filter(state -> state.state() == TcpState.TIME_WAIT)
            .mapToLong(StateCounts::peak)
            .sum(),
        summary.losses().stream().mapToLong(Loss::count).sum(),
        Stream.of(
                summary.leaks().stream().map(Summary.Leak::line),
                summary.growth().stream().map(Summary.Growth::line),
                summary.failures().stream().map(Summary.Failure::line))
            .flatMap(lines -> lines)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null),
        note(summary, problems));
  }

  static boolean isReset(Summary.Failure failure) {
    return failure.end() != null && failure.end().name().startsWith("RESET_");
  }

  /** Returns those of a JVM whose recordings could not be read. */
  public static JvmTotals unreadable(List<Path> files, String reason) {
    return new JvmTotals(
        files.stream().map(Path::toString).toList(),
        false,
        null,
        null,
        null,
        null,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        null,
        reason);
  }

  private static String note(Summary summary, List<ReadProblem> problems) {
    List<String> notes = new ArrayList<>();
    problems.forEach(
        problem ->
            notes.add(problem.reason() + (problem.recovered() ? ", partially read" : ", skipped")));
    if (summary.jvms().size() > 1) {
      notes.add(summary.jvms().size() + " JVMs in one file");
    }
    if (summary.agent() == null && summary.isEmpty()) {
      notes.add("no event of the agent");
    } else if (summary.agent() != null && !summary.agent().attached()) {
      notes.add("the agent did not record: " + summary.agent().reason());
    }
    if (summary.isSampled()) {
      notes.add("sampled: failures, resets and retransmits are not recorded");
    }
    if (!summary.missing().isEmpty()) {
      notes.add("not recorded: " + String.join("; ", summary.missing()));
    }
    if (summary.bytesLost() != null) {
      notes.add(summary.bytesLost().words());
    }
    if (summary.unknownEnds() > 0) {
      notes.add(summary.unknownEnds() + " sockets ended without an event of it");
    }
    return notes.isEmpty() ? null : String.join("; ", notes);
  }

  /** Returns the sum of all JVMs. */
  static JvmTotals sum(List<JvmTotals> all, long lines) {
    Instant start =
        all.stream()
            .map(JvmTotals::startTime)
            .filter(Objects::nonNull)
            .min(Instant::compareTo)
            .orElse(null);
    Instant end =
        all.stream()
            .filter(jvm -> jvm.startTime != null)
            .map(jvm -> jvm.startTime.plus(jvm.duration))
            .max(Instant::compareTo)
            .orElse(null);
    return new JvmTotals(
        List.of(),
        all.stream().anyMatch(JvmTotals::recorded),
        null,
        null,
        start,
        start == null ? null : Duration.between(start, end),
        sum(all.stream().mapToLong(JvmTotals::connections)),
        sum(all.stream().mapToLong(JvmTotals::failed)),
        sum(all.stream().mapToLong(JvmTotals::reset)),
        sum(all.stream().mapToLong(JvmTotals::retransmits)),
        sum(all.stream().mapToLong(JvmTotals::stuck)),
        sum(all.stream().mapToLong(JvmTotals::grown)),
        lines,
        sum(all.stream().mapToLong(JvmTotals::timeWait)),
        sum(all.stream().mapToLong(JvmTotals::lost)),
        null,
        null);
  }

  private static long sum(LongStream numbers) {
    return numbers.sum();
  }

  /** How many sockets are stuck or suspected of it, failed or were reset. */
  long faults() {
    return stuck + grown + failed + reset;
  }
}
