// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.boot.SocketListener;
import dev.tcpstates.agent.opener.app.App;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Sockets of threads, some of which the application has started. */
class ThreadStartsTest {
  private static final StackRule RULE =
      new StackRule(List.of(App.class.getPackageName()), List.of());

  private final ThreadStarts starts = new ThreadStarts(64, RULE);
  private final CallSites sites = new CallSites(64, RULE, starts);

  private void start(Thread thread) {
    starts.accept(thread);
    thread.start();
  }

  /** Opens a socket in a thread that is started so. */
  private CallSite opened(Consumer<Thread> start) throws InterruptedException {
    AtomicReference<CallSite> site = new AtomicReference<>();
    Thread thread = new Thread(() -> site.set(sites.here(SocketListener.CONNECT)));
    start.accept(thread);
    thread.join();
    return site.get();
  }

  private static String withoutLines(String text) {
    return text.replaceAll(":\\d+", "");
  }

  private static String startedBy(String method) {
    return "thread started by " + App.class.getName() + "." + method;
  }

  @Test
  void theStarterIsShown() throws InterruptedException {
    CallSite site = opened(thread -> App.start(() -> start(thread)));
    assertTrue(site.openedBy().matches(".+ < thread started by .+\\.start:\\d+"), site.openedBy());
    assertTrue(withoutLines(site.openedBy()).endsWith(" < " + startedBy("start")), site.openedBy());
    List<String> stack = site.stack().lines().toList();
    int mark = stack.indexOf("thread started by");
    assertEquals("java.lang.Thread.run", withoutLines(stack.get(mark - 1)));
    assertEquals(getClass().getName() + ".start", withoutLines(stack.get(mark + 1)));
    assertEquals("CONNECT", site.kind());
  }

  @Test
  void sitesAreToldApartByTheStarter() throws InterruptedException {
    List<CallSite> found = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      found.add(opened(thread -> App.start(() -> start(thread))));
    }
    CallSite other = opened(thread -> App.startElsewhere(() -> start(thread)));
    assertSame(found.get(0), found.get(1));
    assertNotSame(found.get(0), other);
    assertTrue(
        withoutLines(other.openedBy()).endsWith(" < " + startedBy("startElsewhere")),
        other.openedBy());
  }

  /** The application starts a thread of a library, which starts another. */
  @Test
  void theStarterOfTheStarterIsShownWhereThatIsTheApplication() throws Exception {
    AtomicReference<CallSite> site = new AtomicReference<>();
    Thread outer =
        new Thread(
            () -> {
              try {
                site.set(opened(this::start));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    App.start(() -> start(outer));
    outer.join();
    assertTrue(
        withoutLines(site.get().openedBy()).endsWith(" < " + startedBy("start")),
        site.get().openedBy());
    assertEquals(2, site.get().stack().lines().filter("thread started by"::equals).count());
  }

  @Test
  void anUnknownStarterIsSaid() throws InterruptedException {
    CallSite site = opened(Thread::start);
    assertTrue(site.openedBy().endsWith(" < thread started by unknown code"), site.openedBy());
    assertTrue(!site.stack().contains("thread started by"), site.stack());
  }

  @Test
  void anApplicationsSiteIsTheSameInAllThreads() {
    StackRule all = new StackRule(List.of(), List.of(), frame -> Origin.APPLICATION, null);
    CallSites plain = new CallSites(64, all, new ThreadStarts(64, all));
    CallSite site = plain.here(SocketListener.LISTEN);
    assertTrue(!site.openedBy().contains("thread started"), site.openedBy());
  }

  @Test
  void onlySitesThatOpenedSocketsAreListed() throws InterruptedException {
    CallSite site = opened(thread -> App.start(() -> start(thread)));
    assertEquals(List.of(), List.copyOf(sites.all()));
    site.socketOpened();
    assertEquals(Set.of(site), Set.copyOf(sites.all()));
  }

  @Test
  void aThreadOfAPoolHasTheOneThatStartedIt() throws Exception {
    var pool =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task);
              starts.accept(thread);
              return thread;
            });
    ThreadStart start = pool.submit(starts::ofThisThread).get();
    assertTrue(start.stack().contains("ThreadPoolExecutor.addWorker"), start.stack());
    pool.shutdown();
    assertNull(starts.ofThisThread(), "of the thread of the test");
  }

  private static List<CallSite> openOnes(CallSites sites) {
    return sites.all().stream().filter(site -> site.open() > 0).toList();
  }

  /** A library accepts: what counts is where the listener was opened. */
  @Test
  void anAcceptedSocketHasThePortAndTheOpenerOfItsListener() throws InterruptedException {
    AtomicReference<OpenSockets> sockets = new AtomicReference<>();
    sockets.set(new OpenSockets(64, RULE, starts, fd -> fd, (id, site, fd) -> null));
    App.start(() -> sockets.get().opened(1, SocketListener.LISTEN));
    Thread acceptor =
        new Thread(
            () -> {
              for (int fd = 2; fd <= 4; fd++) {
                sockets.get().opened(fd, SocketListener.ACCEPT);
              }
            });
    start(acceptor);
    acceptor.join();
    OpenSocket listener = sockets.get().findReported(1);
    OpenSocket first = sockets.get().findReported(2);
    CallSite acceptors = first.site();
    assertTrue(first.isAcceptedByLibrary());
    assertEquals(3, acceptors.open());

    sockets.get().acceptedAt(first, 8080, listener);
    sockets.get().acceptedAt(sockets.get().findReported(3), 8080, listener);
    OpenSocket unknown = sockets.get().findReported(4);
    sockets.get().acceptedAt(unknown, 9090, null);

    assertFalse(first.isAcceptedByLibrary());
    assertEquals("ACCEPT", first.site().kind());
    assertEquals(
        "accepted at port 8080 < " + App.class.getName() + ".start",
        withoutLines(first.site().openedBy()));
    assertEquals(acceptors.stack(), first.site().stack());
    assertSame(first.site(), sockets.get().findReported(3).site());
    assertTrue(
        unknown.site().openedBy().startsWith("accepted at port 9090 < ")
            && unknown.site().openedBy().contains(" < thread started by "),
        unknown.site().openedBy());
    assertEquals(0, acceptors.opened());
    assertEquals(2, first.site().open());
    sockets.get().ended(2);
    sockets.get().ended(3);
    assertEquals(0, first.site().open());
    assertEquals(2, first.site().opened());
    assertEquals(
        Set.of(listener.site(), unknown.site()), Set.copyOf(openOnes(sockets.get().sites())));
  }

  @Test
  void anAcceptedSocketOfAnOldListenerKeepsItsOwnPlace() {
    OpenSockets sockets = new OpenSockets(64, RULE, starts, fd -> fd, (id, site, fd) -> null);
    sockets.adopted(1, 1, true);
    sockets.opened(2, SocketListener.ACCEPT);
    OpenSocket socket = sockets.findReported(2);
    String before = socket.site().openedBy();
    sockets.acceptedAt(socket, 80, sockets.findReported(1));
    String first = before.split(" < ")[0];
    assertTrue(
        socket.site().openedBy().startsWith("accepted at port 80 < " + first),
        socket.site().openedBy());
  }
}
