// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.metrics.Family;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Serves the metrics over HTTP at {@code /metrics}, one request after the other. The JDK's own
 * server would initialise the application's java.util.logging, and knows no unix sockets.
 */
public final class MetricsEndpoint implements Runnable, AutoCloseable {
  private static final Logger LOG = Loggers.of(MetricsEndpoint.class);

  private static final String PATH = "/metrics";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final int BACKLOG = 16;

  /** How many points are written as a whole. */
  private static final int MOST_WHOLE = 1_000;

  private static final long PAUSE_NANOS = 1_000_000_000L;

  private final EndpointAddress address;
  private final Supplier<List<Family>> metrics;
  private final CountDownLatch ready = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile ServerSocketChannel server;

  /**
   * @param metrics returns the metrics of now; called on the thread that runs this
   */
  public MetricsEndpoint(EndpointAddress address, Supplier<List<Family>> metrics) {
    this.address = address;
    this.metrics = metrics;
  }

  /** Serves until it is closed. On a thread of its own, which also opens the socket. */
  @Override
  public void run() {
    try (Selector selector = Selector.open();
        ServerSocketChannel channel = open()) {
      server = channel;
      ready.countDown();
      LOG.info("metrics are served at {}", at(channel));
      if (address.isRemote()) {
        LOG.warn("other machines may read the metrics at {}, which has no access control", address);
      }
      while (!closed) {
        serve(channel, selector);
      }
    } catch (ClosedChannelException e) {
      // by close()
    } catch (IOException | RuntimeException e) {
      LOG.error("the metrics can't be served at {}: {}; all else goes on", address, why(e));
    } finally {
      ready.countDown();
    }
  }

  /** The JDK's texts are the kernel's, which name no cause. */
  String why(Exception e) {
    if (address.isUnix()) {
      Path path = ((UnixDomainSocketAddress) address.address()).getPath();
      Path directory = path.getParent();
      if (directory != null && !Files.isDirectory(directory)) {
        return "there is no such directory; create it, or choose another path";
      }
      if (Files.exists(path) && e instanceof BindException) {
        return "something that is no socket has this path; remove it, or choose another path";
      }
      return e.getMessage() + "; choose another path";
    }
    return e.getMessage()
        + "; choose a port that is free, for each JVM its own, at an address of this machine";
  }

  ServerSocketChannel open() throws IOException {
    if (address.isUnix()) {
      replaceStale();
    }
    ServerSocketChannel channel =
        address.isUnix()
            ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
    try {
      if (!address.isUnix()) {
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      }
      channel.bind(address.address(), BACKLOG);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** A JVM that was killed leaves its socket's file behind. */
  private void replaceStale() throws IOException {
    Path path = ((UnixDomainSocketAddress) address.address()).getPath();
    if (!Files.exists(path) || !Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
      return;
    }
    try {
      SocketChannel.open(address.address()).close();
    } catch (ConnectException e) {
      Files.delete(path);
      return;
    }
    throw new IOException("another process listens there");
  }

  private String at(ServerSocketChannel channel) throws IOException {
    if (address.isUnix()) {
      return address.toString();
    }
    // The port may be one that the kernel chose. For 0.0.0.0, the channel's own address is [::].
    int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
    InetAddress host = ((InetSocketAddress) address.address()).getAddress();
    return "http://" + new EndpointAddress(new InetSocketAddress(host, port)) + PATH;
  }

  private void serve(ServerSocketChannel listener, Selector selector) throws IOException {
    try (SocketChannel channel = accept(listener)) {
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      try {
        HttpExchange exchange = new HttpExchange(channel, selector);
        exchange.read();
        answer(exchange);
      } finally {
        key.cancel();
        selector.selectNow(); // forgets the key
      }
    } catch (ClosedChannelException e) {
      if (closed) {
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      // One request must not end the endpoint, whatever it contains.
      LOG.debug("a request for metrics failed", e);
    }
  }

  /** Where the process may have no more descriptors, a later one may be accepted. */
  private static SocketChannel accept(ServerSocketChannel listener) throws IOException {
    try {
      return listener.accept();
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      LockSupport.parkNanos(PAUSE_NANOS);
      throw e;
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    boolean reads = exchange.method().equals("GET") || exchange.method().equals("HEAD");
    if (!reads) {
      exchange.answer("405 Method Not Allowed", TEXT, "the metrics can only be read\n");
    } else if (!exchange.path().equals(PATH)) {
      exchange.answer("404 Not Found", TEXT, "the metrics are at " + PATH + "\n");
    } else {
      boolean openMetrics = Accepted.prefersOpenMetrics(exchange.header("Accept"));
      List<Family> families;
      try {
        families = metrics.get();
      } catch (RuntimeException e) {
        LOG.debug("the metrics can't be collected", e);
        exchange.answer("500 Internal Server Error", TEXT, e + "\n");
        return;
      }
      answer(exchange, families, openMetrics);
    }
  }

  /** The metrics of a JVM as a whole; those of many JVMs in parts, to save memory. */
  private static void answer(HttpExchange exchange, List<Family> families, boolean openMetrics)
      throws IOException {
    String type = openMetrics ? OPEN_METRICS : TEXT;
    long points = families.stream().mapToLong(family -> family.points().size()).sum();
    if (points <= MOST_WHOLE || exchange.isOld()) {
      exchange.answer("200 OK", type, PrometheusWriter.text(families, openMetrics));
    } else {
      exchange.begin("200 OK", type);
      PrometheusWriter.write(families, openMetrics, exchange::add);
      exchange.add("");
    }
  }

  /** Waits until requests are taken, or the socket could not be opened. */
  public void awaitReady() throws InterruptedException {
    ready.await();
  }

  /** Ends {@link #run}, and deletes the file of a unix socket. */
  @Override
  public void close() {
    closed = true;
    ServerSocketChannel open = server;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.debug("closing the metrics' socket failed", e);
      }
      deleteSocket();
    }
  }

  private void deleteSocket() {
    if (address.address() instanceof UnixDomainSocketAddress unix) {
      try {
        Files.deleteIfExists(unix.getPath());
      } catch (IOException e) {
        LOG.debug("the metrics' unix socket can't be deleted", e);
      }
    }
  }
}
