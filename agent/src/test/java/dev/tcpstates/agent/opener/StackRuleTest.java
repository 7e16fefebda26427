// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StackRuleTest {
  private static final StackRule DEFAULT = new StackRule(List.of(), List.of());

  private static String openedBy(String... frames) {
    return openedBy(DEFAULT, frames);
  }

  private static String openedBy(StackRule rule, String... frames) {
    return rule.telling(Frames.of(frames)).text();
  }

  @Test
  void onlyTheApplicationsFramesAreShown() {
    assertEquals(
        "shop.Client.fetch:42 < shop.Client.retry:50 < shop.Main.main:7",
        openedBy(
            "sun.nio.ch.Net.socket:485",
            "java.net.Socket.<init>:276",
            "shop.Client.fetch:42",
            "java.util.ArrayList.forEach:1511",
            "shop.Client.retry:50",
            "org.apache.catalina.core.StandardWrapperValve.invoke:90",
            "shop.Main.main:7",
            "java.lang.Thread.run:840"));
  }

  @Test
  void librariesAreSkippedAsLongAsThereIsSomethingElse() {
    assertEquals(
        "shop.Dao.load:9",
        openedBy(
            "java.net.Socket.<init>:1",
            "org.postgresql.core.PGStream.<init>:98",
            "com.zaxxer.hikari.pool.HikariPool.getConnection:181",
            "shop.Dao.load:9"));
  }

  @Test
  void ofSeveralLibrariesEachSpeaksOnce() {
    assertEquals(
        "org.postgresql.core.PGStream.createSocket:231"
            + " < com.zaxxer.hikari.util.DriverDataSource.getConnection:138",
        openedBy(
            "sun.nio.ch.Net.socket:485",
            "java.net.Socket.connect:633",
            "org.postgresql.core.PGStream.createSocket:231",
            "org.postgresql.core.PGStream.<init>:98",
            "org.postgresql.Driver.connect:288",
            "com.zaxxer.hikari.util.DriverDataSource.getConnection:138",
            "com.zaxxer.hikari.pool.HikariPool$PoolEntryCreator.call:728",
            "java.util.concurrent.FutureTask.run:264",
            "java.lang.Thread.run:840"));
  }

  @Test
  void ofOneLibraryTheFirstAndTheLastFrameAreShown() {
    assertEquals(
        "org.apache.kafka.common.network.Selector.connect:257"
            + " < org.apache.kafka.clients.producer.internals.Sender.run:251",
        openedBy(
            "java.nio.channels.SocketChannel.open:285",
            "org.apache.kafka.common.network.Selector.connect:257",
            "org.apache.kafka.clients.NetworkClient.initiateConnect:1033",
            "org.apache.kafka.clients.NetworkClient.access$700:73",
            "org.apache.kafka.clients.NetworkClient$DefaultMetadataUpdater.maybeUpdate:1207",
            "org.apache.kafka.clients.producer.internals.Sender.run:251",
            "java.lang.Thread.run:840"));
    assertEquals(
        "org.apache.kafka.common.network.Selector.connect:257"
            + " < o.a.k.c.a.KafkaAdminClient$AdminClientRunnable.run:1500",
        openedBy(
            "org.apache.kafka.common.network.Selector.connect:257",
            "org.apache.kafka.clients.NetworkClient.initiateConnect:1033",
            "org.apache.kafka.clients.admin.KafkaAdminClient$AdminClientRunnable.run:1500"));
  }

  @Test
  void anEventLoopIsShownWhereThereIsNothingElse() {
    assertEquals(
        "io.netty.channel.socket.nio.NioServerSocketChannel.doReadMessages:158"
            + " < io.netty.channel.nio.NioEventLoop.run:562",
        openedBy(
            "sun.nio.ch.SocketChannelImpl.<init>:163",
            "java.nio.channels.ServerSocketChannel.accept:1",
            "io.netty.channel.socket.nio.NioServerSocketChannel.doReadMessages:158",
            "io.netty.channel.nio.NioEventLoop.run:562",
            "java.lang.Thread.run:840"));
    assertEquals(
        "io.grpc.netty.shaded.io.grpc.netty.NettyServer$2.call:322",
        openedBy(
            "io.grpc.netty.shaded.io.netty.channel.unix.Socket.newSocketStream0:600",
            "io.grpc.netty.shaded.io.grpc.netty.NettyServer$2.call:322",
            "java.lang.Thread.run:840"));
    assertEquals(
        "io.lettuce.core.protocol.ReconnectionHandler.reconnect:102",
        openedBy(
            "java.nio.channels.SocketChannel.open:1",
            "io.netty.bootstrap.Bootstrap.connect:152",
            "io.lettuce.core.protocol.ReconnectionHandler.reconnect:102",
            "io.netty.util.concurrent.FastThreadLocalRunnable.run:30",
            "java.lang.Thread.run:840"));
  }

  @Test
  void onlyTheJdkShowsWhatOfItOpensConnections() {
    assertEquals(
        "sun.rmi.transport.tcp.TCPTransport$AcceptLoop.executeAcceptLoop:424",
        openedBy(
            "sun.nio.ch.NioSocketImpl.accept:755",
            "java.net.ServerSocket.accept:539",
            "sun.rmi.transport.tcp.TCPTransport$AcceptLoop.executeAcceptLoop:424",
            "java.util.concurrent.ThreadPoolExecutor.runWorker:1136",
            "java.lang.Thread.run:840"));
    assertEquals(
        "java.net.Socket.connect:633",
        openedBy(
            "sun.nio.ch.Net.socket:485",
            "java.net.Socket.connect:633",
            "java.lang.Thread.run:840"));
  }

  @Test
  void theUsersPackagesComeFirst() {
    StackRule rule = new StackRule(List.of("io.netty.handler", "com.acme"), List.of());
    assertEquals(
        "com.acme.Shop.buy:5 < io.netty.handler.Mine.call:9",
        openedBy(
            rule,
            "java.net.Socket.<init>:1",
            "framework.Client.get:1",
            "com.acme.Shop.buy:5",
            "framework.Proxy.invoke:7",
            "io.netty.handler.Mine.call:9",
            "io.netty.channel.Loop.run:1"));
    assertEquals(
        "framework.Client.get:1",
        openedBy(rule, "java.net.Socket.<init>:1", "framework.Client.get:1", "io.netty.A.run:1"));
  }

  @Test
  void packagesToSkipAreLibraries() {
    StackRule rule = new StackRule(List.of("com.acme"), List.of("framework", "com.acme.net"));
    assertEquals("shop.Main.main:1", openedBy(rule, "framework.Client.get:1", "shop.Main.main:1"));
    assertEquals(
        "frameworks.Client.get:1 < shop.Main.main:1",
        openedBy(rule, "frameworks.Client.get:1", "shop.Main.main:1"));
    assertEquals(
        "com.acme.Shop.buy:5", openedBy(rule, "com.acme.net.Client.get:1", "com.acme.Shop.buy:5"));
    assertEquals(
        "framework.Client.get:1 < framework.Pool.get:1 < io.lettuce.core.Client.run:2",
        openedBy(
            rule,
            "framework.Client.get:1",
            "framework.Pool.get:1",
            "io.lettuce.core.Client.run:2"));
  }

  @Test
  void nothingToShowIsSaid() {
    assertEquals("no Java frame", openedBy());
    assertEquals("sun.nio.ch.Net.socket:485", openedBy("sun.nio.ch.Net.socket:485"));
  }

  @Test
  void aNameThatOnlyBeginsLikeALibrarysIsTheApplications() {
    assertEquals("javafoo.Main.run:1", openedBy("java.net.Socket.x:1", "javafoo.Main.run:1"));
    assertEquals("scalable.Main.run:1", openedBy("java.net.Socket.x:1", "scalable.Main.run:1"));
  }

  @Test
  void longStacksAreCutBetweenFrames() {
    String[] frames = new String[40];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = "shop.warehouse.Service" + i + ".callTheNext:" + (i + 1);
    }
    String text = openedBy(frames);
    assertTrue(text.length() <= 127, text);
    assertTrue(text.startsWith("shop.warehouse.Service0.callTheNext:1 < shop."), text);
    assertTrue(text.matches(".*:\\d+"), text);
  }

  @Test
  void aFrameTooLongHasInitialsAndThenKeepsItsEnd() {
    assertEquals("a.b.Main.run:12", openedBy("a." + "b".repeat(200) + ".Main.run:12"));
    String text = openedBy("a." + "b".repeat(200) + "Main.run:12");
    assertEquals(127, text.length());
    assertTrue(text.endsWith("bbbMain.run:12"), text);
  }

  @Test
  void whatClientsBringAboveATransportIsShownBeforeIt() {
    assertEquals(
        "reactor.netty.transport.TransportConnector.connect:127",
        openedBy(
            "java.nio.channels.SocketChannel.open:1",
            "io.netty.channel.socket.nio.NioSocketChannel.<init>:92",
            "reactor.netty.transport.TransportConnector.connect:127",
            "reactor.core.publisher.Mono.subscribe:4400",
            "io.netty.util.concurrent.FastThreadLocalRunnable.run:30"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.apache.commons.pool.impl.GenericObjectPool.borrowObject:1",
        "org.apache.commons.httpclient.HttpConnection.open:707",
        "org.apache.commons.net.SocketClient.connect:166",
        "com.squareup.okhttp.Connection.connect:1",
        "io.kubernetes.client.openapi.ApiClient.execute:1",
        "io.fabric8.kubernetes.client.dsl.internal.OperationSupport.handle:1",
        "org.openrdf.http.client.SesameSession.execute:1",
        "com.jcraft.jsch.Util.createSocket:376",
        "com.linecorp.armeria.client.HttpChannelPool.connect:397",
        "com.unboundid.ldap.sdk.ConnectThread.run:165",
        "io.helidon.webclient.api.TcpClientConnection.connect:1",
        "kong.unirest.core.java.JavaClient.request:70",
        "net.sourceforge.jtds.jdbc.SharedSocket.createSocketForJDBC3:288",
        "org.apache.sshd.common.io.nio2.Nio2Connector.openAsynchronousSocketChannel:173",
        "org.java_websocket.client.WebSocketClient.run:482"
      })
  void theseAreLibraries(String frame) {
    assertEquals(
        "shop.Main.main:1", openedBy("java.net.Socket.<init>:1", frame, "shop.Main.main:1"));
  }

  /** Each is between the socket and the application, or is all that there is. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop.Dao.query_aroundBody2:9",
        "shop.Mix$AjcClosure3.run:1",
        "org.aspectj.runtime.reflect.JoinPointImpl.proceed:179",
        "com.newrelic.agent.bridge.TokenAwareRunnable.run:24",
        "com.nr.instrumentation.TokenAwareRunnable.run:24",
        "io.opentelemetry.javaagent.bootstrap.executors.PropagatedContext.run:1",
        "datadog.trace.bootstrap.instrumentation.java.concurrent.Wrapper.run:1",
        "shop.Dao$$EnhancerBySpringCGLIB$$3bf0.query:1",
        "shop.Dao$$SpringCGLIB$$0.query:1",
        "shop.Dao$$FastClassBySpringCGLIB$$7a.invoke:1",
        "shop.Dao_$$_jvst5f_0.query:1",
        "shop.Dao$HibernateProxy$ab.query:1",
        "shop.Dao$ByteBuddy$ab.query:1",
        "shop.Dao$MockitoMock$17.query:1",
        "shop.Dao_ClientProxy.query:1",
        "shop.Dao_Subclass.query:1",
        "shop.Dao.access$100:12",
        "com.sun.proxy.$Proxy12.query:1",
        "jdk.proxy2.$Proxy12.query:1",
        "shop.$Proxy12.query:1"
      })
  void generatedCodeAndOtherAgentsAreNotTheApplications(String frame) {
    assertEquals(
        "shop.Main.main:1", openedBy("java.net.Socket.<init>:1", frame, "shop.Main.main:1"));
    TellingFrames none = DEFAULT.telling(Frames.of("java.net.Socket.<init>:1", frame));
    assertEquals("java.net.Socket.<init>:1", none.text());
    assertFalse(none.ofApplication());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop.Main$$anonfun$main$1.apply:5", // Scala's
        "shop.Main.lambda$main$0:5",
        "shop.Main$1.run:5",
        "shop.Proxy.run:5",
        "shop.Main.around:5"
      })
  void theseAreTheApplications(String frame) {
    assertEquals(frame, openedBy("java.net.Socket.<init>:1", frame));
  }

  /** As the origins of these packages are. */
  private static StackRule byOrigin(String mainClass, Map<String, Origin> origins) {
    return new StackRule(
        List.of(),
        List.of("com.acme.skipped"),
        frame ->
            origins.entrySet().stream()
                .filter(entry -> frame.getClassName().startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(Origin.PLATFORM),
        mainClass);
  }

  @Test
  void aDependencyIsALibraryThoughItIsNotInTheList() {
    StackRule rule =
        byOrigin("app.Main", Map.of("un.list.", Origin.DEPENDENCY, "app.", Origin.APPLICATION));
    String[] stack = {
      "sun.nio.ch.Net.socket:485",
      "un.list.client.impl.SocketDataPort.createSocket:222",
      "un.list.client.impl.SocketDataPort.connect:85",
      "un.list.client.Nats.connect:60",
      "app.Lib.nats:9",
      "app.Main.main:5"
    };
    assertEquals("app.Lib.nats:9 < app.Main.main:5", openedBy(rule, stack));
    assertTrue(rule.telling(Frames.of(stack)).ofApplication());
    TellingFrames ofThread = rule.telling(Frames.of(stack).subList(0, 4));
    assertEquals(
        "un.list.client.impl.SocketDataPort.createSocket:222 < un.list.client.Nats.connect:60",
        ofThread.text());
    assertFalse(ofThread.ofApplication());
  }

  /** The main class is a launcher's, and all else is in jars. */
  @Test
  void ofJarsOfWhichNoneIsTheMainOneEachSpeaks() {
    StackRule rule =
        byOrigin(
            "org.springframework.boot.loader.JarLauncher",
            Map.of("un.list.", Origin.DEPENDENCY, "app.", Origin.DEPENDENCY));
    assertEquals(
        "un.list.client.impl.SocketDataPort.createSocket:222"
            + " < un.list.client.Nats.connect:60 < app.Lib.nats:9",
        openedBy(
            rule,
            "java.net.Socket.<init>:1",
            "un.list.client.impl.SocketDataPort.createSocket:222",
            "un.list.client.impl.SocketDataPort.connect:85",
            "un.list.client.Nats.connect:60",
            "app.Lib.nats:9"));
    // Where not all fits, what each has to say comes before more of one.
    assertEquals(
        "un.list.client.impl.SocketDataPort.createTheSocketThatCarriesAllOfItsSubscriptions:222"
            + " < app.warehouse.Subscriptions.nats:9",
        openedBy(
            rule,
            "un.list.client.impl.SocketDataPort.createTheSocketThatCarriesAllOfItsSubscriptions:222",
            "un.list.client.Nats.connectWithAllOfTheOptions:60",
            "app.warehouse.Subscriptions.nats:9"));
  }

  /** The launcher's package says nothing of the application's. */
  @Test
  void aListedLibraryIsSkippedIfAnotherDependencyIsThere() {
    StackRule rule =
        byOrigin(
            "runner.Launch", Map.of("com.jcraft.", Origin.DEPENDENCY, "shop.", Origin.DEPENDENCY));
    assertEquals(
        "shop.orders.Files.upload:4",
        openedBy(rule, "com.jcraft.jsch.Util.createSocket:376", "shop.orders.Files.upload:4"));
  }

  @Test
  void aJarThatHoldsAllIsJudgedByTheMainClassesPackage() {
    StackRule rule =
        byOrigin(
            "com.acme.shop.Main",
            Map.of("io.", Origin.MAIN_JAR, "un.", Origin.MAIN_JAR, "com.acme.", Origin.MAIN_JAR));
    assertEquals(
        "com.acme.dao.Dao.load:3 < com.acme.shop.Main.main:7",
        openedBy(
            rule,
            "io.netty.bootstrap.Bootstrap.connect:152",
            "un.list.client.Nats.connect:60",
            "com.acme.dao.Dao.load:3",
            "com.acme.shop.Main.main:7"));
    assertEquals(
        "un.list.client.Nats.connect:60",
        openedBy(
            rule,
            "io.netty.bootstrap.Bootstrap.connect:152",
            "un.list.client.Nats.connect:60",
            "com.acme.skipped.Client.get:1"));
  }

  @Test
  void ofAJarBesideTheMainOneTheSamePackagesAreTheApplications() {
    StackRule rule =
        byOrigin(
            "com.acme.shop.Main",
            Map.of("com.acme.shop.", Origin.MAIN_JAR, "com.", Origin.DEPENDENCY));
    assertEquals(
        "com.acme.dao.Dao.load:3 < com.acme.shop.Main.main:7",
        openedBy(
            rule,
            "com.other.Client.get:1",
            "com.acme.dao.Dao.load:3",
            "com.acme.shop.Main.main:7"));
  }

  @Test
  void packagesBelowTheMainClassesOwnAreTheApplications() {
    String[] stack = {"kong.unirest.Client.send:1", "shop.orders.Dao.load:3", "shop.Main.main:7"};
    for (Origin origin : List.of(Origin.MAIN_JAR, Origin.DEPENDENCY)) {
      StackRule rule = byOrigin("shop.Main", Map.of("kong.", origin, "shop.", origin));
      assertEquals("shop.orders.Dao.load:3 < shop.Main.main:7", openedBy(rule, stack));
    }
    StackRule rule = byOrigin("com.Main", Map.of("com.", Origin.MAIN_JAR));
    assertEquals("com.Main.main:7", openedBy(rule, "com.other.Client.get:1", "com.Main.main:7"));
  }

  @Test
  void aLibraryMovedBelowTheMainClassesPackageIsALibrary() {
    for (Origin origin : List.of(Origin.MAIN_JAR, Origin.APPLICATION, Origin.UNKNOWN)) {
      StackRule rule = byOrigin("shop.orders.Main", Map.of("shop.", origin));
      assertEquals(
          "shop.orders.Files.upload:4",
          openedBy(
              rule, "shop.orders.shaded.jsch.Util.createSocket:376", "shop.orders.Files.upload:4"));
    }
  }

  @Test
  void theOwnersOfACommonNameAreToldApart() {
    StackRule rule = byOrigin("org.apache.acme.Main", Map.of("org.apache.", Origin.DEPENDENCY));
    assertEquals(
        "org.apache.acme.Main.main:1",
        openedBy(rule, "org.apache.xmlrpc.Client.call:1", "org.apache.acme.Main.main:1"));
  }

  /** Someone develops it. */
  @Test
  void aListedLibraryInADirectoryIsTheApplication() {
    StackRule rule = byOrigin("org.junit.Main", Map.of("org.redisson.", Origin.APPLICATION));
    assertEquals(
        "org.redisson.ClientTest.connects:9",
        openedBy(rule, "java.net.Socket.<init>:1", "org.redisson.ClientTest.connects:9"));
  }

  /** As javax.mail and com.sun.mail are. */
  @Test
  void aDependencyWithTheJdksNameIsALibrary() {
    StackRule rule = byOrigin("app.Main", Map.of("com.sun.mail.", Origin.DEPENDENCY));
    assertEquals(
        "com.sun.mail.util.SocketFetcher.createSocket:350",
        openedBy(
            rule,
            "java.net.Socket.connect:633",
            "com.sun.mail.util.SocketFetcher.createSocket:350",
            "sun.net.www.protocol.mailto.Handler.open:1"));
  }

  @Test
  void whatAnAgentBringsIsNotTheApplications() {
    StackRule rule =
        byOrigin("app.Main", Map.of("tracer.", Origin.AGENT, "app.", Origin.APPLICATION));
    assertEquals(
        "app.Main.main:1",
        openedBy(rule, "tracer.Wrapper.run:1", "injected.Wrapper.run:2", "app.Main.main:1"));
  }

  @Test
  void allFramesOneALine() {
    assertEquals(
        "java.net.Socket.<init>:276\nshop.Main.main:7\nshop.Native.call",
        StackRule.stack(
            Frames.of("java.net.Socket.<init>:276", "shop.Main.main:7", "shop.Native.call")));
  }
}
