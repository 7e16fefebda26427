// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.opener.CallSites;

/**
 * Sees to it that each chunk of a recording explains the site numbers used in it: a site is written
 * when it is first used in a chunk, and again, with its counts, at the chunk's edges. Thread-safe.
 *
 * <p>A chunk has two edges here, its end and the next one's begin, and between them nobody can tell
 * which of the two an event falls into. So each edge counts as a new chunk, and what was used since
 * the edge before is written at it.
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
    sites.trim();
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
