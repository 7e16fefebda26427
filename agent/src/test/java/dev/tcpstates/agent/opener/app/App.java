// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener.app;

/** Stands for the application: a package of its own, which a test's rule can name. */
public final class App {
  private App() {}

  public static void start(Runnable work) {
    work.run();
  }

  public static void startElsewhere(Runnable work) {
    work.run();
  }
}
