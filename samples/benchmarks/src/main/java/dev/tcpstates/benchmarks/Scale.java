// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.List;
import java.util.Locale;

/** How much a run measures; each section says what that means for it. */
enum Scale {
  /** About a minute: whether the instrument works, not what it measures. */
  SMOKE,
  /** A few rounds. */
  QUICK,
  /** Many rounds. */
  FULL;

  <T> T of(T smoke, T quick, T full) {
    return List.of(smoke, quick, full).get(ordinal());
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The variants that a connection and a request are measured with. */
  List<Variant> variants() {
    return this == SMOKE
        ? List.of(Variant.NONE, Variant.ON)
        : List.of(Variant.NONE, Variant.JFR, Variant.OFF, Variant.ON, Variant.BCC);
  }

  /** Connections before each measurement. */
  int warmUp() {
    return of(300, 8_000, 20_000);
  }

  /** The same where the compilers must have little left to do. */
  int longWarmUp() {
    return of(300, 40_000, 100_000);
  }

  /** Connections in each measurement. */
  int connections() {
    return of(1_000, 15_000, 50_000);
  }
}
