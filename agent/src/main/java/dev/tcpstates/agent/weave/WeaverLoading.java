// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads what weaves, by weaving a class that nobody uses, while the start does something else: some
 * forty classes, which take a tenth of what an empty {@code main} waits for. It ends before {@code
 * main} starts. If it fails, so does the weaving itself, which says so.
 */
public final class WeaverLoading extends Thread {
  private WeaverLoading() {
    super("tcpstates weaver");
    setDaemon(true);
  }

  /** Starts it. */
  public static WeaverLoading begin() {
    WeaverLoading loading = new WeaverLoading();
    loading.start();
    return loading;
  }

  @Override
  public void run() {
    Hook hook =
        new Hook("", "isIn", "isIn", "(", Hook.Place.START, "", "", "()V", false, List.of());
    try (InputStream classFile = Hook.class.getResourceAsStream("Hook.class")) {
      HookWeaver.weave(classFile.readAllBytes(), List.of(hook), new ArrayList<>());
    } catch (Throwable t) {
      // See above.
    }
  }
}
