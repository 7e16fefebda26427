// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.boot.AgentMetrics;
import dev.tcpstates.agent.boot.AgentThread;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.PlainMetrics;
import dev.tcpstates.agent.metrics.http.EndpointAddress;
import dev.tcpstates.agent.metrics.http.MetricsEndpoint;
import dev.tcpstates.agent.metrics.jmx.MetricsBeans;
import dev.tcpstates.agent.metrics.jmx.PlatformServer;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;

/** Where the metrics can be read: MBeans, the HTTP endpoint, and libraries. Not thread-safe. */
final class MetricsOutlets {
  private static final Logger LOG = Loggers.of(MetricsOutlets.class);

  /** Where MBeans are registered. */
  interface Server {
    /**
     * Registers them.
     *
     * @return {@code null} if there is no server yet
     */
    MetricsBeans check(Supplier<List<Family>> metrics) throws Exception;
  }

  private final Supplier<List<Family>> metrics;

  /** {@code null} if this JVM has no JMX. */
  private final Server server;

  /** {@code null} as long as there is no platform MBean server. */
  private volatile MetricsBeans beans;

  private boolean open;
  private volatile boolean refused;

  private volatile MetricsEndpoint endpoint;
  private boolean closesAtExit;

  MetricsOutlets(Supplier<List<Family>> metrics) {
    this(
        metrics,
        ModuleLayer.boot().findModule("java.management").isPresent()
            ? new PlatformServer()::check
            : null);
  }

  MetricsOutlets(Supplier<List<Family>> metrics, Server server) {
    this.metrics = metrics;
    this.server = server;
  }

  /** To be called regularly: the application may have made the platform's MBean server. */
  void check() {
    if (server != null && beans == null && !refused) {
      checkServer();
    }
  }

  private synchronized void checkServer() {
    if (!open || beans != null) {
      return;
    }
    try {
      beans = server.check(metrics);
    } catch (Exception | LinkageError e) {
      // The caller is the thread that reads the kernel's records.
      refused = true;
      LOG.warn("the metrics have no MBeans, because the MBean server refuses them: {}", "" + e);
    }
  }

  /**
   * The agent is attached.
   *
   * @param address where the metrics are served; {@code null} for nowhere
   */
  void open(EndpointAddress address) throws InterruptedException {
    closeEndpoint(); // of an agent that has failed
    synchronized (this) {
      open = true;
      refused = false;
    }
    AgentMetrics.source(() -> PlainMetrics.of(metrics.get()));
    if (address != null) {
      MetricsEndpoint opened = new MetricsEndpoint(address, metrics);
      endpoint = opened;
      // It opens its socket on that thread, so that it is none of the application's.
      new AgentThread(opened, "tcpstates metrics", true).start();
      opened.awaitReady();
      closeAtExit();
    }
  }

  /** Returns the metrics of now. On any thread. */
  List<Family> read() {
    return metrics.get();
  }

  /** The agent is detached. */
  void close() {
    AgentMetrics.source(List::of);
    closeEndpoint();
    synchronized (this) {
      open = false;
      if (beans != null) {
        beans.close();
        beans = null;
      }
    }
  }

  private void closeAtExit() {
    if (!closesAtExit) {
      closesAtExit = true;
      try {
        Runtime.getRuntime()
            .addShutdownHook(new AgentThread(this::closeEndpoint, "tcpstates metrics end"));
      } catch (IllegalStateException e) {
        closeEndpoint(); // the JVM is ending already
      }
    }
  }

  private void closeEndpoint() {
    MetricsEndpoint open = endpoint;
    if (open != null) {
      open.close();
      endpoint = null;
    }
  }
}
