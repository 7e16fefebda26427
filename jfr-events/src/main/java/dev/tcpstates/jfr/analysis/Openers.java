// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketEvent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the opener of a socket. The same call site may have several numbers in a recording, because
 * the agent forgets call sites that have no open socket; here it is one object.
 */
final class Openers {
  /** How many numbers are kept; their openers are shared. */
  private static final int NUMBERS = 65_536;

  private final Map<Opener, Opener> known = new HashMap<>();

  /** The call sites of one JVM by number. */
  static final class Numbers extends LinkedHashMap<Long, Opener> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Opener> eldest) {
      return size() > NUMBERS;
    }
  }

  void add(Numbers numbers, OpenSiteInfo site) {
    numbers.put(
        site.openSiteId(), shared(new Opener(site.kind(), text(site.openedBy()), site.stack())));
  }

  /** Never null. */
  Opener of(Numbers numbers, SocketEvent event) {
    Opener opener = event.openSiteId() == 0 ? null : numbers.get(event.openSiteId());
    if (opener != null) {
      return opener;
    }
    return event.openedBy() == null
        ? Opener.UNKNOWN
        : shared(new Opener(null, event.openedBy(), List.of()));
  }

  private Opener shared(Opener opener) {
    Opener before = known.putIfAbsent(opener, opener);
    return before == null ? opener : before;
  }

  private static String text(String openedBy) {
    return openedBy == null ? Opener.UNKNOWN.openedBy() : openedBy;
  }
}
