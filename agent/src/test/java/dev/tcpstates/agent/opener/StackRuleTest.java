// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StackRuleTest {
  private static final StackRule DEFAULT = new StackRule(List.of(), List.of());

  private static String openedBy(String... frames) {
    return DEFAULT.openedBy(Frames.of(frames));
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
  void ofOneLibraryEachClassSpeaksOnce() {
    assertEquals(
        "org.apache.kafka.common.network.Selector.connect:257"
            + " < org.apache.kafka.clients.NetworkClient.initiateConnect:1033",
        openedBy(
            "java.nio.channels.SocketChannel.open:285",
            "org.apache.kafka.common.network.Selector.connect:257",
            "org.apache.kafka.clients.NetworkClient.initiateConnect:1033",
            "org.apache.kafka.clients.NetworkClient.access$700:73",
            "org.apache.kafka.clients.NetworkClient$DefaultMetadataUpdater.maybeUpdate:1207",
            "java.lang.Thread.run:840"));
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
        rule.openedBy(
            Frames.of(
                "java.net.Socket.<init>:1",
                "framework.Client.get:1",
                "com.acme.Shop.buy:5",
                "framework.Proxy.invoke:7",
                "io.netty.handler.Mine.call:9",
                "io.netty.channel.Loop.run:1")));
    assertEquals(
        "framework.Client.get:1",
        rule.openedBy(
            Frames.of("java.net.Socket.<init>:1", "framework.Client.get:1", "io.netty.A.run:1")));
  }

  @Test
  void packagesToSkipAreLibraries() {
    StackRule rule = new StackRule(List.of("com.acme"), List.of("framework", "com.acme.net"));
    assertEquals(
        "shop.Main.main:1", rule.openedBy(Frames.of("framework.Client.get:1", "shop.Main.main:1")));
    assertEquals(
        "frameworks.Client.get:1 < shop.Main.main:1",
        rule.openedBy(Frames.of("frameworks.Client.get:1", "shop.Main.main:1")));
    assertEquals(
        "com.acme.Shop.buy:5",
        rule.openedBy(Frames.of("com.acme.net.Client.get:1", "com.acme.Shop.buy:5")));
    assertEquals(
        "framework.Client.get:1 < io.lettuce.core.Client.run:2",
        rule.openedBy(
            Frames.of(
                "framework.Client.get:1", "framework.Pool.get:1", "io.lettuce.core.Client.run:2")));
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
  void aFrameTooLongKeepsItsEnd() {
    String text = openedBy("a." + "b".repeat(200) + ".Main.run:12");
    assertEquals(127, text.length());
    assertTrue(text.endsWith("bbb.Main.run:12"), text);
  }

  @Test
  void allFramesOneALine() {
    assertEquals(
        "java.net.Socket.<init>:276\nshop.Main.main:7\nshop.Native.call",
        StackRule.stack(
            Frames.of("java.net.Socket.<init>:276", "shop.Main.main:7", "shop.Native.call")));
  }
}
