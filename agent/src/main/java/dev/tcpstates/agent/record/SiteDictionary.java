// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.opener.CallSites;

/**
 * Makes each chunk contain an {@code OpenSite} event for each site number that it uses: a site is
 * emitted at its first use in a chunk, and again, with its counts, at chunk start and end.
 * Thread-safe.
 *
 * <p>Between a chunk's end and the next one's start, an event may fall into either. So both count
 * as the start of a new chunk here, and each emits what was used since the one before.
 */
public final class SiteDictionary {
  private volatile long chunk;

  /** A site's number is about to be written into the recording. */
  public void used(CallSite site) {
    long now = chunk;
    if (site.chunk() != now) {
      site.markIn(now);
      write(site);
    }
  }

  /** A chunk ends or begins. */
  public void edge(CallSites sites) {
    long before = chunk;
    chunk = before + 1;
    for (CallSite site : sites.all()) {
      if (site.chunk() == before || site.open() > 0) {
        write(site);
      }
    }
    sites.trim(chunk);
  }

  /** Forgets call sites that nothing refers to any more; to be called now and then. */
  public void trim(CallSites sites) {
    // Without OpenSite events, nobody looks up the numbers in a chunk, and no chunk ends here.
    boolean used = EventRegistration.isDone() && new dev.tcpstates.jfr.event.OpenSite().isEnabled();
    sites.trim(used ? chunk : -1);
  }

  private static void write(CallSite site) {
    dev.tcpstates.jfr.event.OpenSite event = new dev.tcpstates.jfr.event.OpenSite();
    if (event.isEnabled()) {
      event.openSiteId = site.id();
      event.kind = site.kind();
      event.openedBy = site.openedBy();
      event.stack = site.stack();
      event.opened = site.opened();
      event.open = site.open();
      event.commit();
    }
  }
}
