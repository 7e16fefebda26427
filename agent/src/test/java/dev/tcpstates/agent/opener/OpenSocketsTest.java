// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.boot.SocketListener;
import java.io.FileDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The registry with descriptors of the test's own: descriptor -1 (a fresh FileDescriptor's) is
 * whatever socket the test says it is.
 */
class OpenSocketsTest {
  private static final int THIS = -1;

  private final Map<Integer, Long> descriptors = new HashMap<>();
  private final List<Long> observed = new ArrayList<>();
  private final OpenSockets sockets =
      new OpenSockets(
          64,
          new StackRule(List.of(), List.of()),
          fd -> descriptors.getOrDefault(fd, 0L),
          (socketId, site, fd) -> {
            observed.add(socketId);
            return null;
          });

  private OpenSocket open(long socketId) {
    descriptors.put(THIS, socketId);
    sockets.opened(new FileDescriptor(), SocketListener.CONNECT);
    return sockets.findReported(socketId);
  }

  @Test
  void theOpenerIsKnownUntilTheSocketEnds() {
    OpenSocket socket = open(5);
    assertEquals(List.of(5L), observed);
    assertEquals(Thread.currentThread().getName(), socket.threadName());
    assertEquals("CONNECT", socket.site().kind());
    assertEquals(1, socket.site().open());
    sockets.ended(5);
    assertNull(sockets.findReported(5));
    assertEquals(0, socket.site().open());
    assertEquals(1, socket.site().opened());
    sockets.ended(5);
    assertEquals(0, socket.site().open());
  }

  /** The reader takes over both at once. */
  @Test
  void ofTwoThatTellOfOneSocketTheLastIsRight() {
    descriptors.put(THIS, 5L);
    sockets.opened(new FileDescriptor(), SocketListener.CONNECT);
    sockets.opened(new FileDescriptor(), SocketListener.LISTEN);
    OpenSocket socket = sockets.findReported(5);
    assertEquals("LISTEN", socket.site().kind());
    assertEquals(1, sockets.size());
    assertEquals(
        Map.of("CONNECT", 0, "LISTEN", 1),
        sockets.sites().all().stream().collect(Collectors.toMap(CallSite::kind, CallSite::open)));
  }

  @Test
  void anAdoptedSocketIsAskedForOnceItsDescriptorIsGone() {
    sockets.adopted(7, 3, true);
    sockets.adopted(8, 4, false);
    assertEquals("ADOPTED", sockets.findReported(7).site().kind());
    descriptors.put(3, 7L);
    descriptors.put(4, 8L);
    assertEquals(Set.of(), sockets.withoutDescriptor(true));

    descriptors.clear();
    // Nothing would report the end of a socket that was not used.
    assertEquals(Set.of(8L), sockets.withoutDescriptor(false));
    assertEquals(Set.of(7L, 8L), sockets.withoutDescriptor(true));
    assertEquals(2, sockets.size());
  }

  @Test
  void aSocketThatIsKnownIsNotAdopted() {
    OpenSocket socket = open(5);
    sockets.adopted(5, THIS, true);
    assertSame(socket, sockets.findReported(5));
    assertEquals(1, socket.site().open());
  }

  @Test
  void aDescriptorThatIsNoSocketIsNoSocket() {
    sockets.opened(new FileDescriptor(), SocketListener.CONNECT);
    sockets.update();
    assertEquals(0, sockets.size());
    assertEquals(List.of(), observed);
  }

  private OpenSocket one() {
    return open(1);
  }

  private OpenSocket two() {
    return open(2);
  }

