// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OpenedByTest {
  private static final String OWN = "com.shop.Client.ask:12 < com.shop.Main.main:7";
  private static final String STARTED =
      "okhttp3.internal.connection.ConnectPlan.connectSocket:160"
          + " < okhttp3.internal.concurrent.TaskRunner.run:70"
          + " < thread started by com.shop.Orders.<init>:11";
  private static final String UNKNOWN =
      "okhttp3.internal.connection.ConnectPlan.connectSocket:160 < thread started by unknown code";
  private static final String ACCEPTED =
      "accepted at port 8080 < com.shop.Upload.start:22 < com.shop.Main.main:7";
  private static final String THREAD = "OkHttp connect http://shop";

  @Test
  void lineIsTheFirstFrameAndWhatStartedTheThreadOfALibrary() {
    assertEquals("com.shop.Client.ask:12", OpenedBy.line(OWN));
    assertEquals(
        "okhttp3.internal.connection.ConnectPlan.connectSocket:160"
            + " < thread started by com.shop.Orders.<init>:11",
        OpenedBy.line(STARTED));
    assertEquals(UNKNOWN, OpenedBy.line(UNKNOWN));
    assertEquals("accepted at port 8080 < com.shop.Upload.start:22", OpenedBy.line(ACCEPTED));
    assertEquals(
        "accepted at port 1 < a.B.c:1 < thread started by com.shop.Main.main:2",
        OpenedBy.line(
            "accepted at port 1 < a.B.c:1 < a.B.d:2 < thread started by com.shop.Main.main:2"));
    assertEquals("opened before the agent", OpenedBy.line("opened before the agent"));
    assertEquals(OpenedBy.line(STARTED), OpenedBy.line(OpenedBy.line(STARTED)));
    assertEquals(OpenedBy.line(ACCEPTED), OpenedBy.line(OpenedBy.line(ACCEPTED)));
  }

  @Test
  void theThreadIsNamedWhereNoFrameIsTheApplications() {
    assertTrue(OpenedBy.isApplication(OWN));
    assertTrue(OpenedBy.isApplication(ACCEPTED));
    assertFalse(OpenedBy.isApplication(STARTED));
    assertFalse(OpenedBy.isApplication(UNKNOWN));
    assertEquals(OWN, OpenedBy.withThread(OWN, "main"));
    assertEquals(STARTED + ", in \"" + THREAD + "\"", OpenedBy.withThread(STARTED, THREAD));
    assertEquals(
        "okhttp3.internal.connection.ConnectPlan.connectSocket:160, in \"" + THREAD + "\"",
        OpenedBy.withThread(UNKNOWN, THREAD));
    assertEquals(STARTED, OpenedBy.withThread(STARTED, null));
    assertNull(OpenedBy.withThread(null, THREAD));
  }

  @Test
  void shortOnesStayAsTheyAre() {
    assertEquals(OWN, OpenedBy.shorten(OWN, OWN.length()));
    assertEquals("c.s.Client.ask:12 < c.s.Main.main:7", OpenedBy.shorten(OWN, 40));
    assertEquals("c.s.Client.ask:12", OpenedBy.shorten(OWN, 30));
    assertEquals("...ent.ask:12", OpenedBy.shorten(OWN, 13));
    assertEquals("opened befo...", OpenedBy.shorten("opened before the agent", 14));
  }

  /** The application's line is worth most, then the thread, then the library. */
  @Test
  void whatStartedTheThreadIsDroppedLast() {
    String all = OpenedBy.withThread(STARTED, THREAD);
    assertEquals(
        "o.i.c.ConnectPlan.connectSocket:160 < o.i.c.TaskRunner.run:70"
            + " < thread started by c.s.Orders.<init>:11, in \"OkHttp connect http://shop\"",
        OpenedBy.shorten(all, 140));
    assertEquals(
        "o.i.c.ConnectPlan.connectSocket:160 < thread started by c.s.Orders.<init>:11"
            + ", in \"OkHttp connect http://shop\"",
        OpenedBy.shorten(all, 110));
    assertEquals(
        "o.i.c.ConnectPlan.connectSocket:160 < o.i.c.TaskRunner.run:70"
            + " < thread started by c.s.Orders.<init>:11",
        OpenedBy.shorten(STARTED, 110));
    assertEquals(
        "o.i.c.ConnectPlan.connectSocket:160 < thread started by c.s.Orders.<init>:11",
        OpenedBy.shorten(all, 80));
    assertEquals("thread started by c.s.Orders.<init>:11", OpenedBy.shorten(all, 50));
    assertEquals("...s.Orders.<init>:11", OpenedBy.shorten(all, 21));
    assertEquals("o.i.c.ConnectPlan.connectSocket:160", OpenedBy.shorten(UNKNOWN, 40));
    assertEquals(
        "o.i.c.ConnectPlan.connectSocket:160, in \"OkHttp connect http://shop\"",
        OpenedBy.shorten(OpenedBy.withThread(UNKNOWN, THREAD), 70));
  }

  @Test
  void ofAnAcceptedSocketTheListenersLineStays() {
    assertEquals("accepted at port 8080 < c.s.Upload.start:22", OpenedBy.shorten(ACCEPTED, 50));
  }

  @Test
  void theSubmitterOfATaskIsLikeTheStarterOfAThread() {
    String submitted = STARTED.replace("thread started by", "submitted by");
    assertFalse(OpenedBy.isApplication(submitted));
    assertEquals(
        OpenedBy.line(STARTED).replace("thread started by", "submitted by"),
        OpenedBy.line(submitted));
    assertEquals(submitted + ", in \"" + THREAD + "\"", OpenedBy.withThread(submitted, THREAD));
    assertEquals("submitted by c.s.Orders.<init>:11", OpenedBy.shorten(submitted, 40));
    assertTrue(OpenedBy.isMark("submitted by"));
    assertFalse(OpenedBy.isMark("a.B.submitted"));
  }
}
