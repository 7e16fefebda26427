// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs all rows, or those given, one after the other, and writes a {@link RowEvent} for each. */
public final class Matrix {
  /** A system property: {@code true} has it wait for a line before the first row and at the end. */
  public static final String WITNESSED = "it.witnessed";

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  private Matrix() {}

  private static Map<String, Opener> rows() {
    Map<String, Opener> rows = new LinkedHashMap<>();
    rows.put("java.net.Socket", JdkSockets::sockets);
    rows.put("java.net.ServerSocket", JdkSockets::serverSockets);
    rows.put("java.net.Socket, SOCKS proxy", JdkSockets::throughSocksProxy);
    rows.put("SSLSocket", JdkSockets::ssl);
    rows.put("virtual threads", VirtualThreads::run);
    rows.put("SocketChannel, blocking", JdkChannels::blocking);
    rows.put("SocketChannel, selector", JdkChannels::selector);
    rows.put("SocketChannel, adaptor", JdkChannels::adaptor);
    rows.put("AsynchronousSocketChannel", JdkChannels::asynchronous);
    rows.put("HttpURLConnection", JdkHttp::httpUrlConnection);
    rows.put("URL.openStream", JdkHttp::urlOpenStream);
    rows.put("ImageIO.read(URL)", JdkHttp::imageIo);
    rows.put("com.sun.net.httpserver", JdkHttp::httpServer);
    rows.put("HttpClient.send, HTTP/1.1", JdkHttp::clientSend1);
    rows.put("HttpClient.sendAsync, HTTP/1.1", JdkHttp::clientSendAsync1);
    rows.put("HttpClient.send, HTTP/2", JdkHttp::clientSend2);
    rows.put("HttpClient.sendAsync, HTTP/2", JdkHttp::clientSendAsync2);
    rows.put("Netty, NIO", NettyTransports::nio);
    rows.put("Netty, epoll", NettyTransports::epoll);
    rows.put("Netty, io_uring", NettyTransports::ioUring);
    rows.put("Tomcat", WebServers::tomcat);
    rows.put("Jetty", WebServers::jetty);
    rows.put("Undertow", WebServers::undertow);
    rows.put("OkHttp, execute", HttpClients::okHttpExecute);
    rows.put("OkHttp, enqueue", HttpClients::okHttpEnqueue);
    rows.put("Apache HttpClient 5", HttpClients::apache);
    rows.put("Apache HttpClient 5, async", HttpClients::apacheAsync);
    rows.put("gRPC, Netty shaded", Grpc::nettyShaded);
    rows.put("gRPC, OkHttp", Grpc::okHttp);
    rows.put("PostgreSQL, HikariCP", Databases::postgresThroughHikari);
    rows.put("Redis, Lettuce", Databases::lettuce);
    rows.put("Redis, Jedis", Databases::jedis);
    rows.put("Kafka", KafkaClients::run);
    rows.put("Unix-domain and UDP", NoTcp::run);
    rows.put("RMI", JdkRemote::rmi);
    rows.put("JMX remote", JdkRemote::jmx);
    return rows;
  }

  public static void main(String[] names) throws Exception {
    Map<String, Opener> rows = rows();
    if (names.length > 0) {
      rows.keySet().retainAll(Set.of(names));
    }
    refuseTheAgentsOwn();
    awaitLine("ready");
    // The JDK keeps a socket of its own from its first one on.
    SocketChannel.open(StandardProtocolFamily.UNIX).close();
    for (Map.Entry<String, Opener> row : rows.entrySet()) {
      int before = openSockets();
      long start = System.nanoTime();
      RowEvent event = new RowEvent();
      event.begin();
      event.row = row.getKey();
      apart();
      try {
        row.getValue().run();
      } catch (Opener.Unavailable e) {
        event.unavailable = e.getMessage();
      } catch (Throwable t) {
        t.printStackTrace();
        event.failure = t.toString();
      }
      awaitClosed(before);
      apart();
      event.end();
      event.commit();
      System.out.printf("%5d ms %s%n", (System.nanoTime() - start) / 1_000_000, row.getKey());
    }
    awaitLine("over");
    // Not all of the libraries end all of their threads.
    System.exit(0);
  }

  /** Where there are witnesses: says so, and waits for them. */
  private static void awaitLine(String what) throws IOException {
    if (Boolean.getBoolean(WITNESSED)) {
      System.out.println(what);
      System.in.read();
    }
  }

  /** What the agent brings must not seem to work because the class path has it. */
  private static void refuseTheAgentsOwn() throws IOException {
    for (String name :
        List.of(
            "com/sun/jna/Native.class",
            "dev/tcpstates/agent/Agent.class",
            "dev/tcpstates/jfr/event/StateChange.class",
            "net/bytebuddy/ByteBuddy.class")) {
      if (ClassLoader.getSystemResource(name) != null) {
        throw new IOException("on the class path: " + name);
      }
    }
  }

  /** The transitions' times are the kernel's, and so may be off a little. */
  private static void apart() throws InterruptedException {
    Thread.sleep(5);
  }

  /** Some libraries close a little later than they say, and Netty leaves datagram sockets open. */
  private static void awaitClosed(int before) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (openSockets() > before && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
  }

  private static int openSockets() throws IOException {
    int sockets = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        try {
          if (Files.readSymbolicLink(descriptor).toString().startsWith("socket:")) {
            sockets++;
          }
        } catch (NoSuchFileException e) {
          // closed meanwhile
        }
      }
    }
    return sockets;
  }
}
