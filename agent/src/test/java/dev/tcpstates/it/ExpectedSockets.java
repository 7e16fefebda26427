// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.jfr.SocketOpenInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What each row of the matrix must show.
 *
 * <p>Where the socket is made in the application's thread, that is the row's own method. Where it
 * is made in a thread of a library, no frame of the application is on the stack: then it is the
 * library's own, with what started the thread, and for an accepted socket what opened the listener.
 */
final class ExpectedSockets {
  private static final String ROWS = "dev.tcpstates.it.openers.";
  private static final String START = "thread started by ";
  private static final int ANY = 99;

  private static final String RMI_LISTENER = "JdkRemote$Loopback.createServerSocket";
  private static final String RMI_CONNECT =
      "sun.rmi.transport.tcp.TCPDirectSocketFactory.createSocket";

  /**
   * Sockets of a row that were opened alike.
   *
   * @param openedBy a frame that must be named, without the line; of the rows' own, without the
   *     package; several with a bar between, where it is a matter of chance
   * @param thread matches the thread's name
   * @param text matches all of what is shown
   */
  private record Group(
      String kind, int min, int max, String openedBy, Pattern thread, Pattern text) {
    boolean fits(MatrixRows.Socket socket) {
      return kind.equals(socket.kind())
          && text.matcher(socket.timeline().openedBy()).matches()
          && thread.matcher(socket.thread()).matches()
          && Stream.of(socket.timeline().openedBy().split(" < "))
              .map(piece -> piece.replaceFirst("^" + START, "").replaceFirst(":\\d+$", ""))
              .anyMatch(this::isNamed);
    }

    private boolean isNamed(String frame) {
      return Stream.of(openedBy.split("\\|"))
          .anyMatch(name -> frame.equals(name) || frame.equals(ROWS + name));
    }

    @Override
    public String toString() {
      return (min == max ? "" + min : min + " to " + max)
          + " "
          + kind
          + " by "
          + openedBy
          + " in "
          + thread
          + " as "
          + text;
    }
  }

  private final Map<String, List<Group>> rows = new LinkedHashMap<>();
  private List<Group> row;

