// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.node;

import dev.tcpstates.agent.kernel.node.MetricsMessages;
import dev.tcpstates.agent.kernel.node.UnixSocket.Polled;
import dev.tcpstates.agent.metrics.Attribute;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.Metric;
import dev.tcpstates.agent.metrics.MetricsSnapshot;
import dev.tcpstates.agent.metrics.Point;
import dev.tcpstates.agent.node.MetricsPeer.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Asks all registered JVMs for their metrics at once, and adds to each series which JVM it is of. A
 * JVM that does not answer, or not validly, is missing, and counted. Not thread-safe.
 */
public final class MetricsCollector implements Supplier<List<Family>> {
  /**
   * How long all JVMs together have to answer. Prometheus gives up after 10 s by default. The first
   * answer of a JVM takes longest, because it loads classes.
   */
  private static final long ANSWER_NANOS = 2_000_000_000;

  /** Who asks more often is made to wait, because each request costs all JVMs something. */
  private static final long LEAST_INTERVAL_NANOS = 250_000_000;

  /** How many bytes of answers that are not complete are kept. */
  private static final int MOST_BYTES = 64 * MetricsMessages.MOST_BODY_BYTES;

  /** How many points all JVMs, and those of one user, may have. */
  private static final int MOST_POINTS = 200_000;

  private static final int MOST_POINTS_PER_USER = 100_000;

  /** The values of {@link Attribute#ANSWER}. */
  private enum Outcome {
    ANSWERED,
    TIMED_OUT,
    INVALID,
    UNSUPPORTED;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Supplier<Collection<MetricsPeer>> jvms;
  private long requests;
  private long last = System.nanoTime() - LEAST_INTERVAL_NANOS;

  /**
   * @param server which JVMs are asked
   */
  public MetricsCollector(NodeServer server) {
    this(server::peers);
  }

  MetricsCollector(Supplier<Collection<MetricsPeer>> jvms) {
    this.jvms = jvms;
  }

  /** Waits up to 2 s for the answers of the JVMs. */
  @Override
  public List<Family> get() {
    long pause = last + LEAST_INTERVAL_NANOS - System.nanoTime();
    if (pause > 0) {
      LockSupport.parkNanos(pause);
    }
    last = System.nanoTime();
    Round round = new Round(last + ANSWER_NANOS);
    round.ask(jvms.get(), ++requests);
    round.await();
    return round.families();
  }

  /** The answers to one request. */
  private static final class Round {
    private final long deadline;
    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    private final Map<Metric, Merged> merged = new EnumMap<>(Metric.class);
    private final List<Point> answered = new ArrayList<>();
    private final Map<Integer, Integer> pointsOfUsers = new HashMap<>();
    private List<MetricsPeer> waiting = new ArrayList<>();
    private int points;

    Round(long deadline) {
      this.deadline = deadline;
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(outcome, 0);
      }
    }

    void ask(Collection<MetricsPeer> all, long number) {
      for (MetricsPeer jvm : all) {
        progress(jvm, jvm.ask(number), waiting);
      }
    }