  @Test
  void sitesAreSharedByStackAndToldApart() {
    List<CallSite> first = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      first.add(one().site());
      sockets.ended(1);
    }
    assertSame(first.get(0), first.get(1));
    assertSame(first.get(0), first.get(2));
    assertEquals(3, first.get(0).opened());
    // Another method with the same shape: the same bytecode index, another name.
    assertNotSame(first.get(0), two().site());
  }

  @Test
  void aSocketClosedBeforeItsFirstUseIsAskedFor() {
    descriptors.put(THIS, 9L);
    sockets.opened(new FileDescriptor(), SocketListener.CONNECT);
    assertEquals(Set.of(), sockets.withoutDescriptor(false), "still open");
    descriptors.put(THIS, 10L); // closed, and another has its descriptor
    assertEquals(Set.of(9L), sockets.withoutDescriptor(false));
    sockets.ended(9);
    assertEquals(Set.of(), sockets.withoutDescriptor(true));
    assertEquals(0, sockets.sites().all().iterator().next().open());
  }

  @Test
  void aSocketTheKernelSpokeOfIsAskedForOnlyIfRecordsWereLost() {
    open(9);
    descriptors.clear(); // closed by the application, lingering in the kernel
    assertEquals(Set.of(), sockets.withoutDescriptor(false));
    assertEquals(Set.of(9L), sockets.withoutDescriptor(true));
  }

  /** The kernel reports a socket only after the hook has returned. */
  @Test
  void whatManyThreadsOpenIsKnownAtOnce() throws Exception {
    OpenSockets shared =
        new OpenSockets(64, new StackRule(List.of(), List.of()), fd -> fd, (id, site, fd) -> null);
    int threads = 4;
    int each = 20_000;
    BlockingQueue<Integer> opened = new LinkedBlockingQueue<>();
    for (int t = 0; t < threads; t++) {
      int first = 1 + t * each;
      new Thread(
              () -> {
                for (int fd = first; fd < first + each; fd++) {
                  shared.opened(fd, SocketListener.CONNECT);
                  opened.add(fd);
                }
              },
              "opens from " + first)
          .start();
    }
    for (int i = 0; i < threads * each; i++) {
      int fd = opened.take();
      OpenSocket socket = shared.findReported(fd);
      assertNotNull(socket, () -> fd + " is not known");
      assertEquals("opens from " + (1 + (fd - 1) / each * each), socket.threadName());
      if (fd % 10 != 0) {
        assertSame(socket, shared.ended(fd));
      }
    }
    assertEquals(threads * each / 10, shared.size());
  }

  @Test
  void manySitesWithoutSocketsAreForgotten() {
    for (int i = 0; i < 3_000; i++) {
      deep(i % 1_500, i);
      sockets.ended(i);
    }
    CallSite kept = open(7).site();
    sockets.sites().trim(-1);
    assertTrue(sockets.sites().all().size() > 1_000, "those of this moment");
    sockets.sites().trim(-1);
    assertEquals(List.of(kept), List.copyOf(sockets.sites().all()));
  }

  /** Stacks that differ: in depth, by two recursive calls on different lines. */
  private void deep(int path, long socketId) {
    if (path == 0) {
      open(socketId);
    } else if (path % 2 == 0) {
      deep(path / 2, socketId);
    } else {
      deep(path / 2, socketId);
    }
  }

  /** An application's own kind of thread. */
  private static final class OddThread extends Thread {
    private final boolean fails;

    OddThread(Runnable work, String name, boolean fails) {
      super(work, name);
      this.fails = fails;
    }

    @Override
    public long getId() {
      if (fails) {
        throw new UnsupportedOperationException();
      }
      return 1_000_000_000_000L;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aThreadsOwnWordOnItsNumberIsNotAskedFor(boolean fails) throws Exception {
    List<OpenSocket> opened = new ArrayList<>();
    long before = new Thread().getId();
    Thread thread = new OddThread(() -> opened.add(open(5)), "odd", fails);
    long after = new Thread().getId();
    thread.start();
    thread.join();
    // The JVM counts its threads. JMX itself believes the application.
    long id = opened.get(0).threadId();
    assertTrue(before < id && id < after, () -> before + " < " + id + " < " + after);
  }

  /** Only of virtual threads is it usual to have no name. */
  @Test
  void aPlatformThreadMayHaveAnEmptyName() throws Exception {
    List<OpenSocket> opened = new ArrayList<>();
    Thread thread = new Thread(() -> opened.add(open(5)), "");
    thread.start();
    thread.join();
    assertEquals("", opened.get(0).threadName());
  }
}