  private ExpectedSockets() {
    row("java.net.Socket").connects(9, "JdkSockets.sockets").localServer(9);
    row("java.net.ServerSocket")
        .listens(4, "JdkSockets.serverSockets")
        .connects(2, "JdkSockets.serverSockets")
        .accepts(2, "JdkSockets.serverSockets", "main");
    row("java.net.Socket, SOCKS proxy")
        .connects(1, "JdkSockets.throughSocksProxy")
        .connects(1, "JdkSockets.relay", "local server")
        .listens(2, "LocalServer.<init>")
        .accepts(2, "LocalServer.run", "local server");
    row("SSLSocket")
        .connects(1, "JdkSockets.ssl")
        .listens(1, "JdkSockets.ssl")
        .accepts(1, "LocalServer.run", "local server");
    row("virtual threads")
        .connects(1, "VirtualThreads.connect", "virtual client")
        .listens(1, "VirtualThreads.run")
        .accepts(1, "VirtualThreads.accept", "virtual-\\d+");
    row("SocketChannel, blocking")
        .connects(2, "JdkChannels.blocking")
        .listens(1, "JdkChannels.blocking")
        .accepts(2, "JdkChannels.blocking", "main");
    row("SocketChannel, selector")
        .connects(1, "JdkChannels.selector")
        .listens(1, "JdkChannels.selector")
        .accepts(1, "JdkChannels.selector", "main");
    row("SocketChannel, adaptor")
        .connects(1, "JdkChannels.adaptor")
        .listens(1, "JdkChannels.adaptor")
        .accepts(1, "JdkChannels.adaptor", "main");
    row("AsynchronousSocketChannel")
        .connects(2, "JdkChannels.asynchronous")
        .listens(1, "JdkChannels.asynchronous")
        .accepts(1, "JdkChannels.asynchronous", "main")
        .accepts(1, "JdkChannels.asynchronous", ".*Thread-\\d+");
    row("HttpURLConnection").connects(1, "JdkHttp.httpUrlConnection").localServer(1);
    row("URL.openStream").connects(1, "JdkHttp.urlOpenStream").localServer(1);
    row("ImageIO.read(URL)").connects(1, "JdkHttp.imageIo").localServer(1);
    row("com.sun.net.httpserver")
        .connects(1, "JdkHttp.httpServer")
        .listens(1, "JdkHttp.httpServer")
        .accepts(1, "JdkHttp.httpServer", "HTTP-Dispatcher");
    row("HttpClient.send, HTTP/1.1").connects(1, "JdkHttp.clientSend1").localServer(1);
    row("HttpClient.sendAsync, HTTP/1.1")
        .connects(1, "jdk.internal.net.http.PlainHttpConnection.<init>", "HttpClient-.*-Worker-.*")
        .startedBy("JdkHttp.clientSendAsync1")
        .localServer(1);
    row("HttpClient.send, HTTP/2")
        .connects(1, "JdkHttp.clientSend2")
        .listens(1, "JdkHttp.clientSend2")
        .accepts(1, "WebServers.startUndertow", "XNIO-.* Accept");
    row("HttpClient.sendAsync, HTTP/2")
        .connects(1, "jdk.internal.net.http.PlainHttpConnection.<init>", "HttpClient-.*-Worker-.*")
        .startedBy("JdkHttp.clientSendAsync2")
        .listens(1, "JdkHttp.clientSendAsync2")
        .accepts(1, "WebServers.startUndertow", "XNIO-.* Accept");

    row("Netty, NIO")
        .connects(2, "NettyTransports.nio")
        .listens(1, "NettyTransports.nio")
        .accepts(2, "NettyTransports.exchange", "multiThreadIoEventLoopGroup-.*");
    row("Netty, epoll")
        .connects(2, "NettyTransports.epoll")
        .listens(1, "NettyTransports.epoll")
        .accepts(2, "NettyTransports.exchange", "multiThreadIoEventLoopGroup-.*");
    row("Netty, io_uring")
        .connects(2, "NettyTransports.ioUring")
        .listens(1, "NettyTransports.ioUring")
        .accepts(2, "NettyTransports.exchange", "multiThreadIoEventLoopGroup-.*");

    row("Tomcat")
        .connects(1, "PlainHttp.get")
        .listens(1, "WebServers.tomcat")
        .accepts(1, "WebServers.tomcat", "http-nio-.*-Acceptor")
        // It wakes its acceptor with a connection, which may end before it is accepted: then it
        // stays the listener's.
        .some("CONNECT", "WebServers.tomcat", "main")
        .some("ACCEPT", "WebServers.tomcat", "http-nio-.*-Acceptor")
        .some("ACCEPT", "WebServers.tomcat", "main");
    row("Jetty")
        .connects(1, "WebServers.jetty")
        .listens(1, "WebServers.jetty")
        .accepts(1, "WebServers.jetty", "qtp.*acceptor.*");
    row("Undertow")
        .connects(1, "WebServers.undertow")
        .listens(1, "WebServers.undertow")
        .accepts(1, "WebServers.startUndertow", "XNIO-.* Accept");
    row("OkHttp, execute")
        .connects(1, "o.i.c.ConnectPlan.connectSocket", "OkHttp connect .*")
        .startedBy("HttpClients.okHttpExecute")
        .localServer(1);
    // Its threads are of a pool that the row before has filled.
    row("OkHttp, enqueue")
        .connects(1, "o.i.c.ConnectPlan.connectSocket", "OkHttp connect .*")
        .startedBy("HttpClients.okHttpE(xecute|nqueue)")
        .localServer(1);
    row("Apache HttpClient 5").connects(1, "HttpClients.apache").localServer(1);
    row("Apache HttpClient 5, async")
        .connects(1, "o.a.h.c.r.SingleCoreIOReactor.openSocketFor", "httpclient-dispatch-.*")
        .startedBy("HttpClients.apacheAsync")
        .localServer(1);
    row("gRPC, Netty shaded")
        // Two threads share a queue of tasks, and the one that comes first does the other's.
        .connects(
            1,
            "io.grpc.netty.shaded.io.grpc.netty.NettyClientTransport.start|Grpc.nettyShaded",
            "grpc-default-executor-.*|main")
        .group(
            "LISTEN",
            1,
            1,
            "io.grpc.netty.shaded.io.grpc.netty.NettyServer$2.call",
            "grpc-default-boss-.*")
        .accepts(
            1,
            "io.grpc.netty.shaded.io.grpc.netty.NettyServer$2.call|i.g.n.s.i.g.n.NettyServer$2.call",
            "grpc-default-boss-.*")
        .startedBy("Grpc.nettyShaded");
    row("gRPC, OkHttp")
        .connects(1, "io.grpc.okhttp.OkHttpClientTransport$3.run", "grpc-okhttp-.*")
        .startedBy("Grpc.call")
        .listens(1, "Grpc.okHttp")
        .accepts(1, "Grpc.okHttp", "grpc-okhttp-.*");

    row("PostgreSQL, HikariCP")
        .connects(1, "Databases.postgresThroughHikari")
        .connects(1, "org.postgresql.core.PGStream.createSocket", "HikariPool-.*-adder")
        .startedBy("Databases.postgresThroughHikari");
    row("Redis, Lettuce").connects(1, "Databases.lettuce");
    row("Redis, Jedis").connects(1, "Databases.jedis");
    // To the address that was given, and to the broker by the address that it gave.
    row("Kafka")
        .connects(2, "KafkaClients.run")
        .connects(
            2,
            "org.apache.kafka.common.network.Selector.connect",
            "kafka-producer-network-thread \\| shop")
        .startedBy("KafkaClients.run");
    row("Unix-domain and UDP");

    row("RMI")
        .connects(1, "JdkRemote.rmi")
        .listens(1, "JdkRemote.rmi")
        .accepts(1, RMI_LISTENER, "RMI TCP Accept-.*")
        .moreOfRmi("JdkRemote.rmi");
    row("JMX remote")
        .connects(1, "JdkRemote.jmx")
        .listens(1, "JdkRemote.jmx")
        .accepts(1, RMI_LISTENER, "RMI TCP Accept-.*")
        .moreOfRmi("JdkRemote.jmx");
  }

