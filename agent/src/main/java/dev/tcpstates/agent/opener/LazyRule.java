// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.List;
import java.util.function.Supplier;

/**
 * The rule for this JVM, which takes 10 ms and is made when it is first asked for: by the agent's
 * start, or by an application's thread that starts another one before that. Thread-safe.
 */
public final class LazyRule implements Supplier<StackRule> {
  private final List<String> appPackages;
  private final List<String> skipPackages;
  private volatile StackRule rule;

  /** See {@link StackRule#ofThisJvm}. */
  public LazyRule(List<String> appPackages, List<String> skipPackages) {
    this.appPackages = appPackages;
    this.skipPackages = skipPackages;
  }

  @Override
  public StackRule get() {
    StackRule made = rule;
    return made != null ? made : make();
  }

  /** With the agent's permissions, whoever asks. */
  @SuppressWarnings("removal")
  private synchronized StackRule make() {
    if (rule == null) {
      rule =
          AccessController.doPrivileged(
              (PrivilegedAction<StackRule>) () -> StackRule.ofThisJvm(appPackages, skipPackages));
    }
    return rule;
  }
}
