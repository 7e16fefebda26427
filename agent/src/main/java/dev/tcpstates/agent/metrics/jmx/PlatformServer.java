// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.jmx;

import dev.tcpstates.agent.metrics.Family;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/**
 * Waits for the platform's MBean server. Whoever makes it initialises java.util.logging, and
 * classes that an application server wants to choose: the agent never does. Not thread-safe.
 */
public final class PlatformServer {
  /** Registered by the JDK in the platform's server, and in no other. */
  private static final String RUNTIME = "java.lang:type=Runtime";

  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private long checked = System.nanoTime();

  /**
   * Registers the MBeans if there is a server; looks at most once a second. To be called regularly.
   *
   * @param metrics returns the metrics of now
   * @return {@code null} if there is no server
   * @throws JMException if the server refuses them
   */
  public MetricsBeans check(Supplier<List<Family>> metrics) throws JMException {
    long now = System.nanoTime();
    if (now - checked < CHECK_NANOS) {
      return null;
    }
    checked = now;
    List<MBeanServer> servers = MBeanServerFactory.findMBeanServer(null);
    return servers.isEmpty() ? null : register(servers, metrics);
  }

  private static MetricsBeans register(List<MBeanServer> servers, Supplier<List<Family>> metrics)
      throws JMException {
    for (MBeanServer one : servers) {
      if (one.isRegistered(new ObjectName(RUNTIME))) {
        return new MetricsBeans(metrics, one);
      }
    }
    return null;
  }
}