  private ExpectedSockets row(String name) {
    row = new ArrayList<>();
    rows.put(name, row);
    return this;
  }

  private ExpectedSockets group(String kind, int min, int max, String openedBy, String thread) {
    boolean byLibrary =
        !thread.equals("main") && !openedBy.matches("(JdkSockets|LocalServer|VirtualThreads).*");
    String text = kind.equals("ACCEPT") && byLibrary ? "accepted at port \\d+ < .*" : ".*";
    row.add(new Group(kind, min, max, openedBy, Pattern.compile(thread), Pattern.compile(text)));
    return this;
  }

  /** What started the thread of the last group. */
  private ExpectedSockets startedBy(String method) {
    Group last = row.remove(row.size() - 1);
    String text = ".* < " + START + Pattern.quote(ROWS) + "(" + method + "):\\d+";
    row.add(
        new Group(
            last.kind, last.min, last.max, last.openedBy, last.thread, Pattern.compile(text)));
    return this;
  }

  private ExpectedSockets some(String kind, String openedBy, String thread) {
    return group(kind, 0, ANY, openedBy, thread);
  }

  private ExpectedSockets connects(int count, String openedBy) {
    return connects(count, openedBy, "main");
  }

  private ExpectedSockets connects(int count, String openedBy, String thread) {
    return group("CONNECT", count, count, openedBy, thread);
  }

