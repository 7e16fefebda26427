// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StackRuleTest {
  private static String openedBy(String... frames) {
    return StackRule.openedBy(Frames.of(frames));
  }

  @Test
  void theApplicationsFramesComeFirst() {
    assertEquals(
        "shop.Client.fetch:42 < shop.Main.main:7",
        openedBy(
            "sun.nio.ch.Net.socket:485",
            "java.net.Socket.<init>:276",
            "shop.Client.fetch:42",
            "java.util.ArrayList.forEach:1511",
            "shop.Main.main:7"));
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
    assertEquals(
        "java.lang.Thread.run:840 < io.netty.channel.nio.NioEventLoop.run:562",
        openedBy(
            "sun.nio.ch.Net.socket:485",
            "java.lang.Thread.run:840",
            "io.netty.channel.nio.NioEventLoop.run:562"));
  }

  @Test
  void onlyTheJdkShowsItsPublicSide() {
    assertEquals(
        "java.net.Socket.connect:633",
        openedBy(
            "sun.nio.ch.Net.socket:485",
            "java.net.Socket.connect:633",
            "sun.net.www.http.HttpClient.parse:1"));
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