    void await() {
      while (!waiting.isEmpty()) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          break;
        }
        Polled polled = new Polled(waiting.size());
        for (int i = 0; i < waiting.size(); i++) {
          polled.set(i, waiting.get(i).fd());
        }
        polled.await((int) millis + 1);
        List<MetricsPeer> still = new ArrayList<>();
        int held = 0;
        for (int i = 0; i < waiting.size(); i++) {
          MetricsPeer jvm = waiting.get(i);
          progress(jvm, polled.isReady(i) ? jvm.receive() : Progress.WAITING, still);
          held += jvm.held();
          if (held > MOST_BYTES) {
            jvm.giveUp();
          }
        }
        waiting = still;
      }
      for (MetricsPeer jvm : waiting) {
        jvm.giveUp();
        end(jvm, Outcome.TIMED_OUT);
      }
    }

    private void progress(MetricsPeer jvm, Progress progress, List<MetricsPeer> still) {
      switch (progress) {
        case WAITING -> still.add(jvm);
        case UNSUPPORTED -> end(jvm, Outcome.UNSUPPORTED);
        case INVALID -> end(jvm, Outcome.INVALID);
        case COMPLETE -> complete(jvm);
        case GONE -> {} // it is no more registered, or soon
      }
    }

    private void complete(MetricsPeer jvm) {
      try {
        MetricsSnapshot snapshot = MetricsSnapshot.decode(jvm.takeBody());
        int more = snapshot.families().stream().mapToInt(family -> family.points().size()).sum();
        int ofUser = pointsOfUsers.getOrDefault(jvm.uid(), 0) + more;
        if (points + more > MOST_POINTS || ofUser > MOST_POINTS_PER_USER) {
          throw new IOException("all JVMs together have too many points");
        }
        jvm.mainClass(snapshot.mainClass());
        List<String> process = end(jvm, Outcome.ANSWERED);
        if (process != null) {
          points += more;
          pointsOfUsers.put(jvm.uid(), ofUser);
          for (Family family : snapshot.families()) {
            merged.computeIfAbsent(family.metric(), metric -> new Merged()).add(process, family);
          }
        }
      } catch (IOException e) {
        end(jvm, Outcome.INVALID);
      }
    }

    /** Returns the values of {@link Attribute#OF_PROCESS}; {@code null} if the JVM has ended. */
    private List<String> end(MetricsPeer jvm, Outcome outcome) {
      ControlGroup group = ControlGroup.of(jvm.pid());
      if (!jvm.isAlive()) {
        return null; // its id may be another process's already
      }
      List<String> process =
          List.of(Integer.toString(jvm.pid()), jvm.mainClass(), group.container(), group.pod());
      outcomes.merge(outcome, 1, Integer::sum);
      answered.add(new Point(process, outcome == Outcome.ANSWERED ? 1 : 0, null));
      return process;
    }

    List<Family> families() {
      List<Family> families = new ArrayList<>();
      merged.forEach((metric, all) -> families.add(all.family(metric)));
      List<Point> counts = new ArrayList<>();
      outcomes.forEach(
          (outcome, count) -> counts.add(new Point(List.of(outcome.text()), count, null)));
      families.add(new Family(Metric.NODE_JVMS, Metric.NODE_JVMS.attributes(), counts));
      families.add(new Family(Metric.NODE_ANSWERED, Metric.NODE_ANSWERED.attributes(), answered));
      return families;
    }
  }

  /** The points of all JVMs of one metric. */
  private static final class Merged {
    private final Map<List<Attribute>, List<Point>> byAttributes = new LinkedHashMap<>();

    void add(List<String> process, Family family) {
      List<Point> points =
          byAttributes.computeIfAbsent(family.attributes(), key -> new ArrayList<>());
      for (Point point : family.points()) {
        List<String> values = new ArrayList<>(process.size() + point.attributes().size());
        values.addAll(process);
        values.addAll(point.attributes());
        points.add(new Point(values, point.value(), point.distribution()));
      }
    }

    /** With the attributes of the JVM that has most; what another lacks is empty. */
    Family family(Metric metric) {
      List<Attribute> longest = List.of();
      for (List<Attribute> attributes : byAttributes.keySet()) {
        longest = attributes.size() > longest.size() ? attributes : longest;
      }
      List<Attribute> all = new ArrayList<>(Attribute.OF_PROCESS);
      all.addAll(longest);
      List<Point> points = new ArrayList<>();
      byAttributes.forEach(
          (attributes, some) -> {
            for (Point point : some) {
              while (point.attributes().size() < all.size()) {
                point.attributes().add("");
              }
              points.add(point);
            }
          });
      return new Family(metric, all, points);
    }
  }
}
