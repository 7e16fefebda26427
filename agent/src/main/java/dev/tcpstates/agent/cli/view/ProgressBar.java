// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

/** Shows the progress of a long reading, if standard error is a terminal. */
public final class ProgressBar {
  private static final long NOT_BEFORE_NANOS = 500_000_000;
  private static final int WIDTH = 30;
  private static final String CLEAR = "\r\033[K";

  private final boolean watched;
  private final long start = System.nanoTime();
  private boolean shown;

  public ProgressBar(Terminal terminal) {
    watched = terminal.isWatched();
  }

  public void show(long done, long of) {
    if (!watched || done >= of || System.nanoTime() - start < NOT_BEFORE_NANOS) {
      return;
    }
    shown = true;
    int full = (int) (WIDTH * done / of);
    System.err.printf(
        "%s[%s%s] %d%% of %d MB", // kept on its line by the next one
        CLEAR, "#".repeat(full), "-".repeat(WIDTH - full), 100 * done / of, of >> 20);
    System.err.flush();
  }

  public void clear() {
    if (shown) {
      System.err.print(CLEAR);
      System.err.flush();
      shown = false;
    }
  }
}
