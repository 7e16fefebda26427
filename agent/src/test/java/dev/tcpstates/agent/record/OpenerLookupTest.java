// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.opener.FakeHooks;
import dev.tcpstates.agent.opener.OpenSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The opener of each socket, as the test's threads are named, by the cookie. */
class OpenerLookupTest {
  private static final int CLIENT = 5;
  private static final int LISTENER = 6;
  private static final int CHILD = 7;
  private static final int NO_LISTENER = 0;
  private static final int PORT = 8080;
  private static final String UNKNOWN = null;

  private final FakeHooks hooks = new FakeHooks();
  private final OpenerLookup openers = new OpenerLookup(hooks.sockets, new SiteDictionary());

  /** The thread that opened a socket which the kernel reports now. */
  private String thread(int socketId, int listenerId) {
    return openers.of(socketId, listenerId, PORT, System.nanoTime()).thread();
  }

  private CallSite site(String kind) {
    return hooks.sockets.sites().all().stream()
        .filter(site -> site.kind().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aClientsOpenerIsTheThreadThatConnects() throws Exception {
    long thread = hooks.connect(CLIENT, "client");
    hooks.connect(CLIENT + 1, "another");
    Opener opener = openers.of(CLIENT, NO_LISTENER, PORT, System.nanoTime());
    assertEquals("client", opener.thread());
    assertEquals(thread, opener.threadId());
    assertEquals(site("CONNECT").id(), opener.siteId());
    assertTrue(opener.by().startsWith(FakeHooks.FRAMES), opener::by);
  }

  @Test
  void anUnknownSocketSaysThatItIsUnknown() {
    assertEquals(
        new Opener("unknown: opened by no method that is hooked", null, 0, 0),
        openers.of(CLIENT, NO_LISTENER, PORT, System.nanoTime()));
  }

  @Test
  void aRecordMayComeBeforeTheHooksReport() throws Exception {
    assertEquals(UNKNOWN, thread(CLIENT, NO_LISTENER));
    assertFalse(openers.knows(CLIENT));
    hooks.connect(CLIENT, "client");
    assertEquals("client", thread(CLIENT, NO_LISTENER));
    assertTrue(openers.knows(CLIENT));
  }

  @Test
  void ofACookieThatIsReportedTwiceTheLastOpenerCounts() throws Exception {
    hooks.connect(CLIENT, "first");
    assertEquals("first", thread(CLIENT, NO_LISTENER));
    hooks.connect(CLIENT, "second");
    openers.reading(false);
    hooks.sockets.update();
    assertEquals("second", thread(CLIENT, NO_LISTENER));
    assertEquals(1, site("CONNECT").open());
  }

  @Test
  void aChildIsItsListenersUntilAcceptReturnsIt() throws Exception {
    hooks.listen(LISTENER, "server");
    assertEquals("server", thread(CHILD, LISTENER));
    long queued = System.nanoTime();
    hooks.accept(CHILD, "acceptor");
    assertEquals("acceptor", thread(CHILD, LISTENER));
    assertEquals("server", openers.of(CHILD, LISTENER, PORT, queued).thread());
  }

  @Test
  void aChildOfAnUnknownListenerIsThatOfTheThreadThatAccepts() throws Exception {
    long queued = System.nanoTime();
    assertEquals(UNKNOWN, thread(CHILD, LISTENER));
    hooks.accept(CHILD, "acceptor");
    assertEquals("acceptor", openers.of(CHILD, LISTENER, PORT, queued).thread());
  }

  @Test
  void anEndIsForgottenAtOnceUnlessResetsAreRead() throws Exception {
    hooks.connect(CLIENT, "client");
    openers.reading(false);
    openers.ended(CLIENT);
    assertEquals(UNKNOWN, thread(CLIENT, NO_LISTENER));
    assertEquals(0, site("CONNECT").open());
  }

  @Test
  void aResetAfterTheEndStillHasItsOpener() throws Exception {
    hooks.connect(CLIENT, "client");
    openers.reading(true);
    openers.ended(CLIENT);
    long ended = System.nanoTime();
    openers.reading(true);
    assertEquals("client", thread(CLIENT, NO_LISTENER));
    assertFalse(openers.knows(CLIENT));
    while (thread(CLIENT, NO_LISTENER) != UNKNOWN) {
      assertTrue(System.nanoTime() - ended < TimeUnit.SECONDS.toNanos(20), "it is kept for ever");
      Thread.sleep(1);
      openers.reading(true);
    }
    long kept = System.nanoTime() - ended;
    assertTrue(kept >= TimeUnit.MILLISECONDS.toNanos(50), "only " + kept + " ns");
  }

  /** Its children end one by one after it. */
  @Test
  void anEndedListenerIsKnownToItsChildrenForASecond() throws Exception {
    hooks.listen(LISTENER, "server");
    openers.reading(false);
    openers.ended(LISTENER);
    long ended = System.nanoTime();
    openers.reading(false);
    openers.reading(false);
    assertEquals("server", thread(CHILD, LISTENER));
    assertEquals("server", thread(LISTENER, NO_LISTENER));
    while (thread(CHILD, LISTENER) != UNKNOWN) {
      assertTrue(System.nanoTime() - ended < TimeUnit.SECONDS.toNanos(20), "it is kept for ever");
      Thread.sleep(10);
      openers.reading(false);
    }
    long kept = System.nanoTime() - ended;
    assertTrue(kept >= TimeUnit.SECONDS.toNanos(1), "only " + kept + " ns");
  }

  /** What is older than the agent may be a listener. */
  @Test
  void anAdoptedSocketIsKeptAsAListenerIs() {
    hooks.sockets.adopted(LISTENER, -1, true);
    openers.reading(false);
    openers.ended(LISTENER);
    assertEquals(
        "opened before the agent", openers.of(CHILD, LISTENER, PORT, System.nanoTime()).by());
  }

  @Test
  void anUnknownEndIsNothing() throws Exception {
    hooks.connect(CLIENT, "client");
    openers.ended(CLIENT + 1);
    assertEquals("client", thread(CLIENT, NO_LISTENER));
    assertEquals(1, site("CONNECT").open());
  }

  @Test
  void theSiteOfAnOpenerIsInTheChunkThatUsesIt() throws Exception {
    hooks.connect(CLIENT, "client");
    hooks.sockets.update();
    assertEquals(-1, site("CONNECT").chunk());
    thread(CLIENT, NO_LISTENER);
    assertNotEquals(-1, site("CONNECT").chunk());
  }

  @Test
  void aTimeThatTheKernelDoesNotKnowIsThatOfTheAdoption() throws Exception {
    hooks.connect(CLIENT, "client");
    hooks.sockets.adopted(LISTENER, -1, true);
    OpenSocket hooked = hooks.sockets.findReported(CLIENT);
    OpenSocket adopted = hooks.sockets.findReported(LISTENER);
    assertNotNull(hooked);
    long now = System.nanoTime();
    assertEquals(now - 3, OpenerLookup.known(now - 3, adopted, now), "the kernel's counts");
    assertEquals(adopted.openedAt(), OpenerLookup.known(0, adopted, now));
    assertEquals(
        adopted.openedAt() - 1,
        OpenerLookup.known(0, adopted, adopted.openedAt() - 1),
        "not later than now");
    assertEquals(now, OpenerLookup.known(0, hooked, now));
    assertEquals(now, OpenerLookup.known(0, null, now));
    assertEquals(adopted.openedAt(), openers.known(0, LISTENER, now));
    assertEquals(now, openers.known(0, CHILD, now));
  }
}
