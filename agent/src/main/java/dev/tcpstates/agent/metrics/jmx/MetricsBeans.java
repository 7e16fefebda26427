// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.jmx;

import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.metrics.Family;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;

/**
 * The MBeans of the metrics: one that is always there, and those that come with the first reading
 * of its attributes. Thread-safe.
 */
public final class MetricsBeans {
  private static final Logger LOG = Loggers.of(MetricsBeans.class);
  private static final String DOMAIN = "dev.tcpstates:";

  /** A client reads one attribute after the other: one set of values will do. */
  private static final long SHARED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Supplier<List<Family>> metrics;
  private final Map<Map<String, String>, ObjectName> registered = new HashMap<>();
  private Map<Map<String, String>, Map<String, Object>> values = Map.of();
  private long valuesOf;
  private boolean registering;
  private MBeanServer server;

  /**
   * Registers the first one.
   *
   * @param metrics returns the metrics of now
   */
  MetricsBeans(Supplier<List<Family>> metrics, MBeanServer server) throws JMException {
    this.metrics = metrics;
    this.server = server;
    synchronized (this) {
      register(Beans.TCP);
    }
  }

  /** Removes the MBeans. */
  public synchronized void close() {
    registered.values().forEach(this::unregister);
    registered.clear();
    values = Map.of();
    server = null;
  }

  private Map<String, Object> attributes(Map<String, String> properties) {
    synchronized (this) {
      if (registering) {
        return Map.of(); // the server asks for it, and nobody else yet
      }
      long now = System.nanoTime();
      if (values.isEmpty() || now - valuesOf > SHARED_NANOS) {
        values = Beans.of(metrics.get());
        valuesOf = now;
        update();
      }
      return values.getOrDefault(properties, new TreeMap<>());
    }
  }

  /** Listeners and lines of code come and go. */
  private void update() {
    if (server == null) {
      return;
    }
    registered
        .entrySet()
        .removeIf(
            bean -> {
              boolean gone = !values.containsKey(bean.getKey());
              if (gone) {
                unregister(bean.getValue());
              }
              return gone;
            });
    for (Map<String, String> properties : values.keySet()) {
      if (!registered.containsKey(properties)) {
        try {
          register(properties);
        } catch (JMException | RuntimeException e) {
          LOG.debug("the MBean of {} can't be registered", properties, e);
        }
      }
    }
  }

  private void register(Map<String, String> properties) throws JMException {
    ObjectName name = new ObjectName(DOMAIN + text(properties));
    registering = true;
    try {
      server.registerMBean(
          new TreeBean("TCP sockets of this JVM", () -> attributes(properties)), name);
    } catch (InstanceAlreadyExistsException e) {
      return; // an application's, or of an agent of another version
    } finally {
      registering = false;
    }
    registered.put(properties, name);
  }

  private void unregister(ObjectName name) {
    try {
      server.unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      // The application has removed it.
    } catch (JMException | RuntimeException e) {
      LOG.debug("the MBean {} can't be removed", name, e);
    }
  }

  /** The type comes first, as clients sort by it. */
  private static String text(Map<String, String> properties) {
    return properties.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<String, String> one) -> !one.getKey().equals("type"))
                .thenComparing(Map.Entry::getKey))
        .map(one -> one.getKey() + "=" + quoted(one.getValue()))
        .collect(Collectors.joining(","));
  }

  private static String quoted(String value) {
    return value.chars().anyMatch(c -> ",=:\"*?\n".indexOf(c) >= 0)
        ? ObjectName.quote(value)
        : value;
  }
}
