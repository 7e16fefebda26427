// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.nio.file.Path;

/** A real browser, which shows nothing. */
final class Browser {
  private static final String CHROMIUM = "chromium";

  private Browser() {}

  static void require() {
    KernelTier.requireTools(CHROMIUM);
  }

  /**
   * Returns the elements of a page after its scripts have run.
   *
   * @param fragment what follows the page's address, such as {@code #top}
   * @param directory for the browser's own files
   */
  static String elements(Path page, String fragment, Path directory) throws Exception {
    return Tool.run(
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1200,800",
            "--user-data-dir=" + directory.resolve("profile"),
            "--virtual-time-budget=3000",
            "--dump-dom",
            page.toUri() + fragment)
        .ok()
        .out();
  }
}