  private ExpectedSockets listens(int count, String openedBy) {
    return group("LISTEN", count, count, openedBy, "main");
  }

  private ExpectedSockets accepts(int count, String openedBy, String thread) {
    return group("ACCEPT", count, count, openedBy, thread);
  }

  /** The other side of a client's row. */
  private ExpectedSockets localServer(int connections) {
    return listens(1, "LocalServer.<init>").accepts(connections, "LocalServer.run", "local server");
  }

  /** RMI's garbage collector, and calls after a connection was idle for too long. */
  private ExpectedSockets moreOfRmi(String caller) {
    return some("CONNECT", caller, "main")
        .some("CONNECT", RMI_CONNECT, "RMI RenewClean.*")
        .some("ACCEPT", RMI_LISTENER, "RMI TCP Accept-.*");
  }

  /**
   * Compares.
   *
   * @return what is not as it must be
   */
  static List<String> check(MatrixRows matrix, Jdk jdk) {
    ExpectedSockets expected = new ExpectedSockets();
    List<String> wrong = new ArrayList<>();
    Collection<String> names = matrix.rows().stream().map(MatrixRows.Row::name).toList();
    if (!names.equals(List.copyOf(expected.rows.keySet()))) {
      wrong.add("the rows are " + names);
    }
    for (MatrixRows.Row row : matrix.rows()) {
      List<String> ofRow = new ArrayList<>();
      if (row.failure() != null) {
        ofRow.add(row.failure());
      } else if (row.unavailable() != null) {
        if (!mayLack(row, jdk)) {
          ofRow.add("not here: " + row.unavailable());
        }
      } else {
        ofRow.addAll(compare(row.sockets(), expected.rows.getOrDefault(row.name(), List.of())));
      }
      ofRow.forEach(line -> wrong.add(row.name() + ": " + line));
    }
    matrix.others().stream()
        .map(Object::toString)
        .forEach(socket -> wrong.add("of no row: " + socket));
    matrix.unused().stream()
        .filter(open -> !isProbe(open))
        .forEach(open -> wrong.add("without a transition: " + open.kind() + " by " + open.stack()));
    return wrong;
  }

  /** The JDK asks what the kernel can do with a socket that it does not use otherwise. */
  private static boolean isProbe(SocketOpenInfo open) {
    return open.stack().stream().anyMatch(frame -> frame.contains(".supportedOptions:"));
  }

  private static boolean mayLack(MatrixRows.Row row, Jdk jdk) {
    return switch (row.name()) {
      case "virtual threads" -> jdk.feature() < 21;
      case "Netty, epoll" -> !System.getProperty("os.arch").equals("amd64");
      // The kernel may be too old for it or built without it, or its administrator may forbid it.
      case "Netty, io_uring" ->
          !System.getProperty("os.arch").equals("amd64")
              || row.unavailable().matches(".*(io_uring|kernel|supported).*");
      default -> false;
    };
  }

  private static List<String> compare(List<MatrixRows.Socket> sockets, List<Group> groups) {
    List<String> wrong = new ArrayList<>();
    Map<Group, Integer> counts = new LinkedHashMap<>();
    groups.forEach(group -> counts.put(group, 0));
    for (MatrixRows.Socket socket : sockets) {
      if (!socket.timeline().complete()) {
        wrong.add("not its whole life: " + Recorded.states(socket.timeline()) + " of " + socket);
      }
      // A group that is full leaves the rest to the next one like it.
      groups.stream()
          .filter(group -> group.fits(socket) && counts.get(group) < group.max())
          .findFirst()
          .ifPresentOrElse(
              group -> counts.merge(group, 1, Integer::sum), () -> wrong.add("one more " + socket));
    }
    counts.forEach(
        (group, count) -> {
          if (count < group.min()) {
            wrong.add(count + " instead of " + group);
          }
        });
    return wrong;
  }
}
