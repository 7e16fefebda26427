// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.List;
import java.util.Locale;

/** How long a run takes its time. */
enum Scale {
  /** About a minute: whether the instrument works, not what it measures. */
  SMOKE,
  /** A few rounds, meant to take less than three minutes. */
  QUICK,
  /** Many rounds, meant to take less than twenty minutes. */
  FULL;

  private <T> T of(T smoke, T quick, T full) {
    return List.of(smoke, quick, full).get(ordinal());
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Of connections. */
  List<Variant> variants() {
    List<Variant> all = List.of(Variant.NONE, Variant.JFR, Variant.OFF, Variant.ON, Variant.BCC);
    return of(List.of(Variant.NONE, Variant.ON), all, all);
  }

  /** Connections before each measurement. */
  int warmUp() {
    return of(300, 8_000, 20_000);
  }

  /** Connections in each measurement. */
  int connections() {
    return of(1_000, 15_000, 50_000);
  }

  /** Rounds of connections with blocking sockets. */
  int blockingRounds() {
    return of(1, 2, 5);
  }

  /** Rounds of connections with selectors and virtual threads. */
  int otherRounds() {
    return of(1, 1, 3);
  }

  int kernelRounds() {
    return of(1, 1, 4);
  }

  /** The time of full churn is cut into slices, for the reader's cost to have a spread. */
  int readerSlices() {
    return of(1, 2, 6);
  }

  /** Of each slice. */
  int readerSeconds() {
    return of(1, 3, 10);
  }

  /** Of requests. */
  List<Variant> httpVariants() {
    return of(variants(), List.of(Variant.NONE, Variant.OFF, Variant.ON), variants());
  }

  int httpRounds() {
    return of(1, 1, 3);
  }

  /** Of wrk before each measurement: the server's code is to be compiled by then. */
  int httpWarmUpSeconds() {
    return of(0, 2, 4);
  }

  /** Of each measurement with wrk. */
  int httpSeconds() {
    return of(1, 2, 4);
  }

  int startRounds() {
    return of(2, 3, 10);
  }

  /** Rounds of start-up under OpenTelemetry, which takes seconds. */
  int slowStartRounds() {
    return of(1, 1, 4);
  }

  /** Whether start-up is measured on each JDK of the machine. */
  boolean allJdks() {
    return of(false, false, true);
  }

  int sizeRounds() {
    return of(1, 1, 3);
  }

  /** Connections in the smaller of two recordings. */
  int sizeConnections() {
    return of(1_000, 3_000, 10_000);
  }

  /** Before an idle JVM is looked at. */
  int settleMillis() {
    return of(100, 1_000, 2_000);
  }

  /** Open sockets, for the heap that each takes. */
  int held() {
    return of(10_000, 10_000, 10_000);
  }

  int growthRounds() {
    return of(1, 1, 2);
  }

  /** Sockets that are open while others come and go. */
  List<Integer> open() {
    return of(List.of(10, 700), List.of(10, 10_000), List.of(10, 1_000, 50_000));
  }

  /** Places in the code that open sockets. */
  List<Integer> sites() {
    return of(List.of(50), List.of(1, 1_000), List.of(1, 1_000));
  }

  /** Threads that open sockets. */
  List<Integer> threads() {
    return of(List.of(8), List.of(1, 200), List.of(1, 10, 50, 200));
  }

  /** Connections in the recording that is read: at the full scale, a million events. */
  int readConnections() {
    return of(1_000, 20_000, 75_000);
  }

  int readRounds() {
    return of(1, 1, 5);
  }

  /** The arguments of JMH; none for no JMH. */
  List<String> jmh() {
    List<String> smoke = List.of("-wi", "0", "-i", "2", "-r", "50ms", "-p", "open=10");
    List<String> full = List.of("-wi", "3", "-w", "1s", "-i", "4", "-r", "1s");
    return of(smoke, List.of(), full);
  }
}
