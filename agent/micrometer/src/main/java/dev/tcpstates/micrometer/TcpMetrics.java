// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Registers the metrics of the tcpstates agent as meters. Needs the agent in this JVM, with the
 * option {@code metrics=on} (or an address) for all of the metrics; without the agent there is only
 * the gauge {@code tcpstates.attached}, which is 0.
 *
 * <p>The meters have the agent's names and attributes. Counters are function counters, histograms
 * function timers (count and total time), all others gauges. A port, a line of code or a state that
 * is new has its meter from the reading after the next on. Thread-safe.
 */
public final class TcpMetrics implements MeterBinder {
  private static final String ATTACHED = "tcpstates.attached";

  /** A registry reads one meter after the other: one set of values will do. */
  private static final long SHARED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The value that a tag has where the agent's metric lacks the attribute. */
  private static final String NONE = "none";

  /** A meter's identity. */
  private record Key(String name, Tags tags) {}

  /** What a meter shows. */
  private static final class Value {
    private volatile double number;
    private volatile long count;
    private volatile double seconds;
    private Meter meter;
    private boolean isGauge;
  }

  /** The meters in one registry. */
  private final class Binding {
    private final MeterRegistry registry;
    private final Map<Key, Value> values = new HashMap<>();
    private double attached;
    private long refreshed;
    private boolean isRefreshed;

    Binding(MeterRegistry registry) {
      this.registry = registry;
    }

    /** Takes over the agent's values, if the last ones are old. */
    synchronized void refresh() {
      long now = System.nanoTime();
      if (isRefreshed && now - refreshed < SHARED_NANOS) {
        return;
      }
      isRefreshed = true;
      refreshed = now;
      attached = 0;
      Set<Key> seen = new HashSet<>();
      for (Map<String, Object> metric : agent.get()) {
        add(metric, seen);
      }
      // What is counted stays; a listener or line that is gone has no gauge any more.
      values
          .entrySet()
          .removeIf(
              value -> {
                boolean gone = value.getValue().isGauge && !seen.contains(value.getKey());
                if (gone) {
                  registry.remove(value.getValue().meter);
                }
                return gone;
              });
    }

    synchronized double attached() {
      refresh();
      return attached;
    }

    @SuppressWarnings("unchecked")
    private void add(Map<String, Object> metric, Set<Key> seen) {
      String name = (String) metric.get("name");
      List<Map<String, Object>> points = (List<Map<String, Object>>) metric.get("points");
      Set<String> attributes = new TreeSet<>();
      points.forEach(point -> attributes.addAll(attributes(point).keySet()));
      for (Map<String, Object> point : points) {
        if (name.equals(ATTACHED)) {
          attached = (Double) point.get("value");
          continue;
        }
        // A registry may want the same tags of all meters of a name.
        Map<String, String> given = attributes(point);
        Tags tags =
            Tags.of(
                attributes.stream()
                    .map(attribute -> Tag.of(attribute, given.getOrDefault(attribute, NONE)))
                    .toList());
        Key key = new Key(name, tags);
        seen.add(key);
        Value value = values.get(key);
        boolean isNew = value == null;
        if (isNew) {
          value = new Value();
          values.put(key, value);
        }
        set(value, point);
        if (isNew) {
          register(key, value, metric);
        }
      }
    }

    private void register(Key key, Value value, Map<String, Object> metric) {
      String description = (String) metric.get("description");
      value.meter =
          switch ((String) metric.get("type")) {
            case "COUNTER" ->
                FunctionCounter.builder(key.name, value, v -> current(v).number)
                    .tags(key.tags)
                    .description(description)
                    .register(registry);
            case "HISTOGRAM" ->
                FunctionTimer.builder(
                        key.name,
                        value,
                        v -> current(v).count,
                        v -> current(v).seconds,
                        TimeUnit.SECONDS)
                    .tags(key.tags)
                    .description(description)
                    .register(registry);
            default -> {
              value.isGauge = true;
              yield Gauge.builder(key.name, value, v -> current(v).number)
                  .tags(key.tags)
                  .description(description)
                  .strongReference(true)
                  .register(registry);
            }
          };
    }

    private Value current(Value value) {
      refresh();
      return value;
    }
  }

  private final Supplier<List<Map<String, Object>>> agent;

  /** Function meters refer to their values weakly. */
  private final Map<MeterRegistry, Binding> bindings = new HashMap<>();

  /** Makes a binder for the agent of this JVM. */
  public TcpMetrics() {
    this(new AgentReader()::read);
  }

  TcpMetrics(Supplier<List<Map<String, Object>>> agent) {
    this.agent = agent;
  }

  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    Binding binding = bindings.computeIfAbsent(registry, Binding::new);
    Gauge.builder(ATTACHED, binding, Binding::attached)
        .description("1 while the agent is attached, else 0.")
        .strongReference(true)
        .register(registry);
    binding.refresh();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> attributes(Map<String, Object> point) {
    return (Map<String, String>) point.get("attributes");
  }

  private static void set(Value value, Map<String, Object> point) {
    Object counts = point.get("counts");
    if (counts == null) {
      value.number = (Double) point.get("value");
      return;
    }
    long sum = 0;
    for (long count : (long[]) counts) {
      sum += count;
    }
    value.count = sum;
    value.seconds = (Double) point.get("sum");
  }
}
