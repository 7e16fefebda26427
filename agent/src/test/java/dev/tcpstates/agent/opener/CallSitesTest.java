// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.boot.SocketListener;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Stacks without end. */
class CallSitesTest {
  private static final int LEVELS = 18;

  private final OpenSockets sockets =
      new OpenSockets(1024, new StackRule(List.of(), List.of()), fd -> fd, (id, site, fd) -> null);

  /** The stack's lines are the number's bits. */
  private void open(int number, int kind, int levels) {
    if (levels == 0) {
      sockets.opened(number, kind);
    } else if ((number >> levels & 1) == 0) {
      open(number, kind, levels - 1);
    } else {
      open(number, kind, levels - 1);
    }
  }

  /** Each with a stack of its own, for the lowest bit does not count. */
  private void openDistinct(int first, int last, int kind) {
    for (int number = first; number <= last; number += 2) {
      open(number, kind, LEVELS);
    }
    sockets.update();
  }

  @Test
  void furtherStacksShareACallSitePerKind() {
    int each = 20_000;
    openDistinct(2, 2 * each, SocketListener.CONNECT);
    openDistinct(2 * each + 2, 4 * each, SocketListener.ACCEPT);
    Collection<CallSite> all = sockets.sites().all();
    assertTrue(all.size() <= CallSites.MOST + 2, () -> all.size() + " call sites");
    assertTrue(all.size() > 1_000, () -> all.size() + " call sites");
    assertTrue(all.stream().mapToLong(site -> site.stack().length()).sum() <= CallSites.MOST_BYTES);

    assertEquals(2 * each, all.stream().mapToInt(CallSite::opened).sum());
    List<CallSite> others =
        all.stream().filter(site -> site.openedBy().equals(CallSites.OTHERS)).toList();
    assertEquals(
        Set.of("CONNECT", "ACCEPT"),
        others.stream().map(CallSite::kind).collect(Collectors.toSet()));
    assertEquals(2, others.size());
    CallSite accepted = others.get(others.get(0).kind().equals("ACCEPT") ? 0 : 1);
    assertEquals(each, accepted.opened());
    assertEquals("", accepted.stack());
  }

  @Test
  void onceTheyAreForgottenStacksAreKnownAgain() {
    openDistinct(2, 60_000, SocketListener.CONNECT);
    for (int number = 2; number <= 60_000; number += 2) {
      sockets.ended(number);
    }
    sockets.sites().trim(-1);
    sockets.sites().trim(-1);
    assertEquals(0, sockets.sites().all().size());
    openDistinct(2, 20, SocketListener.CONNECT);
    Collection<CallSite> all = sockets.sites().all();
    assertEquals(10, all.size());
    assertTrue(all.stream().noneMatch(site -> site.openedBy().equals(CallSites.OTHERS)));
  }

  @Test
  void whatAChunkNamesIsKeptForIt() {
    openDistinct(2, 4_000, SocketListener.CONNECT);
    CallSite named = sockets.findReported(2).site();
    named.markIn(7);
    for (int number = 2; number <= 4_000; number += 2) {
      sockets.ended(number);
    }
    sockets.sites().trim(7);
    sockets.sites().trim(7);
    assertEquals(List.of(named), List.copyOf(sockets.sites().all()));
    for (int number = 2; number <= 4_000; number += 2) {
      open(number, SocketListener.CONNECT, LEVELS);
      sockets.ended(number);
    }
    sockets.sites().trim(8);
    sockets.sites().trim(8);
    assertEquals(0, sockets.sites().all().size());
  }
}
